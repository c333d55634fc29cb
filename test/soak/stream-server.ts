/** Child process of the soak: streams over HTTP/1.1 and HTTP/2, and what is left of them. */
import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getHeapCodeStatistics } from 'node:v8'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors from '../../plugin/index.js'
import { floodsFrom, produced } from './flood.js'
import { callsProvider, type Plan } from './stream-plan.js'
import { Ledger, sourcesAt } from './stream-sources.js'

/** What can be asked of it. */
export type Question = 'settled' | 'memory' | 'collected' | 'connections'

export interface Memory {
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** Of the heap: what V8 compiled, which becomes more for as long as it finds code to optimize. */
  readonly code: number
  readonly external: number
  /** Bytes that were taken of the sources of a flood. */
  readonly produced: number
}

/** After all is over: waited for, until nothing is left or some time has passed. */
export interface Settled extends Memory {
  /** What is there now and was not at the start: sockets, timers, listeners, sources. */
  readonly left: readonly string[]
  /** What Node warned of, rejections that nobody handled, failures that were told twice. */
  readonly complaints: readonly string[]
  /** Failures that `onError` was told, by whether the stream had begun. */
  readonly told: { readonly first: number, readonly begun: number }
  /** Clients whose leaving was logged. */
  readonly leavers: number
  readonly seconds: number
}

export interface Connections {
  readonly open: number
  /** Of the connection that has the most. */
  readonly mostListeners: number
}

const longest = 30_000

const complaints: string[] = []
process.on('warning', warning => { complaints.push(String(warning)) })
process.on('unhandledRejection', reason => { complaints.push(`unhandled rejection: ${String(reason)}`) })

const told = { first: 0, begun: 0 }
const tellers = new WeakSet<object>()
let leavers = 0
const log = { level: 'info', stream: { write: (line: string) => { if (line.includes('the client left before')) leavers++ } } }

const provider = process.argv[2]!
const sources = sourcesAt(provider)
const floods = floodsFrom(provider)
const ledger = new Ledger()
const connections = new Set<EventEmitter>()

async function serve (options: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ ...options, logger: log })
  await app.register(humanloopErrors, {
    onError: (_error, request, { begun }) => {
      told[begun ? 'begun' : 'first']++
      if (tellers.has(request)) complaints.push('a failure was told twice')
      tellers.add(request)
    }
  })
  app.post<{ Body: Plan }>('/', async (request, reply) => {
    const plan = request.body
    const source = await sources[plan.source](plan, ledger)
    if (typeof source === 'object') ledger.follow(source)
    if (plan.late) await new Promise(resolve => { setTimeout(resolve, 3) })
    const origin = callsProvider(plan.source) || plan.ending === 'event' ? 'openai' : undefined
    return reply.sendEvents(source, { dialect: plan.dialect, idleTimeout: plan.idleTimeout, origin })
  })
  app.get<{ Params: { source: string, events: number } }>('/flood/:source/:events', async ({ params }, reply) => {
    return reply.sendEvents(floods[params.source]!(Number(params.events)), { idleTimeout: 600_000 })
  })
  for (const event of ['connection', 'session']) {
    app.server.on(event, (connection: EventEmitter) => {
      connections.add(connection)
      connection.once('close', () => connections.delete(connection))
    })
  }
  app.server.on('sessionError', (error: Error) => { complaints.push(`an HTTP/2 session failed: ${error.message}`) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}

function listenersOf (emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}

const [http1, http2] = [await serve(), await serve({ http2: true } as FastifyServerOptions)]

/** All that stays in a process, and should not become more. */
function counts (): Map<string, number> {
  const found = new Map<string, number>()
  for (const resource of process.getActiveResourcesInfo()) found.set(resource, (found.get(resource) ?? 0) + 1)
  found.set('listeners of the servers', listenersOf(http1.server) + listenersOf(http2.server))
  found.set('listeners of the process', listenersOf(process))
  found.set('connections', connections.size)
  return found.set('sources in memory', ledger.held)
}

function left (): string[] {
  const more = [...counts()].filter(([what, count]) => count > (atStart.get(what) ?? 0))
    .map(([what, count]) => `${count - (atStart.get(what) ?? 0)} × ${what}`)
  return ledger.left.length === 0 ? more : [...more, `not released: ${ledger.left.slice(0, 10).join(', ')}`]
}

function memory (): Memory {
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapUsed, code: getHeapCodeStatistics().code_and_metadata_size, external, produced: produced.bytes }
}

/** Memory after a collection; what waits for the turn's end would be held by it. */
async function collected (): Promise<Memory> {
  for (let collections = 0; collections < 3; collections++) {
    await new Promise(resolve => { setImmediate(resolve) })
    globalThis.gc!()
  }
  return memory()
}

async function settled (): Promise<Settled> {
  const begun = performance.now()
  do await collected()
  while (left().length > 0 && performance.now() - begun < longest)
  return { ...memory(), left: left(), complaints, told, leavers, seconds: (performance.now() - begun) / 1000 }
}

const answers: Record<Question, () => unknown> = {
  settled,
  memory,
  collected,
  connections: (): Connections => ({ open: connections.size, mostListeners: Math.max(0, ...[...connections].map(listenersOf)) })
}

process.on('disconnect', () => process.exit())
process.on('message', (question: Question) => { void tell(question) })

async function tell (question: Question): Promise<void> {
  process.send!(await answers[question]())
}

const atStart = counts()
const port = (app: FastifyInstance): number => (app.server.address() as AddressInfo).port
process.send!({ ports: { 1: port(http1), 2: port(http2) } })
