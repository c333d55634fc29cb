/**
 * Given clients that send and leave as they like, when all of them are gone, then every response was whole and inside the
 * contract, nothing is open, and each handler has come to its end. What they do follows from a seed, which is printed.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { serverOptions } from '../../../plugin/index.js'
import { isErrorEnvelope } from '../../../client/index.js'
import { Connections } from '../../support/connections.js'
import { listening } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const seed = Number(process.env['SEED'] ?? Date.now() % 1e6)
const clients = Number(process.env['CLIENTS'] ?? 300)
t.comment(`SEED=${seed}`)

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
let state = seed
function random (): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

function oneOf<T> (list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!
}

const chunked = { 'transfer-encoding': 'chunked', 'content-type': 'application/octet-stream' }
const sent: readonly string[] = [
  request('GET', '/fine'),
  request('GET', '/slow'),
  request('GET', '/stream'),
  request('HEAD', '/unknown'),
  request('GET', '/unknown'),
  request('GET', '/%ff'),
  request('GET', '/throws'),
  request('GET', '/fine', { connection: 'close' }),
  request('GET', '/fine', { expect: 'a miracle' }),
  'GET /fine HTTP/1.1\r\n\r\n',
  request('POST', '/json', { 'content-type': 'application/json' }, '{"a":1}'),
  request('POST', '/json', { 'content-type': 'application/json' }, '{"a":'),
  request('POST', '/body', { expect: '100-continue', ...chunked }) + '3\r\nabc\r\n0\r\n\r\n',
  // what breaks off
  request('POST', '/body', { ...chunked }) + '3\r\nabc\r\n',
  request('POST', '/json', { 'content-type': 'application/json', 'content-length': '99' }) + '{',
  request('POST', '/early', { ...chunked }) + '3\r\nabc\r\n',
  request('POST', '/body', { expect: '100-continue', ...chunked }),
  'GET /fine HTTP/1.1\r\nhos',
  // what cannot be read
  'NONSENSE\r\n\r\n', request('POST', '/body', { ...chunked }) + 'not hex\r\n', request('POST', '/early', { ...chunked }) + 'not hex\r\n',
  request('POST', '/body', { expect: '100-continue', ...chunked }) + 'not hex\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  `GET /fine HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
  'GET /fine HTTP/1.1\r\nhost: a\r\nbad header: x\r\n\r\n',
  '\r\n\r\n\0\0',
  'x'.repeat(70_000)
]

const leaves: ReadonlyArray<(socket: Socket) => unknown> = [
  socket => socket.end(), socket => socket.destroy(), socket => socket.resetAndDestroy(),
  async socket => { await once(socket, 'data'); socket.end() },
  async socket => { await once(socket, 'data'); socket.resetAndDestroy() },
  () => {}
]

interface Running { handlers: number, requests: number }

function routes (app: FastifyInstance, running: Running): void {
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => { done(null) })
  app.addHook('onRequest', async ({ raw, url }) => {
    if (url === '/early') return // Node forgets a request whose response is out
    running.requests++
    raw.once('close', () => { running.requests-- })
  })
  const counted = (handler: (body: Readable) => Promise<unknown>) => async ({ raw }: { raw: Readable }): Promise<unknown> => {
    running.handlers++
    try {
      return await handler(raw)
    } finally {
      running.handlers--
    }
  }
  app.get('/fine', async () => 'fine')
  app.get('/slow', counted(async () => { for (let turns = 0; turns < 10; turns++) await turn(); return 'slow' }))
  app.get('/stream', async () => Readable.from((async function * () {
    for (let turns = 0; turns < 10; turns++) { await turn(); yield `piece ${turns} ` }
  })()))
  app.get('/throws', async () => { throw Object.assign(new Error('No.'), { statusCode: 403 }) })
  app.post('/json', async () => 'json')
  app.post('/body', counted(async body => (await body.toArray()).join('')))
  app.post('/early', (_request, reply) => { reply.send('early') })
}

/** One client: some requests, in one piece or in many, and how it leaves. */
async function client (port: number): Promise<{ plan: string[], received: Buffer }> {
  const plan = Array.from({ length: 1 + Math.floor(random() * 3) }, () => oneOf(sent))
  const leave = oneOf(leaves)
  const text = plan.join('')
  const size = oneOf([text.length, text.length, 7000, 40])
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', chunk => { chunks.push(chunk) }).on('error', () => {})
  const closed = once(socket, 'close').catch(() => {})
  await once(socket, 'connect').catch(() => {})
  for (let at = 0; at < text.length && !socket.destroyed && at < 40 * size; at += size) {
    socket.write(text.slice(at, at + size), 'latin1')
    if (size < text.length) await turn()
  }
  socket.setTimeout(50, () => { socket.destroy() }) // at the latest
  await Promise.race([leave(socket), closed])
  await closed
  return { plan, received: Buffer.concat(chunks) }
}

/** The responses in what came, and what is left over: the beginning of one that was cut. */
async function responsesIn ({ plan, received }: { plan: string[], received: Buffer }): Promise<{ errors: string[], count: number }> {
  const wire = Wire.past(received)
  const errors: string[] = []
  for (let count = 0; ; count++) {
    const answer = await wire.answer(plan[count]?.startsWith('HEAD') === true ? 'HEAD' : 'GET')
    if (answer === undefined) return { errors, count }
    if (answer.status === 100) count--
    if (answer.status >= 400 && answer.body !== '' && !isErrorEnvelope(JSON.parse(answer.body))) errors.push(answer.body)
  }
}

for (const [what, more] of [
  ['as it is', {}],
  ['with short time limits', { keepAliveTimeout: 5, http: { headersTimeout: 20, requestTimeout: 30, connectionsCheckingInterval: 5 } }]
] as ReadonlyArray<readonly [string, FastifyServerOptions]>) {
  t.test(`${clients} clients of a server ${what}`, async t => {
    const app: FastifyInstance = Fastify(serverOptions({ ...more }))
    t.teardown(async () => app.close())
    await app.register(humanloopErrors)
    const running: Running = { handlers: 0, requests: 0 }
    routes(app, running)
    const connections = new Connections(app.server)
    const port = await listening(app)
    const outside: unknown[] = []
    const parallel = 20
    for (let at = 0; at < clients; at += parallel) {
      for (const seen of await Promise.all(Array.from({ length: parallel }, async () => client(port)))) {
        const { errors, count } = await responsesIn(seen)
        if (errors.length > 0 || count > seen.plan.length + 1) {
          outside.push({ plan: seen.plan, errors, count, received: seen.received.toString('latin1') })
        }
      }
    }
    await connections.count(0)
    for (let turns = 0; turns < 20; turns++) await turn() // those that do not read the body have some more to go
    t.same(outside, [], 'every response is whole and inside the contract')
    t.same(running, { handlers: 0, requests: 0 }, 'every handler came to its end, and every request was closed')
    const wire = await Wire.to(port)
    t.equal((await wire.write(request('GET', '/fine')).answer())!.body, 'fine', 'the server goes on')
    wire.close()
  })
}
