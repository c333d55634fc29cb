/** Given what a handler, a plugin or a raw response sends by itself, then all that holds of a thrown error holds of it. */
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import bearerAuth from '@fastify/bearer-auth'
import circuitBreaker from '@fastify/circuit-breaker'
import compress from '@fastify/compress'
import t from 'tap'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { serverOptions } from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels, meanings } from '../../support/app.js'
import { listening, transports } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const key = 'sk-abcdef1234567890abcdef'
const long = 'x '.repeat(5000)

t.test('a body of the contract’s shape is cleaned, redacted and cut as a thrown message is', async t => {
  const shapes: Readonly<Record<string, (reply: FastifyReply, body: object) => unknown>> = {
    object: (reply, body) => reply.send(body),
    text: (reply, body) => reply.type('application/json').send(JSON.stringify(body)),
    buffer: (reply, body) => reply.send(Buffer.from(JSON.stringify(body))),
    raw: (reply, body) => { reply.hijack().raw.writeHead(reply.statusCode).end(JSON.stringify(body)) }
  }
  const messages: ReadonlyArray<readonly [message: string, shown: string]> = [
    [`Incorrect API key provided: ${key}.`, 'Incorrect API key provided: [redacted].'],
    ['It\u0000 is\nbroken.', 'It is broken.'],
    ['Call Mr Jones.', 'Call Mr [name].'],
    [long, `${long.slice(0, 4095)}…`]
  ]
  const told: unknown[] = []
  const { app, log } = await appWith(t, app => {
    for (const [shape, send] of Object.entries(shapes)) {
      messages.forEach(([message], index) => app.get(`/${shape}/${index}`, (_request, reply) => {
        send(reply.code(401), envelope(401, message))
      }))
    }
  }, {
    redact: text => text.replace('Jones', '[name]'),
    authenticate: 'Bearer',
    onError: (error, _request, happened) => { told.push([error.message, happened]) }
  },
  serverOptions({}, { hijacked: 'contract' }))
  const port = await listening(app)
  for (const shape of Object.keys(shapes)) {
    for (const [index, [message, shown]] of messages.entries()) {
      const wire = await Wire.to(port)
      const what = `${shape}: ${message.slice(0, 20)}`
      const answer = await wire.write(request('GET', `/${shape}/${index}`)).answer()
      isContract(t, answer, 401, shown, what)
      t.match(answer!.headers, { 'www-authenticate': 'Bearer', 'x-request-id': /^req-/ }, what)
      const line = log.lines.at(-1)!
      t.match(
        line, { level: levels.info, type: 'authentication_error', code: 401, msg: shown, reqId: answer!.headers['x-request-id'] }, what
      )
      t.same(told.at(-1), [shown, { begun: false, thrown: undefined, sentStatus: 401 }], what)
      wire.close()
    }
  }
  t.equal(log.lines.length, messages.length * 4, 'one line for each')
  t.notMatch(log.toString(), key)
})

t.test('a raw response that is replaced has all that a thrown error has, over HTTP/1.1 and HTTP/2', async t => {
  for (const http2 of [false, true]) {
    const told: unknown[] = []
    const { app, log } = await appWith(t, app => {
      app.get('/projects/:id', (_request, reply) => { reply.hijack().raw.writeHead(401, { 'x-mine': '1' }).end('{"message":"No key."}') })
      app.get('/own', (_request, reply) => {
        reply.hijack().raw.setHeader('x-request-id', 'mine')
        reply.raw.setHeader('www-authenticate', 'Basic')
        reply.raw.writeHead(401).end()
      })
      app.get('/failed', (_request, reply) => { reply.hijack().raw.writeHead(500).end(`{"message":"Wrong key ${key}"}`) })
      app.get('/ignored', { config: { errors: false } }, (_request, reply) => { reply.hijack().raw.writeHead(500).end('mine') })
      app.register(async child => {
        const { default: humanloopErrors } = await import('../../../plugin/index.js')
        await child.register(humanloopErrors, { origin: 'Child' })
        child.get('/child', (_request, reply) => { reply.hijack().raw.writeHead(404).end() })
      })
    }, { authenticate: 'Bearer', onError: (error, request, happened) => { told.push([error.statusCode, request.url, happened]) } },
    serverOptions({ http2 } as object, { hijacked: 'contract' }))
    const ask = http2 ? await http2Client(t, app) : await http1Client(app)

    const answer = await ask('/projects/1')
    isContract(t, answer, 401, 'No key.')
    t.match(answer.headers, { 'x-mine': '1', 'x-request-id': /^req-/, 'www-authenticate': 'Bearer' })
    t.match(log.lines.at(-1), { level: levels.warn, route: 'GET /projects/:id', status: 401, reqId: answer.headers['x-request-id'] })
    t.same(told, [[401, '/projects/1', { begun: false, thrown: undefined, sentStatus: 401 }]])
    t.match((await ask('/own')).headers, { 'x-request-id': 'mine', 'www-authenticate': 'Basic' })
    isContract(t, await ask('/failed'), 500, meanings[500]!)
    t.match(log.lines.at(-1), { level: levels.error, withheld: 'Wrong key [redacted]' })
    t.match(await ask('/ignored'), { status: 500, body: 'mine' })
    isContract(t, await ask('/child'), 404, meanings[404]!, '', 'Child')
  }
})

async function http1Client (app: FastifyInstance) {
  const port = await listening(app)
  return async (url: string) => {
    const wire = await Wire.to(port)
    const answer = await wire.write(request('GET', url)).answer()
    wire.close()
    return answer!
  }
}

async function http2Client (t: { teardown: (close: () => Promise<void>) => void }, app: FastifyInstance) {
  const session = connect(`http://127.0.0.1:${await listening(app)}`)
  t.teardown(async () => { session.close() })
  return async (url: string) => {
    const stream = session.request({ ':path': url })
    const [{ ':status': status, ...headers }] = await once(stream, 'response')
    return { status: Number(status), headers, body: Buffer.concat(await stream.toArray()).toString() }
  }
}

t.test('what plugins send with a 5xx is for the log', async t => {
  const { app, log } = await appWith(t, async app => {
    await app.register(bearerAuth, { keys: new Set(['a']), auth: () => { throw new Error(`db.internal said no to ${key}`) } })
    app.get('/', async () => 'fine')
  })
  const answer = await app.inject({ url: '/', headers: { authorization: 'Bearer a' } })
  t.same(answer.json(), envelope(500, meanings[500]!))
  t.match(log.lines.at(-1), { level: levels.error, status: 500, withheld: 'db.internal said no to [redacted]' })
})

t.test('the request that trips a circuit breaker gets the breaker’s 503', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(circuitBreaker, { threshold: 1, timeout: 200 })
    app.after(() => { app.get('/', { preHandler: app.circuitBreaker() }, async () => { throw new Error('x') }) })
  })
  t.same((await app.inject('/')).json(), envelope(503, meanings[503]!))
  t.same((await app.inject('/')).json(), envelope(503, meanings[503]!))
})

t.test('a route without onSend hooks boots beside @fastify/compress', async t => {
  const { ask } = await transports['HTTP/1.1']!(t, {
    routes: async app => {
      await app.register(compress, { threshold: 0 })
      app.get('/', { onSend: null as unknown as [] }, async () => { throw Object.assign(new Error('No.'), { statusCode: 409 }) })
      app.get('/by-hand', async (_request, reply) => reply.code(409).send({ message: 'No.' }))
    }
  })
  isContract(t, await ask({ url: '/' }), 422, 'No.')
  const encoded = await ask({ url: '/by-hand', headers: { 'accept-encoding': 'gzip' } })
  t.match(encoded.headers, { 'content-encoding': 'gzip', 'content-length': String(Buffer.byteLength(encoded.body, 'latin1')) })
})

t.test('a HEAD request has the length of the body that it does not get, also where a hook returns null', async t => {
  const { ask } = await transports['HTTP/1.1']!(t, {
    routes: app => {
      app.get('/', { exposeHeadRoute: false }, async () => { throw Object.assign(new Error('No.'), { statusCode: 409 }) })
      app.head('/', { onSend: async () => null }, async () => { throw Object.assign(new Error('No.'), { statusCode: 409 }) })
    }
  })
  const [got, head] = [await ask({ url: '/' }), await ask({ method: 'HEAD', url: '/' })]
  t.match(head, { status: 422, body: '' })
  t.equal(head.headers['content-length'], got.headers['content-length'])
})

t.test('an error that becomes a redirect is left to the hook that makes it one', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', { onSend: async (_request, reply) => { reply.code(302).header('location', '/login') } }, async () => {
      throw Object.assign(new Error('No.'), { statusCode: 401 })
    })
  })
  t.match(await app.inject('/'), { statusCode: 302, headers: { location: '/login' } })
})

t.test('a failing onError hook lets no message of a 5xx out', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', {
      onError: async () => { throw new Error('x') },
      errorHandler: (error, _request, reply) => { reply.code(500).send({ message: error.message }) }
    }, async () => { throw new Error('secret') })
  })
  t.same((await app.inject('/')).json(), envelope(500, meanings[500]!))
})

t.test('a plain error that a hook throws while an error response leaves is not shown', async t => {
  const { app } = await appWith(t, app => {
    const onSend = async (): Promise<never> => { throw new Error('secret') }
    app.get('/by-hand', { onSend }, async (_request, reply) => reply.code(404).send({ message: 'No such project.' }))
    app.get(
      '/declared',
      { onSend, schema: { response: { 404: { type: 'object', properties: { mine: { type: 'string' } } } } } },
      async (_request, reply) => reply.code(404).send({ mine: 'x' })
    )
    app.get('/thrown', async (_request, reply) => { reply.code(404); throw new Error('No such project.') })
  })
  t.same((await app.inject('/by-hand')).json(), envelope(404, 'No such project.'))
  t.same((await app.inject('/declared')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/thrown')).json(), envelope(404, 'No such project.'))
})

t.test('one line and one onError for each response, whatever hooks make of it', async t => {
  const told: unknown[] = []
  const { app, log } = await appWith(t, app => {
    const thrown = async (): Promise<never> => { throw Object.assign(new Error('First.'), { statusCode: 409 }) }
    app.get('/other-body', { onSend: async () => 'Second.' }, thrown)
    app.get('/other-error', { onSend: async () => { throw Object.assign(new Error('Second.'), { statusCode: 403 }) } }, thrown)
    app.get('/by-hand', { onSend: async () => 'Second.' }, async (_request, reply) => reply.code(409).send({ message: 'First.' }))
    app.get('/fails', { onSend: async () => { throw new Error(`Hook ${key}`) } }, thrown)
  }, { onError: (error, request, { thrown }) => { told.push([request.url, error.statusCode, error.message, thrown === undefined]) } })
  for (const path of ['/other-body', '/other-error', '/by-hand', '/fails']) {
    const answer = await app.inject(path)
    t.equal(answer.headers['content-length'], String(answer.rawPayload.length), path)
  }
  t.equal(log.all.filter(({ msg }) => msg === 'request completed').length, 4, 'Fastify’s own line stays')
  t.same(told, [
    ['/other-body', 422, 'Second.', false],
    ['/other-error', 401, 'Second.', false],
    ['/by-hand', 422, 'Second.', true],
    ['/fails', 422, 'First.', false]
  ])
  const hookFailed = 'a hook failed while an error answer was sent; the answer is sent without it'
  t.match(log.lines.filter(({ msg }) => msg !== hookFailed), [
    { level: levels.info, code: 422, msg: 'Second.' },
    { level: levels.info, code: 401, msg: 'Second.', inPlaceOf: { message: 'First.' } },
    { level: levels.warn, code: 422, status: 409, route: 'GET /by-hand' },
    { level: levels.info, code: 422, msg: 'First.' }
  ])
  t.match(log.lines.find(({ msg, err }) => msg === hookFailed && err!.message.startsWith('Hook')), {
    level: levels.error, err: { message: 'Hook [redacted]' }
  })
  t.notMatch(log.toString(), key)
})

t.test('an error that a hook never lets leave is reported when its client is gone', async t => {
  const stuck = new EventEmitter()
  const isStuck = once(stuck, 'now')
  const { app, log } = await appWith(t, app => {
    app.get('/', { onSend: (_request, _reply, _payload, _done) => { stuck.emit('now') } }, async () => { throw new Error('stuck') })
  })
  const wire = await Wire.to(await listening(app))
  const line = log.next(meanings[500]!)
  wire.write(request('GET', '/'))
  await isStuck
  wire.close()
  t.match(await line, { level: levels.error, code: 500, err: { message: 'stuck' } })
})

t.test('of a response that was fetched, no header leaves but those that mean the same in ours', async t => {
  const upstream = createServer((_request, response) => {
    const inner = {
      'set-cookie': 'a=1', 'www-authenticate': 'Basic', location: '/x', server: 'inner', 'x-secret': 's', 'access-control-allow-origin': '*'
    }
    response.writeHead(429, { ...inner, 'retry-after': '7', 'x-ratelimit-remaining': '0' }).end('{"message":"Slow down."}')
  }).listen(0, '127.0.0.1')
  t.teardown(() => { upstream.close(); upstream.closeAllConnections() })
  await once(upstream, 'listening')
  const { ask } = await transports['HTTP/1.1']!(t, {
    routes: app => { app.get('/', async () => fetch(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`)) }
  })
  const answer = await ask({ url: '/' })
  isContract(t, answer, 429, 'Slow down.')
  t.same(Object.keys(answer.headers).sort(), [
    'cache-control', 'connection', 'content-length', 'content-type', 'date', 'keep-alive', 'retry-after', 'x-ratelimit-remaining',
    'x-request-id'
  ])
})

t.test('an error after a 304 that could not be written has its body', async t => {
  const { ask } = await transports['HTTP/1.1']!(t, {
    routes: app => { app.get('/', async (_request, reply) => { return reply.code(304).header('x-bad', 'a\nb').send() }) }
  })
  isContract(t, await ask({ url: '/' }), 500, meanings[500]!)
})

t.test('a connection that its client has asked to close is closed, whatever a proxy relays of its own', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', (_request, reply) => { reply.code(502).headers({ connection: 'keep-alive', 'keep-alive': 'timeout=5' }).send('<h1>Bad</h1>') })
    app.get('/closes', (_request, reply) => { reply.code(502).header('connection', 'close').send('<h1>Bad</h1>') })
  })
  const port = await listening(app)
  for (const [path, close] of Object.entries({ '/': 'connection: close\r\n', '/closes': '' })) {
    const wire = await Wire.to(port)
    const text = await wire.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${close}\r\n`).rest()
    t.match(text, path === '/' ? /^HTTP\/1\.1 503 / : /^HTTP\/1\.1 503 [^]*\r\nconnection: close\r\n/, path)
    t.notMatch(text, /keep-alive/i, path)
  }
})

t.test('beside its own line an error response has Fastify’s two, and none of a hook that has not failed', async t => {
  const { app, log } = await appWith(t, app => { app.get('/', async () => { throw new Error('x') }) })
  await app.inject('/')
  t.match(log.all.filter(({ msg }) => !msg.startsWith('humanloopErrors')).map(({ level, msg }) => [level, msg]), [
    [levels.info, 'incoming request'], [levels.error, meanings[500]], [levels.info, 'request completed']
  ])
})

t.test('a redact that returns a promise withholds what the log has of an error, and its rejection ends nothing', async t => {
  const redact = (async () => { throw new Error('of redact') }) as unknown as () => string
  const { app, log } = await appWith(t, app => { app.get('/', async () => { throw new Error('secret') }) }, { redact })
  t.equal((await app.inject('/')).statusCode, 500)
  t.match(log.lines.find(({ code }) => code === 500), { err: { message: '[withheld]', stack: '[withheld]' } })
  t.notMatch(log.toString(), 'secret')
})
