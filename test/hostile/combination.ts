/** Runs one combination, and judges it. */
import { Connection, textOf, type Call } from './client.js'
import { handlers } from './handlers.js'
import { judge, type Violation } from './judge.js'
import type { Ledger, LogLine, Run } from './ledger.js'
import type { Plan } from './plan.js'
import { routeOf, startServer, type Listening, type ServerRow } from './servers.js'
import type { Upstream } from './upstream.js'
import { readConversation } from './wire.js'

export interface Outcome {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  /** What came, and what was logged. */
  readonly bytes: string
  readonly log: string
}

/** The servers of this process; each is started when it is first needed. */
export class Servers {
  readonly #ledger: Ledger
  readonly #upstream: Upstream
  readonly #listening = new Map<string, Promise<Listening>>()

  constructor (ledger: Ledger, upstream: Upstream) {
    this.#ledger = ledger
    this.#upstream = upstream
  }

  async at (row: ServerRow, hasPlugin: boolean): Promise<Listening> {
    const name = `${row.name} ${hasPlugin}`
    const listening = this.#listening.get(name) ?? startServer(row, hasPlugin, this.#ledger, this.#upstream.url)
    this.#listening.set(name, listening)
    return listening
  }

  async close (): Promise<void> {
    for (const listening of this.#listening.values()) await (await listening).close()
    this.#upstream.server.close()
    this.#upstream.server.closeAllConnections()
  }
}

/** @param hasPlugin false for the same on stock Fastify */
export async function runCombination (plan: Plan, servers: Servers, ledger: Ledger, hasPlugin = true): Promise<Outcome> {
  const server = await servers.at(plan.server, hasPlugin)
  const run = ledger.start(plan)
  const call = callOf(run, server)
  const observed = await plan.client.call(call)
  const next = await nextOf(call)
  const left = await run.leftovers(server.sockets)
  ledger.finish(run)
  const violations: Violation[] = [
    ...judge(run, observed),
    ...next === undefined ? [] : [{ rule: 'next', isStock: true, text: next }],
    ...left.length === 0 ? [] : [{ rule: 'leftover', isStock: !plan.handler.needsGuard, text: `still open: ${left.join(', ')}` }]
  ]
  return { plan, violations, bytes: observed.text, log: run.lines.map(inShort).join('\n') }
}

/** A line of the log without what each has, and with the beginning of its stacks. */
function inShort ({ time, pid, hostname, reqId, req, res, responseTime, ...fields }: LogLine): string {
  return JSON.stringify(fields, (name, value: unknown) => name === 'stack' ? String(value).split('\n').slice(0, 3).join('\n') : value)
}

function callOf (run: Run, { port }: Listening): Call {
  const { handler, method, server } = run.plan
  const path = handler.path ?? routeOf(handlers.indexOf(handler))
  const query = handler.query === undefined ? '' : `${handler.query}&`
  return {
    port,
    isTls: server.isTls === true,
    run,
    request: { method, path: `${path}?${query}run=${run.id}`, contentType: handler.contentType, body: handler.body ?? '' }
  }
}

/** What is wrong with the next good request, on a connection of its own. */
async function nextOf ({ port, isTls, run: { plan, ports } }: Call): Promise<string | undefined> {
  if (plan.server.protocol === 'h2') return undefined // each client has a session of its own; the next combination tells
  try {
    const connection = await Connection.open({ port, isTls, run: { ports } as Run })
    connection.write(textOf({ method: 'GET', path: '/good', contentType: undefined, body: '' }, { close: true }))
    await connection.untilClosed()
    const { responses } = readConversation(connection.bytes, ['GET'], connection.hasEnded)
    return responses[0]?.status === 200 && responses[0].isWhole ? undefined : `the next request: ${responses[0]?.status ?? 'nothing'}`
  } catch (error) {
    return `the next connection: ${String(error)}`
  }
}
