/** Given a server made with `serverOptions`, when an error leaves past its routes, then these bytes arrive. */
import { once } from 'node:events'
import { ServerResponse } from 'node:http'
import { connect as connectHttp2, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify'
import { generate } from 'selfsigned'
import humanloopErrors, { NotFoundError, serverOptions } from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels, Log, meanings } from '../../support/app.js'
import { listening, transports } from '../../support/transports.js'
import { request, Wire, type Answer } from '../../support/wire.js'

const { key, cert } = await (async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }])
  return { key: made.private, cert: made.cert }
})()

/** An answer with its body decoded. */
function decoded (answer: Answer): Answer {
  if (answer.headers['content-encoding'] === undefined) return answer
  const body = gunzipSync(Buffer.from(answer.body, 'latin1')).toString()
  return { ...answer, body, headers: { ...answer.headers, 'content-length': String(body.length) } }
}

for (const [transport, start] of Object.entries(transports)) {
  t.test(`row 12: bad URLs, over-long parameters, failed constraints over ${transport}`, async t => {
    const constraint = {
      name: 'tenant',
      storage: () => ({ get: () => null, set () {} }),
      deriveConstraint (_request: unknown, _context: unknown, done: (error: Error | null, value?: string) => void) { done(new Error('secret')) }
    }
    const { ask, log } = await start(t, {
      routes: app => app.get('/:id', async () => 'x'),
      server: { routerOptions: { maxParamLength: 8 } }
    })
    isContract(t, await ask({ url: '/%ff' }), 400, "'/%ff' is not a valid url component")
    isContract(t, await ask({ url: '/123456789' }), 400, "'/123456789' is exceeding the max param length")
    t.match(log.lines.at(-1), { level: levels.info, type: 'bad_request_error', reqId: /./ })
    if (transport === 'inject') {
      const other = await start(t, { routes: app => app.get('/tenant', { constraints: { tenant: 'a' } }, async () => 'x'), server: { routerOptions: { constraints: { tenant: constraint } } } as object })
      isContract(t, await other.ask({ url: '/tenant' }), 500, meanings[500]!)
    }
  })
}

t.test('row 18: a raw or hijacked answer is left to whoever wrote it, unless it is asked for', async t => {
  const raw: ReadonlyArray<readonly [what: string, write: (reply: FastifyReply) => void, code: number, message: string]> = [
    ['writeHead and end', reply => { reply.raw.writeHead(418, { 'x-mine': '1', etag: '"1"' }).end('Short and stout.') }, 400, 'Short and stout.'],
    ['a reason and a list of headers', reply => { reply.raw.writeHead(409, 'Twice', ['x-mine', '1', 'content-length', '6']).end('Twice.') }, 422, 'Twice.'],
    ['statusCode and end', reply => { reply.raw.statusCode = 500; reply.raw.end() }, 500, meanings[500]!],
    ['pieces', reply => { reply.raw.statusCode = 502; reply.raw.flushHeaders(); reply.raw.write('{"mess', () => {}); reply.raw.write(Buffer.from('age":"Down."}')); reply.raw.end(() => {}) }, 503, meanings[503]!],
    ['another encoding', reply => { reply.raw.writeHead(404); reply.raw.end('Tm9uZS4=', 'base64', () => {}) }, 404, 'None.'],
    ['compressed', reply => { reply.raw.writeHead(404, { 'content-encoding': 'gzip' }).end(gzipSync('None.')) }, 404, 'None.'],
    ['a status without a reason phrase', reply => { reply.raw.writeHead(529).end('Busy.') }, 529, meanings[529]!],
    ['a header that is illegal', reply => { reply.raw.writeHead(404, { 'x-mine': '1', 'x-bad': 'a\nb' }).end('None.') }, 404, 'None.'],
    ['too long', reply => { reply.raw.writeHead(404); for (let at = 0; at < 70; at++) reply.raw.write('x'.repeat(1024)); reply.raw.end() }, 404, meanings[404]!],
    ['the contract', reply => { reply.raw.writeHead(404, { 'content-type': 'text/plain', etag: '"1"', 'content-length': 3 }).end(JSON.stringify(envelope(404, 'Mine.'))) }, 404, 'Mine.'],
    ['the contract, compressed', reply => { reply.raw.writeHead(404, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(envelope(404, 'Mine.')))) }, 404, 'Mine.'],
    ['a reason alone', reply => { reply.raw.writeHead(404, 'Nope').end() }, 404, meanings[404]!],
    ['the contract, without a reason phrase', reply => { reply.raw.writeHead(529).end(JSON.stringify(envelope(529, 'Mine.'))) }, 529, 'Mine.']
  ]
  const serve = async (hijacked: 'leave' | 'contract', more: FastifyServerOptions = {}): Promise<{ app: FastifyInstance, log: Log }> => {
    const log = new Log()
    const app: FastifyInstance = Fastify(serverOptions({ logger: log.logger, ...more }, { hijacked }))
    t.teardown(async () => app.close())
    await app.register(humanloopErrors)
    raw.forEach(([, write], index) => app.get(`/${index}`, (_request, reply) => { write(reply.hijack()) }))
    app.get('/left', { config: { errors: false } }, (_request, reply) => { reply.hijack().raw.writeHead(500).end('mine') })
    app.get('/declared', { schema: { response: { 404: { type: 'string' } } } }, (_request, reply) => { reply.code(404).send('mine') })
    app.get('/own-response', { config: { errors: false } }, async () => new Response('mine', { status: 418 }))
    app.get('/second-thoughts', (_request, reply) => {
      const { raw } = reply.hijack()
      raw.statusCode = 500
      raw.write('fi')
      if (!raw.headersSent) raw.writeHead(200)
      raw.end('ne')
    })
    app.post('/held', (_request, reply) => { reply.hijack().raw.writeHead(500).write('x') })
    app.addContentTypeParser('text/plain', (_request, _payload, done) => { done(null) })
    app.get('/closing', (_request, reply) => { reply.hijack().raw.writeHead(503, { 'Content-Length': '80' }).end('x'.repeat(80), () => {}) })
    app.get('/fine', (_request, reply) => { const { raw } = reply.hijack(); raw.flushHeaders(); raw.write('fi'); raw.end('ne') })
    return { app, log }
  }

  const contract = await serve('contract')
  const port = await listening(contract.app)
  const wire = await Wire.to(port)
  for (const [index, [what, , code, message]] of raw.entries()) {
    const answer = await wire.write(request('GET', `/${index}`)).answer()
    isContract(t, decoded(answer!), code, message, what)
    if (index < 2) t.equal(answer!.headers['x-mine'], '1', 'other headers stay')
  }
  t.match(contract.log.lines[0], { level: levels.warn, route: 'GET /0', status: 418, code: 400, msg: 'an error answer outside the contract was replaced' })
  t.match(await wire.write(request('GET', '/left')).answer(), { status: 500, body: 'mine' }, 'a route that is left alone')
  t.match(await wire.write(request('GET', '/declared')).answer(), { status: 404, body: 'mine' }, 'a status that the route declares')
  t.match(await wire.write(request('GET', '/fine')).answer(), { status: 200, body: 'fine' })
  t.match(await wire.write(request('GET', '/second-thoughts')).answer(), { status: 200, body: 'fine' })
  t.match(await wire.write(request('GET', '/own-response')).answer(), { status: 418, body: 'mine' })
  const handled = once(contract.app.server, 'request')
  wire.write('POST /held HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n')
  await handled
  isContract(t, await wire.write('not hex\r\n').answer(), 400, 'The request is not well-formed HTTP: Invalid character in chunk size.', 'behind an answer that is held back')
  wire.close()

  const overHttp2 = await serve('contract', { http2: true } as FastifyServerOptions)
  const session = connectHttp2(`http://127.0.0.1:${await listening(overHttp2.app)}`)
  t.teardown(() => { session.close() })
  const stream = session.request({ ':path': '/2' })
  const [{ ':status': status }] = await once(stream, 'response')
  t.equal(status, 500)
  t.same(JSON.parse((await stream.setEncoding('utf8').toArray()).join('')), envelope(500, meanings[500]!))

  const left = await serve('leave')
  const other = await Wire.to(await listening(left.app))
  const answer = await other.write(request('GET', '/0')).answer()
  t.match(answer, { statusLine: "HTTP/1.1 418 I'm a Teapot", body: 'Short and stout.', headers: { etag: '"1"' } })
  t.match(await other.write(request('GET', '/closing')).answer(), { status: 503, body: 'x'.repeat(80) }, 'only looks like Fastify closing')
  other.close()
})

t.test('row 22: HTTPS, and HTTP/2 over TLS', async t => {
  const https: FastifyInstance = Fastify(serverOptions({ https: { key, cert } })) as unknown as FastifyInstance
  const http2: FastifyInstance = Fastify(serverOptions({ http2: true, https: { key, cert, allowHTTP1: true } })) as unknown as FastifyInstance
  for (const app of [https, http2]) {
    t.teardown(async () => app.close())
    await app.register(humanloopErrors)
    const socket = connectTls({ port: await listening(app), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    t.teardown(() => { socket.destroy() })
    await once(socket, 'secureConnect')
    socket.write('NONSENSE\r\n\r\n')
    const [head] = await once(socket, 'data') as [Buffer]
    t.match(head.toString(), /^HTTP\/1\.1 400 Bad Request\r\n/)
    t.match(head.toString(), JSON.stringify(envelope(400, 'The request is not well-formed HTTP: Invalid method encountered.')))
  }
  const session = connectHttp2(`https://127.0.0.1:${(http2.server.address() as { port: number }).port}`, { rejectUnauthorized: false })
  t.teardown(() => { session.close() })
  const stream = session.request({ ':path': '/%ff' })
  const [{ ':status': status }] = await once(stream, 'response')
  t.equal(status, 400)
  t.same(JSON.parse((await stream.setEncoding('utf8').toArray()).join('')), envelope(400, "'/%ff' is not a valid url component"))
  const expecting = session.request({ ':path': '/', expect: 'x' })
  t.match((await once(expecting, 'response'))[0], { ':status': 400, 'content-type': 'application/json; charset=utf-8' })
  t.same(JSON.parse((await expecting.setEncoding('utf8').toArray()).join('')), envelope(400, 'The expectation in the Expect header cannot be met.'))
})

t.test('what is given for the same options comes first', async t => {
  const called: string[] = []
  class Mine extends ServerResponse { mine = true }
  class Mine2 extends Http2ServerResponse {}
  const answers: Readonly<Record<string, (reply: FastifyReply) => unknown>> = {
    '/nothing%ff': async () => {},
    '/later%ff': reply => { setImmediate(() => { reply.code(404).send({ message: 'Later.' }) }) },
    '/json%ff': reply => reply.send({ fine: true }),
    '/object%ff': reply => reply.code(418).send({ message: 'Mine.' }),
    '/contract%ff': reply => reply.code(404).type('application/json').send(JSON.stringify(envelope(404, 'Mine.'))),
    '/fine%ff': reply => reply.send('fine'),
    '/error%ff': reply => reply.send(Object.assign(new Error('Sent.'), { statusCode: 404 })),
    '/throws%ff': () => { throw Object.assign(new Error('Thrown.'), { statusCode: 404 }) }
  }
  const app: FastifyInstance = Fastify(serverOptions({
    bodyLimit: 7,
    http: { ServerResponse: Mine },
    frameworkErrors (error: Error, { url }: { url: string }, reply: FastifyReply) {
      called.push((error as Error & { code: string }).code)
      return answers[url]!(reply)
    },
    clientErrorHandler (this: FastifyInstance, error: Error & { code: string }, socket: Socket) {
      called.push(error.code)
      if (error.code === 'HPE_INVALID_METHOD') socket.end('HTTP/1.1 400 Mine\r\ncontent-length: 0\r\n\r\n')
    }
  } as FastifyServerOptions))
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/class', (_request, reply) => { reply.send(String(reply.raw instanceof Mine)) })
  t.equal(app.initialConfig.bodyLimit, 7)
  const port = await listening(app)
  const ask = async (text: string): Promise<Answer | undefined> => {
    const wire = await Wire.to(port)
    t.teardown(() => { wire.close() })
    return wire.write(text).answer()
  }
  t.equal((await ask(request('GET', '/class')))!.body, 'true')
  isContract(t, await ask(request('GET', '/nothing%ff')), 400, "'/nothing%ff' is not a valid url component")
  isContract(t, await ask(request('GET', '/later%ff')), 404, 'Later.', 'one that returns no promise may answer later')
  t.match(await ask(request('GET', '/json%ff')), { status: 200, body: '{"fine":true}', headers: { 'content-type': 'application/json; charset=utf-8' } })
  isContract(t, await ask(request('GET', '/object%ff')), 400, 'Mine.')
  isContract(t, await ask(request('GET', '/contract%ff')), 404, 'Mine.')
  isContract(t, await ask(request('GET', '/error%ff')), 404, 'Sent.')
  isContract(t, await ask(request('GET', '/throws%ff')), 404, 'Thrown.')
  t.equal((await ask(request('GET', '/fine%ff')))!.body, 'fine')
  t.equal((await ask('NONSENSE\r\n\r\n'))!.statusLine, 'HTTP/1.1 400 Mine')
  isContract(t, await ask('GET / HTTP/1.1\r\nbad header: x\r\n\r\n'), 400, 'The request is not well-formed HTTP: Invalid header token.')
  t.same(new Set(called), new Set(['FST_ERR_BAD_URL', 'HPE_INVALID_METHOD', 'HPE_INVALID_HEADER_TOKEN']))
  const { http } = serverOptions({ http2: true, http: { Http2ServerResponse: Mine2 } })
  t.ok(http.Http2ServerResponse.prototype instanceof Mine2)
})

t.test('without the plugin, or where it is in a scope only, the rest of the server has the default settings', async t => {
  const app = Fastify(serverOptions())
  t.teardown(async () => app.close())
  app.get('/raw', (_request, reply) => { reply.hijack().raw.writeHead(500).end('mine') })
  const wire = await Wire.to(await listening(app))
  isContract(t, await wire.write(request('GET', '/%ff')).answer(), 400, "'/%ff' is not a valid url component")
  t.equal((await wire.write(request('GET', '/raw')).answer())!.body, 'mine')
  isContract(t, await wire.write('NONSENSE\r\n\r\n').answer(), 400, 'The request is not well-formed HTTP: Invalid method encountered.')
  wire.close()
})

t.test('what belongs to the whole server has the settings of the root, else of the first scope that registered the plugin', async t => {
  const malformed = 'The request is not well-formed HTTP: Invalid method encountered.'
  const nested = async (app: FastifyInstance, origin: string): Promise<void> => {
    await app.register(async scope => { // as fastify-cli registers every app
      await scope.register(humanloopErrors, { origin })
      scope.get(`/${origin}`, async () => { throw new NotFoundError('Nothing.') })
    })
  }
  const ways: ReadonlyArray<readonly [what: string, origin: string, register: (app: FastifyInstance) => Promise<unknown>]> = [
    ['a scope', 'Acme', async app => nested(app, 'Acme')],
    ['two scopes', 'Acme', async app => { await nested(app, 'Acme'); await nested(app, 'Other') }],
    ['a scope, then the root', 'Root', async app => { await nested(app, 'Acme'); await app.register(humanloopErrors, { origin: 'Root' }) }],
    ['the root, then a scope', 'Root', async app => { await app.register(humanloopErrors, { origin: 'Root' }); await nested(app, 'Acme') }]
  ]
  for (const [what, origin, register] of ways) {
    for (const options of [serverOptions(), {}]) {
      const app = Fastify(options) as FastifyInstance
      t.teardown(async () => app.close())
      await register(app)
      const wire = await Wire.to(await listening(app))
      t.teardown(() => { wire.close() })
      isContract(t, await wire.write(request('GET', '/Acme')).answer(), 404, 'Nothing.', what, 'Acme')
      if ('frameworkErrors' in options) isContract(t, await wire.write(request('GET', '/%ff')).answer(), 400, "'/%ff' is not a valid url component", what, origin)
      isContract(t, await wire.write(request('GET', '/', { expect: 'x' })).answer(), 400, 'The expectation in the Expect header cannot be met.', what, origin)
      isContract(t, await wire.write('NONSENSE\r\n\r\n').answer(), 400, malformed, what, origin)
    }
  }
})

t.test('where the error handler itself fails, the connection ends, and the log says why', async t => {
  const fail = (): never => { throw new Error('broken reply') }
  const log = new Log()
  const app = Fastify(serverOptions({
    logger: log.logger,
    frameworkErrors: async (_error: Error, _request: unknown, reply: FastifyReply) => {
      Object.assign(reply, { code: fail, header: fail, headers: fail, getHeaders: fail, hijack: fail })
      throw new Error('mine')
    }
  })) as unknown as FastifyInstance
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/in-step', async () => 'in step')
  const port = await listening(app)
  t.equal(await (await Wire.to(port)).write(request('GET', '/%ff')).rest(), '')
  t.match(log.lines.at(-1), { level: levels.error, err: { message: 'broken reply' }, msg: 'humanloopErrors: the response to a bad request failed; its connection ends' })
  const wire = await Wire.to(port)
  t.equal((await wire.write(request('GET', '/in-step')).answer())!.body, 'in step', 'the process lives')
  wire.close()
})

t.test('wrong options are told', async t => {
  t.throws(() => serverOptions(7 as unknown as object), new TypeError('serverOptions: the options must be an object as Fastify\'s constructor takes it; they are number'))
  t.throws(() => serverOptions({}, { hijacked: 'yes' as 'leave' }), new TypeError(
    "serverOptions: option 'hijacked' must be 'leave' or 'contract': what becomes of error responses that are written past Fastify; it is 'yes'"))
  t.throws(() => serverOptions({ frameworkErrors: 'x' }), new TypeError("serverOptions: option 'frameworkErrors' must be a function; it is string"))
})

t.test('row 21: an error after a head that was written by hand ends the connection', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => {
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      throw new NotFoundError('Cut.')
    })
    app.get('/hook', { onSend: async (_request, reply) => { reply.raw.writeHead(200).write('mine'); throw new Error('x') } }, async () => { throw new NotFoundError('Cut.') })
  })
  const wire = await Wire.to(await listening(app))
  t.match(await wire.write(request('GET', '/')).rest(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n9\r\ndata: 1\n\n\r\n$/)
  t.match(log.lines[0], { level: levels.info, msg: 'Cut.' })
  const other = await Wire.to(Number(new URL(app.listeningOrigin).port))
  t.notMatch(await other.write(request('GET', '/hook')).rest(), /detail/, 'nothing is written into what a hook has begun')
})

t.test('a time limit that ends while the answer of a thrown Response is read', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', { handlerTimeout: 20 }, async () => { throw new Response(new ReadableStream(), { status: 418 }) }) // never ends
  })
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 504)
  t.same(answer.json(), envelope(504, meanings[504]!))
  t.equal(log.lines.length, 1)
})

t.test('row 21: a stream that fails after its first byte is cut, and no second head is written', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', (_request, reply) => {
      reply.send(Readable.from((async function * () {
        yield 'begun'
        throw new Error('secret')
      })()))
    })
  })
  const wire = await Wire.to(await listening(app))
  const bytes = await wire.write(request('GET', '/')).rest()
  t.match(bytes, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n5\r\nbegun\r\n$/)
  t.match(log.lines.at(-1), { level: levels.warn })
})
