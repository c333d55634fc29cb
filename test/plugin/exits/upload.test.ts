/**
 * Given a handler that reads the body of its request, when the client leaves in the middle of it, or what it sends cannot be
 * read, then these bytes arrive, the handler ends, and nothing stays open.
 */
import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import proxy from '@fastify/http-proxy'
import multipart from '@fastify/multipart'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { generate } from 'selfsigned'
import humanloopErrors, { serverOptions } from '../../../plugin/index.js'
import { isContract, Log } from '../../support/app.js'
import { Connections } from '../../support/connections.js'
import { listening } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const made = await generate([{ name: 'commonName', value: 'localhost' }])
const https = { key: made.private, cert: made.cert }

/** What becomes of one upload. */
interface Seen { readonly aborted: string[], readonly ended: string[], readonly errors: unknown[] }

interface Uploads {
  app: FastifyInstance
  log: Log
  seen: Seen
  events: EventEmitter
  connections: Connections
  upstream: Connections
  port: number
  wire: () => Promise<Wire>
}

/** An app whose routes read a body in each of the usual ways. */
async function serve (t: Test, options: FastifyServerOptions & { https?: object } = {}, isPlain = false): Promise<Uploads> {
  const server: Server = createServer((request, response) => {
    request.on('error', () => {}).resume().on('end', () => { response.end('upstream') })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const upstream = new Connections(server)
  const log = new Log()
  const given = { logger: log.logger, ...options }
  const app: FastifyInstance = Fastify(isPlain ? given : serverOptions(given))
  t.teardown(async () => { await app.close(); server.close() })
  const seen: Seen = { aborted: [], ended: [], errors: [] }
  const events = new EventEmitter()
  await app.register(humanloopErrors)
  await app.register(multipart)
  app.addHook('onRequest', async ({ raw }) => { raw.once('error', error => { seen.errors.push(error) }) })
  app.addHook('onRequestAbort', async ({ url }) => {
    seen.aborted.push(url)
    events.emit('aborted')
  })
  const ends = async (path: string, read: () => Promise<unknown>): Promise<string> => {
    events.emit('begun')
    try {
      await read()
      return 'all of it'
    } finally {
      seen.ended.push(path)
      events.emit('ended')
    }
  }
  app.get('/in-step', async () => 'in step')
  app.post('/json', async () => 'read by the parser')
  app.post('/multipart', async request => ends('/multipart', async () => (await request.file())!.toBuffer()))
  app.register(async raw => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
    raw.post('/raw', async request => ends('/raw', async () => request.raw.toArray()))
    raw.post('/answering', async (request, reply) => {
      reply.hijack().raw.writeHead(200).write('begun')
      return ends('/answering', async () => request.raw.toArray())
    })
    raw.post('/early', (_request, reply) => { reply.send('early') })
  })
  app.register(proxy, { upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, prefix: '/proxy' })
  const connections = new Connections(app.server)
  const port = await listening(app)
  return {
    app,
    log,
    seen,
    events,
    connections,
    upstream,
    port,
    async wire () {
      if (options.https === undefined) return Wire.to(port)
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      return Wire.over(socket)
    }
  }
}

/** The beginning of a request whose body has more to come. */
function begins (path: string, type: string, part: string, framing: string): string {
  const body = framing === 'chunked' ? `${part.length.toString(16)}\r\n${part}\r\n` : part
  const length = framing === 'chunked' ? 'transfer-encoding: chunked' : 'content-length: 5000'
  return `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\n${length}\r\n\r\n${body}`
}

const ways: ReadonlyArray<readonly [path: string, type: string, part: string]> = [
  ['/json', 'application/json', '{"a":'],
  ['/multipart', 'multipart/form-data; boundary=xx', '--xx\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf'],
  ['/raw', 'application/octet-stream', 'half'],
  ['/proxy/', 'application/octet-stream', 'half']
]

const breaks: ReadonlyArray<readonly [what: string, framing: string, leave: (wire: Wire) => unknown, message: string | undefined]> = [
  ['its client ends', 'content-length', wire => wire.finish(), 'The request is not well-formed HTTP: Invalid EOF state.'],
  ['its client ends', 'chunked', wire => wire.finish(), 'The request is not well-formed HTTP: Invalid EOF state.'],
  ['its client is gone', 'content-length', wire => { wire.close() }, undefined],
  ['its client is gone', 'chunked', wire => { wire.close() }, undefined],
  [
    'a chunk is malformed', 'chunked', wire => wire.write('not hex\r\n'),
    'The request is not well-formed HTTP: Invalid character in chunk size.'
  ]
]

for (const [server, options, isPlain] of [
  ['HTTP', {}, false], ['HTTPS', { https }, false], ['a server without serverOptions', {}, true]
] as const) {
  t.test(`an upload that breaks off, over ${server}`, async t => {
    const { app, seen, events, connections, upstream, wire } = await serve(t, options, isPlain)
    for (const [path, type, part] of ways) {
      for (const [what, framing, leave, message] of breaks) {
        const begun = path === '/json' ? once(app.server, 'request') : path === '/proxy/' ? upstream.count(1) : once(events, 'begun')
        const client = await wire()
        client.write(begins(path, type, part, framing))
        await begun
        const aborted = once(events, 'aborted')
        const ended = path === '/multipart' || path === '/raw' ? once(events, 'ended') : undefined
        leave(client)
        const name = `${path}, ${framing}: ${what}`
        if (message === undefined) {
          t.equal(await client.answer(), undefined, name)
        } else {
          const answer = await client.answer()
          isContract(t, answer, 400, message, name)
          t.equal(answer!.headers.connection, 'close', name)
          t.equal(await client.rest(), '', `${name}: nothing behind it`)
        }
        await aborted
        await ended
        await connections.count(0)
        await upstream.count(0)
      }
    }
    const count = breaks.length
    t.same(seen.aborted, ways.flatMap(([path]) => Array(count).fill(path)), 'onRequestAbort was called once for each')
    t.same(seen.ended, ['/multipart', '/raw'].flatMap(path => Array(count).fill(path)), 'each handler came to its end')
    t.equal(seen.errors.length, count * ways.length, 'and each request failed')
    t.match(seen.errors[0], { code: 'ECONNRESET', message: 'aborted' }, 'as Node has it')
    const next = await wire()
    t.equal((await next.write(request('GET', '/in-step')).answer())!.body, 'in step', 'the server goes on')
    next.close()
  })
}

t.test('20 uploads through a proxy, aborted: no connection to the upstream stays', async t => {
  const { wire, connections, upstream } = await serve(t)
  const clients = await Promise.all(Array.from({ length: 20 }, wire))
  for (const client of clients) client.write(begins('/proxy/', 'application/octet-stream', 'half', 'content-length'))
  await upstream.count(20)
  for (const client of clients) client.finish()
  await upstream.count(0)
  await connections.count(0)
})

t.test('an upload whose response has begun is cut, without a second head', async t => {
  const { wire, connections, events } = await serve(t)
  for (const leave of [(client: Wire) => client.write('not hex\r\n'), (client: Wire) => client.finish()]) {
    const begun = once(events, 'begun')
    const client = (await wire()).write(begins('/answering', 'application/octet-stream', 'half', 'chunked'))
    await begun
    const ended = once(events, 'ended')
    leave(client)
    t.match(await client.rest(), /^HTTP\/1\.1 200 OK[^]*\r\n\r\n5\r\nbegun\r\n$/)
    await ended
    await connections.count(0)
  }
})

t.test('an upload that has its response has no second one', async t => {
  const { wire, connections } = await serve(t)
  for (const leave of [(client: Wire) => client.write('not hex\r\n'), (client: Wire) => client.finish()]) {
    const client = (await wire()).write(begins('/early', 'application/octet-stream', 'half', 'chunked'))
    t.equal((await client.answer())!.body, 'early')
    leave(client)
    t.equal(await client.rest(), '', 'a response to nothing would be taken for that to the next request')
    await connections.count(0)
  }
})

t.test('the server closes at once, while a client does not end its side', async t => {
  const { app, port, connections, events } = await serve(t)
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const client = Wire.over(socket)
  const begun = once(events, 'begun')
  client.write(begins('/raw', 'application/octet-stream', 'half', 'chunked'))
  await begun
  const ended = once(socket, 'end')
  isContract(t, await client.write('not hex\r\n').answer(), 400, 'The request is not well-formed HTTP: Invalid character in chunk size.')
  await ended
  t.equal(connections.open.size, 1, 'it has time for reading')
  const aborted = once(events, 'aborted')
  await app.close()
  await aborted
  t.equal(connections.open.size, 0)
})
