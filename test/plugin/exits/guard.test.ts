/** Given a server with the plugin, when a handler sends an error answer by itself, then these bytes arrive. */
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { FastifyReply } from 'fastify'
import { NotFoundError } from '../../../plugin/index.js'
import { appWith, envelope, levels, meanings } from '../../support/app.js'

type Send = (reply: FastifyReply) => unknown

t.test('what is not the contract becomes it, with the meaning of its status and its message', async t => {
  const circular: Record<string, unknown> = { message: 'Around.' }
  circular.self = circular
  const sent: ReadonlyArray<readonly [what: string, send: Send, code: number, message: string]> = [
    ['object', reply => reply.code(418).send({ message: 'I am a teapot.', more: 1 }), 400, 'I am a teapot.'],
    ['object with error', reply => reply.code(409).send({ error: 'Twice.' }), 422, 'Twice.'],
    ['envelope of another status', reply => reply.code(404).send(envelope(422, 'Which?')), 404, 'Which?'],
    [
      'envelope with a fifth field', reply => reply.code(404).send({ detail: { ...(envelope(404, 'Five.') as any).detail, more: 1 } }), 404,
      'Five.'
    ],
    ['BigInt, which cannot be serialized', reply => reply.code(400).send({ message: 'Big.', n: 1n }), 400, 'Big.'],
    ['cycle, which cannot be serialized', reply => reply.code(400).send(circular), 400, 'Around.'],
    ['object that cannot be read', reply => reply.code(400).send({ get detail () { throw new Error('no') } }), 400, meanings[400]!],
    ['text', reply => reply.code(403).send('Not yours.'), 401, 'Not yours.'],
    ['HTML', reply => reply.code(502).type('text/html').send('<h1>Bad</h1>'), 503, meanings[503]!],
    ['JSON text', reply => reply.code(409).type('application/json').send('{"message":"Told on purpose."}'), 422, 'Told on purpose.'],
    ['a 5xx, whose message is for the log', reply => reply.code(500).send({ message: 'ECONNREFUSED db.internal' }), 500, meanings[500]!],
    ['buffer', reply => reply.code(410).send(Buffer.from('Gone.')), 404, 'Gone.'],
    ['null', reply => reply.code(404).send(null), 404, meanings[404]!],
    ['nothing', reply => reply.code(401).send(), 401, meanings[401]!],
    ['bytes that are no text', reply => reply.code(404).send(Buffer.from([137, 80, 78, 71, 255])), 404, meanings[404]!],
    ['bytes that are encoded', reply => reply.code(404).header('content-encoding', 'gzip').send(Buffer.from('abc')), 404, meanings[404]!],
    ['stream', reply => reply.code(503).send(Readable.from(['Do', 'wn.'])), 503, meanings[503]!],
    ['stream of a 4xx', reply => reply.code(409).send(Readable.from(['Twi', 'ce.'])), 422, 'Twice.'],
    ['key in the message', reply => reply.code(400).send({ message: 'bad key sk-abcdef1234' }), 400, 'bad key [redacted]']
  ]
  const { app, log } = await appWith(t, app => {
    sent.forEach(([, send], index) => app.get(`/${index}`, (_request, reply) => { send(reply) }))
  })
  for (const [index, [what, , code, message]] of sent.entries()) {
    const answer = await app.inject(`/${index}`)
    t.equal(answer.statusCode, code, what)
    t.equal(answer.body, JSON.stringify(envelope(code, message)), what)
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8', what)
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)), what)
  }
  t.equal(log.lines.length, sent.length, 'one line for each answer')
  t.match(log.lines.find(({ route }) => route === 'GET /0'), {
    level: levels.warn, status: 418, code: 400, origin: 'Humanloop', msg: 'an error answer outside the contract was replaced'
  })
})

t.test('a stream that is replaced is destroyed, and its errors concern nobody', async t => {
  const stream = new Readable({ read () {}, destroy (_error, done) { done(new Error('late')) } })
  const { app } = await appWith(t, app => { app.get('/', (_request, reply) => { reply.code(500).send(stream) }) })
  t.equal((await app.inject('/')).statusCode, 500)
  t.ok(stream.destroyed)
})

t.test('a fetch Response with an error status: its body is read, as far as it tells something', async t => {
  const consumed = new Response('x', { status: 404 })
  await consumed.text()
  const broken = new Response(new ReadableStream({ pull (controller) { controller.error(new Error('cut')) } }), { status: 502 })
  const sent: ReadonlyArray<readonly [response: Response, code: number, message: string]> = [
    [Response.json({ message: 'Not there.' }, { status: 404, headers: { etag: '"1"' } }), 404, 'Not there.'],
    [new Response('Short and stout.', { status: 418 }), 400, 'Short and stout.'],
    [new Response(null, { status: 503 }), 503, meanings[503]!],
    [consumed, 404, meanings[404]!],
    [broken, 503, meanings[503]!],
    [Response.json(envelope(429, 'Mine.', 'Groq'), { status: 429 }), 429, 'Mine.']
  ]
  const routes = (app: any): void => {
    sent.forEach(([response], index) => app.get(`/${index}`, async () => response.bodyUsed ? response : response.clone()))
  }
  const { app } = await appWith(t, routes)
  for (const [index, [, code, message]] of sent.entries()) {
    const answer = await app.inject(`/${index}`)
    t.equal(answer.statusCode, code)
    t.same(answer.json(), envelope(code, message, index === 5 ? 'Groq' : 'Humanloop'))
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    t.notHas(answer.headers, 'etag')
  }
  const own = await appWith(t, app => {
    app.get('/', { config: { errors: false } }, async () => new Response('Mine.', { status: 418 }))
    app.get('/ok', async () => new Response('Fine.'))
  })
  t.equal((await own.app.inject('/')).body, 'Mine.')
  t.equal((await own.app.inject('/ok')).body, 'Fine.')
  const warning = await appWith(t, routes, { guard: 'warn' })
  t.equal((await warning.app.inject('/1')).body, 'Short and stout.')
  t.match(warning.log.lines[0], { level: levels.warn, status: 418 })
})

t.test('an object that is no stream is not touched: its destroy may delete something', async t => {
  const called: string[] = []
  const row = { message: 'No.', destroy () { called.push('destroy') }, cancel () { called.push('cancel') } }
  const { app } = await appWith(t, app => { app.get('/', (_request, reply) => { reply.code(400).send(row) }) })
  t.same((await app.inject('/')).json(), envelope(400, 'No.'))
  t.same(called, [])
})

t.test('a web stream that is replaced is cancelled', async t => {
  let cancelled = false
  const stream = new ReadableStream({ cancel () { cancelled = true; throw new Error('late') } })
  const { app } = await appWith(t, app => { app.get('/', (_request, reply) => { reply.code(500).send(stream) }) })
  t.same((await app.inject('/')).json(), envelope(500, meanings[500]!))
  t.ok(cancelled)
})

t.test('what is the contract already passes unchanged', async t => {
  const { app } = await appWith(t, app => {
    app.get('/object', (_request, reply) => { reply.code(404).send(envelope(404, 'Mine.', 'Elsewhere')) })
    app.get('/text', (_request, reply) => {
      reply.code(404).type('application/json').send(JSON.stringify(envelope(404, 'Mine.', 'Elsewhere')))
    })
    app.get('/success', async () => ({ detail: 'anything' }))
  })
  for (const path of ['/object', '/text']) {
    const answer = await app.inject(path)
    t.equal(answer.statusCode, 404)
    t.equal(answer.body, JSON.stringify(envelope(404, 'Mine.', 'Elsewhere')))
  }
  t.same((await app.inject('/success')).json(), { detail: 'anything' })
})

t.test('a contract that is sent by hand has its headers and its log line, once', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/:code/:origin', (request, reply) => {
      const { code, origin } = request.params as { code: string, origin: string }
      reply.code(Number(code)).headers({ etag: '"1"', 'cache-control': 'max-age=60', 'retry-after': '7' })
        .send(envelope(Number(code), 'Mine.', origin))
    })
    app.addHook('onSend', async (_request, _reply, payload) => Readable.from([payload]))
  })
  for (const [path, level] of [['/404/Humanloop', levels.info], ['/503/Humanloop', levels.error], ['/503/Groq', levels.warn]] as const) {
    const answer = await app.inject(path)
    const [, code, origin] = path.split('/')
    t.equal(answer.body, JSON.stringify(envelope(Number(code), 'Mine.', origin)))
    t.match(answer.headers, { 'cache-control': 'no-store', 'retry-after': '7', 'x-request-id': /./ })
    t.notHas(answer.headers, 'etag')
    t.match(log.lines.at(-1), { level, code: Number(code), origin, msg: 'Mine.' })
  }
  t.equal(log.lines.length, 3)
})

t.test('what the log shows of an answer that was replaced holds no secret', async t => {
  const { app, log } = await appWith(t, app => {
    app.addHook('onRequest', async (request, reply) => { if (request.is404) return reply.code(404).send('x') })
    app.get('/own', {
      errorHandler: (error, _request, reply) => { reply.code(500).send({ message: (error as Error).message }) }
    }, async request => {
      throw new Error('fails' in (request.query as object) ? 'throw' : 'Alice')
    })
  }, { redact: text => { if (text === 'throw') throw new Error('no'); return text.replace('Alice', 'Somebody') } })
  await app.inject('/of/sk-abcdef123456?key=1')
  t.equal(log.lines.at(-1)!.route, 'GET /of/[redacted]')
  await app.inject('/own')
  t.match(log.lines.at(-1), { route: 'GET /own', status: 500, withheld: 'Somebody' })
  await app.inject('/own?fails')
  t.match(log.lines.at(-1), { withheld: '[withheld]' })
})

t.test('an async handler that sends without return: hooks that are still at work are waited for', async t => {
  const { app } = await appWith(t, app => {
    app.get(
      '/',
      { onSend: async (_request, reply) => { await setImmediate(); reply.header('set-cookie', 'session=1') } },
      async (_request, reply) => { reply.send(new NotFoundError('Nothing.')) }
    )
  })
  const answer = await app.inject('/')
  t.same(answer.json(), envelope(404, 'Nothing.'))
  t.equal(answer.headers['set-cookie'], 'session=1')
})

t.test('a body in the encoding identity is what it is', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', (_request, reply) => { reply.code(404).header('content-encoding', 'identity').send(Buffer.from('Nothing.')) })
  })
  t.same((await app.inject('/')).json(), envelope(404, 'Nothing.'))
})

t.test('an old stream, that is none of Node’s classes, is read and released', async t => {
  let destroyed = false
  const old = Object.assign(new EventEmitter(), { pipe () {}, destroy () { destroyed = true } })
  const { app } = await appWith(t, app => {
    app.get('/', (_request, reply) => {
      reply.code(404).send(old)
      old.emit('data', Buffer.from('Old.'))
      old.emit('end')
    })
  })
  t.same((await app.inject('/')).json(), envelope(404, 'Old.'))
  t.ok(destroyed)
})

t.test('a user’s own decision stands: a declared status, a range, default, errors: false', async t => {
  const own = { type: 'object', properties: { problem: { type: 'string' } } } as const
  const { app } = await appWith(t, app => {
    const send = (status: number) => (_request: unknown, reply: FastifyReply) => { reply.code(status).send({ problem: 'Mine.' }) }
    app.get('/exact', { schema: { response: { 409: own } } }, send(409))
    app.get('/range', { schema: { response: { '4xx': own } } }, send(409))
    app.get('/RANGE', { schema: { response: { '5XX': own } } }, send(502))
    app.get('/default', { schema: { response: { default: own } } }, send(409))
    app.get('/errors', { config: { errors: false } }, send(409))
    app.get('/other', { schema: { response: { 404: own } } }, send(409))
    app.get('/thrown', { config: { errors: false } }, async () => { throw new Error('secret') })
  })
  for (const path of ['/exact', '/range', '/RANGE', '/default', '/errors']) {
    t.same((await app.inject(path)).json(), { problem: 'Mine.' }, path)
  }
  t.same((await app.inject('/other')).json(), envelope(422, meanings[422]!))
  t.same((await app.inject('/thrown')).json(), envelope(500, meanings[500]!), 'what is thrown is the contract there too')
})

t.test("guard: 'warn' leaves answers as they are and says so once per route and status; 'off' says nothing", async t => {
  const routes = (app: any) => {
    app.get('/a', (_request: unknown, reply: FastifyReply) => { reply.code(400).send({ x: 1 }) })
    app.get('/b', (_request: unknown, reply: FastifyReply) => { reply.code(400).send('x') })
  }
  const warning = await appWith(t, routes, { guard: 'warn' })
  for (const path of ['/a', '/a', '/b', '/b']) await warning.app.inject(path)
  t.same((await warning.app.inject('/a')).json(), { x: 1 })
  t.same(warning.log.lines.map(({ level, route, status }) => [level, route, status]), [
    [levels.warn, 'GET /a', 400],
    [levels.warn, 'GET /b', 400]
  ])
  const streams = await appWith(t, app => {
    app.addHook('onSend', async (_request, _reply, payload) => Readable.from([payload]))
    app.get('/sent', (_request, reply) => { reply.code(400).send('x') })
    app.get('/thrown', async () => { throw new NotFoundError('Told.') })
  }, { guard: 'warn' })
  t.equal((await streams.app.inject('/sent')).body, 'x', 'a stream is not read')
  t.same((await streams.app.inject('/thrown')).json(), envelope(404, 'Told.'))
  t.same(streams.log.lines.map(({ level, route }) => [level, route]), [[levels.warn, 'GET /sent'], [levels.info, undefined]])
  const unknown = await appWith(t, app => {
    app.addHook('onRequest', async (request, reply) => { if (request.is404) return reply.code(404).send('x') })
  }, { guard: 'warn' })
  for (const path of ['/1', '/2', '/sk-abcdef123456']) await unknown.app.inject(path)
  t.same(unknown.log.lines.map(({ route }) => route), ['GET /1'], 'unknown routes are one: a stranger makes up as many as he likes')
  const off = await appWith(t, routes, { guard: 'off' })
  t.equal((await off.app.inject('/b')).body, 'x')
  t.same(off.log.lines, [])
})

t.test('an error handler of the user’s that answers by itself tells nothing of a 5xx', async t => {
  const { app } = await appWith(t, app => {
    app.register(async child => {
      child.setErrorHandler((error, _request, reply) => {
        const { statusCode = 500, message } = error as { statusCode?: number, message: string }
        reply.code(statusCode).send({ message, mine: true })
      })
      child.get('/500', async () => { throw new Error('secret') })
      child.get('/sent', (_request, reply) => { reply.code(503).send({ message: 'secret, perhaps' }) })
      child.get('/404', async () => { throw Object.assign(new Error('No such thing.'), { statusCode: 404 }) })
    })
    app.get('/route', {
      onError: async () => {},
      errorHandler: (error, _request, reply) => { reply.code(500).send({ message: (error as Error).message }) }
    }, async () => { throw new Error('secret') })
    app.get('/route/hookless', {
      errorHandler: (error, _request, reply) => { reply.code(502).send((error as Error).message) }
    }, async () => { throw new Error('secret') })
    app.register(async child => {
      child.setErrorHandler(() => { throw new Error('secret of the handler') })
      child.get('/throws', async () => { throw new Error('secret') })
    })
  })
  t.same((await app.inject('/500')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/sent')).json(), envelope(503, meanings[503]!))
  t.same((await app.inject('/route')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/route/hookless')).json(), envelope(503, meanings[503]!))
  t.same((await app.inject('/404')).json(), envelope(404, 'No such thing.'))
  t.same((await app.inject('/throws')).json(), envelope(500, meanings[500]!))
})
