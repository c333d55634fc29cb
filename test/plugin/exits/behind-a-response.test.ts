/**
 * Given a response that is under way, when what comes behind its request cannot be read, then these bytes arrive and nothing stays open.
 */
import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import proxy from '@fastify/http-proxy'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { serverOptions } from '../../../plugin/index.js'
import { isContract, Log } from '../../support/app.js'
import { Connections } from '../../support/connections.js'
import { listening } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const garbage = 'NONSENSE\r\n\r\n'
const refused = 'The request is not well-formed HTTP: Invalid method encountered.'

interface Streams {
  app: FastifyInstance
  log: Log
  connections: Connections
  upstream: Connections
  events: EventEmitter
  running: Set<unknown>
  port: number
}

/** An app with a stream that goes on until told, one that is silent, and one of a provider. */
async function serve (t: Test, options: FastifyServerOptions = {}): Promise<Streams> {
  const server = createServer((_request, response) => { response.writeHead(200).write('first') }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const log = new Log()
  const app: FastifyInstance = Fastify(serverOptions({ logger: log.logger, ...options }))
  t.teardown(async () => { await app.close(); server.close() })
  await app.register(humanloopErrors)
  const events = new EventEmitter().setMaxListeners(0)
  const running = new Set<unknown>()
  const upstream = new Connections(server)
  const run = (response: ServerResponse): void => {
    running.add(response)
    response.once('close', () => {
      running.delete(response)
      if (running.size === 0) events.emit('none')
    })
  }
  app.get('/stream', (_request, reply) => {
    run(reply.raw)
    reply.send(Readable.from((async function * () {
      yield 'first '
      await once(events, 'go on')
      yield 'last'
    })()))
  })
  app.get('/silent', (_request, reply) => { run(reply.raw) })
  app.register(async raw => {
    raw.addContentTypeParser('a/b', (_request, _payload, done) => { done(null) })
    raw.post('/unread', (_request, reply) => { run(reply.raw) })
  })
  app.register(proxy, { upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, prefix: '/proxy' })
  const connections = new Connections(app.server)
  return { app, log, connections, upstream, events, running, port: await listening(app) }
}

async function handled (app: FastifyInstance, client: Wire, text: string): Promise<void> {
  const [, failed] = [client.write(text), once(app.server, 'clientError')]
  await failed
}

t.test('100 clients that leave: no connection, handler or call of a provider stays', async t => {
  const { app, connections, upstream, events, running, port } = await serve(t)
  const leaves: ReadonlyArray<(client: Wire) => unknown> = [
    client => client.finish(), client => { client.close() }, client => { client.reset() }
  ]
  for (const path of ['/stream', '/silent', '/proxy/']) {
    for (const leave of leaves) {
      const clients: Wire[] = []
      for (let count = 0; count < 100; count++) {
        const client = await Wire.to(port)
        await handled(app, client, request('GET', path) + garbage)
        clients.push(client)
      }
      t.equal(connections.open.size, 100, path)
      if (path === '/proxy/') await upstream.count(100)
      for (const client of clients) leave(client)
      await connections.count(0)
      await upstream.count(0)
      if (running.size > 0) await once(events, 'none')
    }
  }
  await app.close()
})

t.test('a client that stays has the whole response, and then its turn', async t => {
  const { app, log, events, connections, port } = await serve(t)
  const client = await Wire.to(port)
  await handled(app, client, request('GET', '/stream') + garbage)
  await handled(app, client, 'more of it')
  events.emit('go on')
  t.match(await client.answer(), { status: 200, body: 'first last' })
  isContract(t, await client.answer(), 400, refused)
  t.equal(await client.rest(), '')
  await connections.count(0)
  t.equal(log.lines.filter(({ msg }) => msg === refused).length, 1, 'one line')
})

t.test('responses to all requests before it come first', async t => {
  const { app, events, port } = await serve(t)
  const client = await Wire.to(port)
  await handled(app, client, request('GET', '/stream') + request('GET', '/unknown') + request('GET', '/stream') + garbage)
  events.emit('go on')
  t.match(await client.answer(), { status: 200, body: 'first last' })
  isContract(t, await client.answer(), 404, 'Route GET:/unknown not found')
  t.match(await client.answer(), { status: 200, body: 'first last' })
  isContract(t, await client.answer(), 400, refused)
  t.equal(await client.rest(), '')
})

t.test('behind the last response of a connection comes nothing', async t => {
  const { app, events, connections, port } = await serve(t)
  const client = await Wire.to(port)
  await handled(app, client, request('GET', '/stream', { connection: 'close' }) + garbage)
  events.emit('go on')
  t.match(await client.answer(), { status: 200, body: 'first last', headers: { connection: 'close' } })
  t.equal(await client.rest(), '')
  await connections.count(0)
})

t.test('a client that goes on and on is cut off', async t => {
  const { app, connections, running, events, port } = await serve(t)
  const socket: Socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}) // it is reset
  await handled(app, Wire.over(socket), request('GET', '/silent') + garbage)
  const ended = once(events, 'none')
  const more = Buffer.alloc(64 * 1024, 'x')
  const flood = (): void => { if (!socket.destroyed) socket.write(more, flood) }
  flood()
  await ended
  await connections.count(0)
  t.equal(running.size, 0)
})

t.test('a client that leaves is noticed also where a body is not read', async t => {
  const { app, connections, port } = await serve(t)
  const client = await Wire.to(port)
  const upload = request('POST', '/unread', { 'content-type': 'a/b', 'transfer-encoding': 'chunked' })
  // more than Node reads ahead, in one piece
  await handled(app, client, `${request('GET', '/silent')}${upload}4e20\r\n${'x'.repeat(0x4e20)}\r\nnot hex\r\n`)
  client.finish()
  await connections.count(0)
  t.pass('nothing is open')
})

t.test('an app’s own clientErrorHandler is called once, and may write itself', async t => {
  const codes: Array<string | undefined> = []
  const { app, events, port } = await serve(t, {
    clientErrorHandler ({ code }) { codes.push(code) }
  })
  const client = await Wire.to(port)
  await handled(app, client, request('GET', '/stream') + garbage)
  await handled(app, client, 'more of it')
  events.emit('go on')
  t.match(await client.answer(), { status: 200 })
  isContract(t, await client.answer(), 400, refused)
  t.same(codes, ['HPE_INVALID_METHOD'])
})
