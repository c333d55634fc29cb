/** Sources that could give hundreds of megabytes at once, and a reader that is slow: the source waits, and nothing piles up. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { StreamServer } from './stream-child.js'
import { piece } from './stream-plan.js'
import { Provider } from './stream-provider.js'

/** Between two looks, the reader takes so many bytes. */
const sip = 4 * 1024 * 1024

/** Sources by how often their bytes go over the network until they are read. */
const hops = { generator: 1, node: 1, web: 1, function: 1, bytes: 2, openai: 2 } as const
type Flood = keyof typeof hops

/** What may lie between a source and its reader for each of these: the buffers of the system, which are up to 10 MiB, and of Node. */
const mostAhead = 12 * 1024 * 1024

/** Bytes that the server may hold after a collection, and that its process may take before one. */
const mostHeld = 8 * 1024 * 1024
const mostTaken = 96 * 1024 * 1024

export interface BackPressureResult {
  readonly source: string
  /** Bytes of text. */
  readonly produced: number
  readonly read: number
  /** By how much the source was ahead of the reader at most. */
  readonly ahead: number
  /** By how much the server's memory grew at most, in bytes. */
  readonly rss: number
  readonly heap: number
  readonly external: number
  /** What it held after a collection, in the middle of the stream. */
  readonly held: number
  readonly wrong: readonly string[]
}

/** @param bytes that each source could give at once */
export async function measureBackPressure (bytes: number): Promise<readonly BackPressureResult[]> {
  const provider = await Provider.start()
  const results: BackPressureResult[] = []
  for (const source of Object.keys(hops) as Flood[]) {
    const server = await StreamServer.start(provider.url)
    provider.produced = 0
    results.push(await slowly(server, provider, source, bytes))
    await server.stop()
  }
  provider.close()
  return results
}

async function slowly (server: StreamServer, provider: Provider, source: Flood, bytes: number): Promise<BackPressureResult> {
  const events = Math.ceil(bytes / piece.text.length)
  // the first stream of a process pays for what is loaded and compiled with it
  await once((await ask(server, source, 64)).resume(), 'close')
  provider.produced = 0
  const base = await server.ask('settled')
  const peak = { ahead: 0, rss: 0, heap: 0, external: 0 }
  let read = 0
  let produced = 0
  let held: number | undefined

  /** Until the source waits. */
  const look = async (): Promise<void> => {
    for (let before = -1; before !== produced;) {
      before = produced
      const now = await server.ask('memory')
      produced = now.produced - base.produced + provider.produced
      peak.rss = Math.max(peak.rss, now.rss - base.rss)
      peak.heap = Math.max(peak.heap, now.heapUsed - base.heapUsed)
      peak.external = Math.max(peak.external, now.external - base.external)
      peak.ahead = Math.max(peak.ahead, produced - read)
    }
  }

  let next = 0
  for await (const chunk of await ask(server, source, events)) {
    read += (chunk as Buffer).length
    if (read < next) continue
    next = read + sip
    await look()
    if (held !== undefined || read < bytes / 2) continue
    held = await heldBy(server) - base.heapUsed - base.external
  }
  await look()

  const wrong = [
    ...produced === events * piece.text.length ? [] : [`${produced} bytes were produced`],
    ...read > produced && read < produced * 1.01 ? [] : [`${read} bytes were read`],
    ...peak.ahead < mostAhead * hops[source] ? [] : ['the source is pulled too far ahead of the reader'],
    ...peak.rss < mostTaken ? [] : ['the memory of the process grows'],
    ...held! < mostHeld ? [] : ['the process keeps what was not read']
  ]
  return { source, produced, read, ...peak, held: held!, wrong }
}

/** The least of some collections: array buffers are given back beside the work, and counted until then. */
async function heldBy (server: StreamServer): Promise<number> {
  let least = Infinity
  for (let collections = 0; collections < 10; collections++) {
    const { heapUsed, external } = await server.ask('collected')
    least = Math.min(least, heapUsed + external)
  }
  return least
}

async function ask (server: StreamServer, source: string, events: number): Promise<IncomingMessage> {
  const asking = request({ host: '127.0.0.1', port: server.ports[1], path: `/flood/${source}/${events}`, agent: false }).end()
  const [response] = await once(asking, 'response')
  return response
}
