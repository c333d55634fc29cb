/** Streams that fail at random points before clients that leave at random points: each ends as it should, and nothing is left. */
import { Provider } from './stream-provider.js'
import { Clients } from './stream-client.js'
import { StreamServer } from './stream-child.js'
import { violationOf } from './stream-frames.js'
import { planOf, type Plan } from './stream-plan.js'
import type { Settled } from './stream-server.js'

const atOnce = 64

/** Milliseconds that calls, and then idle connections, may take to go. */
const callsGone = 15_000
const connectionsGone = 30_000

/** How the streams ended for their clients. */
export interface Endings {
  success: number
  /** As an answer with a status of its own. */
  status: number
  /** As a last frame. */
  frame: number
  left: number
}

export interface StreamsResult {
  readonly streams: number
  readonly seconds: number
  readonly endings: Readonly<Endings>
  readonly wrong: readonly string[]
  /** Calls that the stand-in for a provider had. */
  readonly providerCalls: number
  /** Clients that left, by the server's log. */
  readonly leavers: number
  /** Heap after the first tenth, and at the end, in bytes; without what V8 compiled. */
  readonly heapBefore: number
  readonly heapAfter: number
  /** What it had compiled by then, in bytes. */
  readonly codeBefore: number
  readonly codeAfter: number
  /** Seconds that what was left took to go, at the end. */
  readonly settling: number
}

/** @param streams how many, the first tenth of which warms the server up */
export async function soakStreams (streams: number, seed: number): Promise<StreamsResult> {
  const provider = await Provider.start()
  const server = await StreamServer.start(provider.url)
  const wrong: string[] = []
  const endings: Endings = { success: 0, status: 0, frame: 0, left: 0 }
  const begun = performance.now()
  const tenth = Math.ceil(streams / 10)
  const run = async (from: number, to: number): Promise<{ state: Settled, listeners: number }> => {
    const clients = new Clients(server.ports)
    await askAll(clients, seed, from, to, wrong, endings)
    const calls = await provider.callsLeft(callsGone)
    if (calls > 0) wrong.unshift(`${calls} calls to the provider were left over`)
    const { mostListeners } = await server.ask('connections')
    clients.close()
    const connections = await provider.connectionsLeft(connectionsGone)
    if (connections > 0) wrong.unshift(`${connections} connections to the provider were left over`)
    const state = await server.ask('settled')
    wrong.unshift(...state.left.map(what => `left over: ${what}`))
    return { state, listeners: mostListeners }
  }
  const before = await run(0, tenth)
  const after = await run(tenth, streams)
  const seconds = (performance.now() - begun) / 1000
  await server.stop()
  provider.close()
  wrong.push(...after.state.complaints)
  if (after.listeners > before.listeners) {
    wrong.push(`a connection had ${before.listeners} listeners after the first tenth, and ${after.listeners} at the end`)
  }
  return {
    streams,
    seconds,
    endings,
    wrong,
    providerCalls: provider.calls,
    leavers: after.state.leavers,
    heapBefore: before.state.heapUsed - before.state.code,
    heapAfter: after.state.heapUsed - after.state.code,
    codeBefore: before.state.code,
    codeAfter: after.state.code,
    settling: after.state.seconds
  }
}

async function askAll (clients: Clients, seed: number, from: number, to: number, wrong: string[], endings: Endings): Promise<void> {
  let next = from
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < to) {
      const plan = planOf(seed, next++)
      const ending = await outcome(clients, plan, wrong)
      if (ending !== undefined) endings[ending]++
    }
  }))
}

/** How a stream ended; undefined where that is wrong. */
async function outcome (clients: Clients, plan: Plan, wrong: string[]): Promise<keyof Endings | undefined> {
  try {
    const answer = await clients.ask(plan)
    if (answer === 'left') return 'left'
    const violation = violationOf(plan, answer)
    if (violation === undefined) return answer.status !== 200 ? 'status' : /"(?:origin)"/.test(answer.body) ? 'frame' : 'success'
    wrong.push(`${JSON.stringify(plan)}: ${violation}`)
  } catch (error) {
    wrong.push(`${JSON.stringify(plan)}: ${String(error)}`)
  }
  return undefined
}
