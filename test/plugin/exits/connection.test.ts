/** Given a server with the plugin, when Node refuses a request before Fastify has it, then these bytes arrive on the socket. */
import dns, { type LookupOptions } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createNetServer, type AddressInfo, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { generate } from 'selfsigned'
import humanloopErrors, { NotFoundError, serverOptions } from '../../../plugin/index.js'
import { envelope, isContract, levels, Log } from '../../support/app.js'
import { Connections } from '../../support/connections.js'
import { listening } from '../../support/transports.js'
import { request, Wire, type Answer } from '../../support/wire.js'

type Found = (error: null, ...found: unknown[]) => void

interface Server { app: FastifyInstance, log: Log, wire: () => Promise<Wire> }

/** A server with serverOptions, or without them. */
async function serve (
  t: Test, routes: (app: FastifyInstance) => void, { stock = false, ...options }: FastifyServerOptions & { stock?: boolean } = {}
): Promise<Server> {
  const log = new Log()
  const given = { logger: log.logger, ...options }
  const app: FastifyInstance = Fastify(stock ? given : serverOptions(given))
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/in-step', async () => 'in step')
  routes(app)
  const port = await listening(app)
  return {
    app,
    log,
    async wire () {
      const wire = await Wire.to(port)
      t.teardown(() => { wire.close() })
      return wire
    }
  }
}

const malformed: ReadonlyArray<readonly [what: string, bytes: string, message: string]> = [
  ['request line', 'NONSENSE\r\n\r\n', 'The request is not well-formed HTTP: Invalid method encountered.'],
  ['no HTTP at all', '\x16\x03\x01\x02\r\n\r\n', 'The request is not well-formed HTTP: Invalid method encountered.'],
  ['header', 'GET / HTTP/1.1\r\nhost: a\r\nbad header: x\r\n\r\n', 'The request is not well-formed HTTP: Invalid header token.'],
  [
    'content-length and transfer-encoding',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    "The request is not well-formed HTTP: Transfer-Encoding can't be present with Content-Length."
  ],
  ['too many header bytes', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 'The headers of the request are too large.']
]

for (const stock of [false, true]) {
  t.test(`row 13: malformed HTTP ${stock ? 'without' : 'with'} serverOptions`, async t => {
    const { wire, log } = await serve(t, () => {}, { stock })
    for (const [what, bytes, message] of malformed) {
      const connection = await wire()
      const answer = await connection.write(bytes).answer()
      isContract(t, answer, 400, message, what)
      t.equal(answer!.headers.connection, 'close')
      t.ok(Date.parse(answer!.headers.date!), 'RFC 9110 §6.6.1: a date')
      t.equal(await connection.finish().rest(), '', 'nothing comes after it')
    }
    t.match(log.lines.at(-1), {
      level: levels.info, type: 'bad_request_error', code: 400, origin: 'Humanloop', msg: 'The headers of the request are too large.'
    })
  })
}

t.test('row 13: a client that does not close is cut off', async t => {
  const { wire } = await serve(t, () => {})
  const connection = await wire()
  isContract(
    t, await connection.write('NONSENSE\r\n\r\n').answer(), 400, 'The request is not well-formed HTTP: Invalid method encountered.'
  )
  t.equal(await connection.write('more').rest(), '')
})

t.test('row 13: a request that does not arrive in time', async t => {
  const { wire, log } = await serve(
    t, () => {}, { http: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 } } as FastifyServerOptions
  )
  isContract(t, await (await wire()).write('GET / HTTP/1.1\r\nhost: a\r\n').answer(), 504, 'The request did not arrive in time.')
  t.match(log.lines.at(-1), { level: levels.error, type: 'timeout_error' })
})

t.test('row 13: a broken chunk in the body of a request that is being handled', async t => {
  const { wire } = await serve(t, app => { app.post('/', async () => 'fine') })
  const connection = await wire()
  connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nnot hex\r\n')
  isContract(t, await connection.answer(), 400, 'The request is not well-formed HTTP: Invalid character in chunk size.')
  t.equal(await connection.rest(), '')
})

t.test('row 13: headers that were set for the answer that is not given', async t => {
  const { app, wire } = await serve(t, app => {
    app.addContentTypeParser('text/plain', (_request, _payload, done) => { done(null) })
    app.post('/', (_request, reply) => { reply.raw.setHeader('content-encoding', 'gzip') })
  })
  const connection = await wire()
  const handled = once(app.server, 'request')
  connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n')
  await handled
  const answer = await connection.write('not hex\r\n').answer()
  isContract(t, answer, 400, 'The request is not well-formed HTTP: Invalid character in chunk size.')
  t.notHas(answer!.headers, 'content-encoding')
})

t.test('row 14: while an answer is under way, no second head is written into it', async t => {
  let answer: (() => void) | undefined
  let flooded: (() => Socket) | undefined
  const { app, wire } = await serve(t, app => {
    app.get('/slow', ({ socket }, reply) => {
      flooded = () => socket
      answer = () => { reply.send('slow') }
    })
    app.post('/early', (_request, reply) => { reply.hijack().raw.writeHead(200).write('begun') })
    app.addContentTypeParser('text/plain', (_request, _payload, done) => { done(null) })
  })
  const pipelined = await wire()
  const handled = once(app.server, 'request')
  pipelined.write(`${request('GET', '/slow')}NONSENSE\r\n\r\n`)
  await handled
  setImmediate(() => { answer!() })
  t.equal((await pipelined.answer())!.body, 'slow', 'the request before it has its answer')
  isContract(
    t,
    await pipelined.answer(),
    400,
    'The request is not well-formed HTTP: Invalid method encountered.',
    'then comes the turn of what cannot be read'
  )

  const warnings: Error[] = []
  const warn = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', warn)
  t.teardown(() => { process.off('warning', warn) })
  const flood = await wire()
  const again = once(app.server, 'request')
  flood.write(`${request('GET', '/slow')}NONSENSE\r\n\r\n`)
  await again
  for (let piece = 0; piece < 20; piece++) {
    app.server.emit('clientError', Object.assign(new Error('more'), { code: 'HPE_INVALID_METHOD' }), flooded!())
  }
  setImmediate(() => { answer!() })
  t.equal((await flood.answer())!.body, 'slow')
  isContract(t, await flood.answer(), 400, 'The request is not well-formed HTTP: Invalid method encountered.', 'one answer to all of it')
  t.same(warnings, [])

  const early = await wire()
  early.write('POST /early HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n')
  await once(app.server, 'request')
  const cut = early.write('not hex\r\n').rest()
  t.match(await cut, /^HTTP\/1\.1 200 OK[^]*\r\n\r\n5\r\nbegun\r\n$/, 'cut, without a second head')
})

t.test('row 15: the second listener of localhost', async t => {
  // not every machine has two addresses for localhost: this one has now
  const { lookup } = dns
  t.teardown(() => { dns.lookup = lookup })
  const addresses = [{ address: '127.0.0.1', family: 4 }, { address: '127.0.0.2', family: 4 }]
  dns.lookup = Object.assign((host: string, options: LookupOptions | Found, found: Found = options as Found) => {
    if (options === found) found(null, host === 'localhost' ? '127.0.0.1' : host, 4)
    else found(null, addresses)
  }, lookup) as typeof lookup
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  await app.listen({ port: 0, host: 'localhost' })
  const { port } = app.server.address() as AddressInfo
  t.equal(app.addresses().length, 2)
  const other = createServer().listen(0, '127.0.0.1') // a server that is none of the app's is left alone
  await once(other, 'listening')
  const elsewhere = await Wire.to((other.address() as AddressInfo).port)
  t.equal((await elsewhere.write('NONSENSE\r\n\r\n').answer())!.body, '')
  other.close()
  const plain = createNetServer(socket => { socket.end('plain') }).listen(0, '127.0.0.1') // nor one that speaks no HTTP
  await once(plain, 'listening')
  t.equal(await (await Wire.to((plain.address() as AddressInfo).port)).rest(), 'plain')
  plain.close()
  const closed = createServer().on('connection', socket => { closed.close(); socket.end('closed') }).listen(0, '127.0.0.1')
  await once(closed, 'listening')
  t.equal(await (await Wire.to((closed.address() as AddressInfo).port)).rest(), 'closed')
  for (const { address: host } of addresses) {
    const wire = await Wire.to(port, host)
    isContract(
      t, await wire.write('NONSENSE\r\n\r\n').answer(), 400, 'The request is not well-formed HTTP: Invalid method encountered.', host
    )
    wire.close()
  }
})

t.test('row 16: no Host header, an expectation that nobody knows, one request too many', async t => {
  const { wire } = await serve(t, () => {}, { maxRequestsPerSocket: 2 })
  const nameless = await wire()
  const refused = await nameless.write('GET / HTTP/1.1\r\n\r\n').answer()
  isContract(t, refused, 400, 'The request has no Host header.')
  t.equal(refused!.headers.connection, 'close')
  t.equal(await nameless.rest(), '', 'Node closes the connection, and says so')
  const connection = await wire()
  isContract(
    t,
    await connection.write(request('GET', '/in-step', { expect: 'a miracle' })).answer(),
    400,
    'The expectation in the Expect header cannot be met.'
  )
  const third = request('GET', '/in-step')
  t.equal((await connection.write(third + third).answer())!.body, 'in step')
  const last = await connection.answer()
  isContract(t, last, 503, 'The connection has had its last request; open another one.')
  t.equal(last!.headers.connection, 'close')
  t.equal(
    (await (await wire()).write(request('POST', '/in-step', { expect: '100-continue' }, 'x')).answer())!.statusLine, 'HTTP/1.1 100 Continue'
  )
})

t.test('row 16: an app’s own listener for expectations answers alone', async t => {
  const { app, wire } = await serve(t, () => {})
  app.server.on('checkExpectation', (_request, response) => { response.writeHead(417).end('mine') })
  t.equal((await (await wire()).write(request('GET', '/', { expect: 'x' })).answer())!.body, 'mine')
})

/** What is answered on a kept connection while the server closes. */
async function whileClosing (t: Test, options: FastifyServerOptions & { stock?: boolean }): Promise<Answer | undefined> {
  const { app, wire } = await serve(t, app => {
    app.addHook('preClose', async () => { closing(); await closed })
  }, options)
  let closing = (): void => {}
  let finish = (): void => {}
  const begun = new Promise<void>(resolve => { closing = resolve })
  const closed = new Promise<void>(resolve => { finish = resolve })
  const connection = await wire()
  t.equal((await connection.write(request('GET', '/in-step')).answer())!.body, 'in step')
  const close = app.close()
  await begun
  const answer = await connection.write(request('GET', '/in-step')).answer()
  t.equal(await connection.rest(), '', 'the connection ends')
  finish()
  await close
  return answer
}

t.test('row 17: a request that arrives while the server closes', async t => {
  const answer = await whileClosing(t, {})
  isContract(t, answer, 503, 'The server is closing.')
  t.equal(answer!.headers.connection, 'close')
})

t.test('without serverOptions, the documented remainder is what stock servers send', async t => {
  const { wire } = await serve(t, () => {}, { stock: true, maxRequestsPerSocket: 1, routerOptions: { maxParamLength: 3 } })
  t.equal((await (await wire()).write('GET / HTTP/1.1\r\n\r\n').answer())!.body, '', 'row 16: no Host')
  const second = await wire()
  t.equal((await second.write(request('GET', '/in-step') + request('GET', '/in-step')).answer())!.body, 'in step')
  t.match(await second.answer(), { status: 503, body: '' }, 'row 16: one request too many')
  t.same(JSON.parse((await (await wire()).write(request('GET', '/%ff')).answer())!.body), {
    error: 'Bad Request', code: 'FST_ERR_BAD_URL', message: "'/%ff' is not a valid url component", statusCode: 400
  }, 'row 12: bad URL')
  t.match(
    await whileClosing(t, { stock: true }),
    { status: 503, body: '{"error":"Service Unavailable","message":"Service Unavailable","statusCode":503}' },
    'row 17: closing'
  )
})

t.test('without serverOptions, an app’s own clientErrorHandler stays', async t => {
  const { wire } = await serve(t, () => {}, {
    stock: true,
    clientErrorHandler (_error, socket: Socket) { socket.end('HTTP/1.1 400 Mine\r\ncontent-length: 0\r\n\r\n') }
  })
  t.equal((await (await wire()).write('NONSENSE\r\n\r\n').answer())!.statusLine, 'HTTP/1.1 400 Mine')
})

t.test('a connection that is reset, or gone, is not written to', async t => {
  const { app } = await serve(t, () => {})
  const destroyed: string[] = []
  const socket = (name: string): object => ({
    writable: true, resume () {}, end () { t.fail('written') }, destroy () { destroyed.push(name) }
  })
  app.server.emit('clientError', Object.assign(new Error('gone'), { code: 'EPIPE' }), { ...socket('gone'), writable: false })
  app.server.emit('clientError', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), socket('reset'))
  app.server.emit('clientError', new Error('something else'), socket('something else'))
  t.same(destroyed, ['reset', 'something else'])
  const written: string[] = []
  const open = { ...socket('open'), end (text: string) { written.push(text) }, once (_event: string, cleared: () => void) { cleared() } }
  app.server.emit('clientError', Object.assign(new Error('no reason'), { code: 'HPE_OTHER' }), open)
  t.match(written[0], JSON.stringify(envelope(400, 'The request is not well-formed HTTP.')))
})

t.test('a failure of TLS ends the connection, without a response or a line', async t => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }])
  const https = { key: made.private, cert: made.cert, handshakeTimeout: 20 }
  const { app, log } = await serve(t, app => { app.get('/silent', () => {}) }, { https } as FastifyServerOptions)
  const connections = new Connections(app.server)
  const port = Number(new URL(app.listeningOrigin).port)
  for (const bytes of ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'what is no TLS', '']) {
    const plain = await Wire.to(port)
    t.equal(await plain.write(bytes).rest(), '', bytes)
    await connections.count(0)
  }
  // records that are none, behind a request that is being handled
  const below = connect(port, '127.0.0.1').on('error', () => {})
  const above = new Duplex({
    read () { below.on('data', data => { this.push(data) }) },
    write (data, _encoding, done) { below.write(data, done) }
  })
  const secure = connectTls({ socket: above, rejectUnauthorized: false }).on('error', () => {})
  await once(secure, 'secureConnect')
  const handled = once(app.server, 'request')
  secure.write(request('GET', '/silent'))
  await handled
  below.write('what is no TLS')
  await connections.count(0)
  t.same(log.lines, [])
  secure.destroy()
})

t.test('row 5 and 22: OPTIONS *, HEAD, Expect: 100-continue and pipelined requests stay in step', async t => {
  const { wire } = await serve(t, app => {
    app.get('/missing', async () => { throw new NotFoundError('Nothing.') })
    app.post('/missing', async () => { throw new NotFoundError('Nothing.') })
  })
  const connection = await wire()
  isContract(t, await connection.write(request('OPTIONS', '*')).answer(), 404, 'Route OPTIONS:* not found')
  for (const path of ['/missing', '/unknown']) {
    const body = (await connection.write(request('GET', path)).answer())!.body
    const head = await connection.write(request('HEAD', path)).answer('HEAD')
    t.match(head, {
      statusLine: 'HTTP/1.1 404 Not Found',
      body: '',
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
    })
    t.equal(
      Number(head!.headers['content-length']),
      body.replace('GET:', path === '/missing' ? 'GET:' : 'HEAD:').length,
      `${path}: the length of the body that a GET would have`
    )
  }
  t.equal(
    (await connection.write(request(
      'POST', '/missing', { expect: '100-continue', 'content-type': 'application/json' }, '{}'
    )).answer())!.status,
    100
  )
  isContract(t, await connection.answer(), 404, 'Nothing.')
  connection.write(['/missing', '/in-step', '/unknown', '/in-step'].map(path => request('GET', path)).join(''))
  isContract(t, await connection.answer(), 404, 'Nothing.')
  t.equal((await connection.answer())!.body, 'in step')
  isContract(t, await connection.answer(), 404, 'Route GET:/unknown not found')
  t.equal((await connection.answer())!.body, 'in step')
})
