/** Given what a handler, a plugin or a raw response sends by itself, then all that holds of a thrown error holds of it. */
import { once } from 'node:events'
import { connect } from 'node:http2'
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
      messages.forEach(([message], index) => app.get(`/${shape}/${index}`, (_request, reply) => { send(reply.code(401), envelope(401, message)) }))
    }
  }, { redact: text => text.replace('Jones', '[name]'), authenticate: 'Bearer', onError: (error, _request, happened) => { told.push([error.message, happened]) } },
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
      t.match(line, { level: levels.info, type: 'authentication_error', code: 401, msg: shown, reqId: answer!.headers['x-request-id'] }, what)
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
      app.get('/', { onSend: async (request, _reply, payload) => request.method === 'HEAD' ? null : payload }, async () => { throw Object.assign(new Error('No.'), { statusCode: 409 }) })
    }
  })
  const [got, head] = [await ask({ url: '/' }), await ask({ method: 'HEAD', url: '/' })]
  t.match(head, { status: 422, body: '' })
  t.equal(head.headers['content-length'], got.headers['content-length'])
})

t.test('an error that becomes a redirect is left to the hook that makes it one', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', { onSend: async (_request, reply) => { reply.code(302).header('location', '/login') } }, async () => { throw Object.assign(new Error('No.'), { statusCode: 401 }) })
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
    app.get('/declared', { onSend, schema: { response: { 404: { type: 'object', properties: { mine: { type: 'string' } } } } } }, async (_request, reply) => reply.code(404).send({ mine: 'x' }))
    app.get('/thrown', async (_request, reply) => { reply.code(404); throw new Error('No such project.') })
  })
  t.same((await app.inject('/by-hand')).json(), envelope(404, 'No such project.'))
  t.same((await app.inject('/declared')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/thrown')).json(), envelope(404, 'No such project.'))
})
