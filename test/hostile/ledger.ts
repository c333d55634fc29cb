/** What belongs to one run of a combination: what it opened and has not closed yet, its log lines, and what `onError` heard. */
import { EventEmitter, once } from 'node:events'
import type { FastifyRequest } from 'fastify'
import type { Plan } from './plan.js'

export interface LogLine { readonly level: number, readonly msg?: string, readonly [field: string]: unknown }

/** How long something may stay open after its client has gone, in milliseconds: the longest wait of the plugin is a second. */
const longestMs = 5_000

const changes = new EventEmitter().setMaxListeners(0)

export class Run {
  readonly id: number
  readonly plan: Plan
  readonly lines: LogLine[] = []
  /** How often `onError` was called. */
  told = 0
  /** Local ports of the clients. */
  readonly ports = new Set<number>()
  readonly #open = new Set<{ readonly what: string }>()
  #hasArrived = false

  constructor (id: number, plan: Plan) {
    this.id = id
    this.plan = plan
  }

  /**
   * Notes that something is open.
   *
   * @returns a function that notes its end
   */
  opened (what: string): () => void {
    const entry = { what }
    this.#open.add(entry)
    return () => {
      this.#open.delete(entry)
      changed()
    }
  }

  /** Notes that a request of this run has reached the server. */
  arrive (): void {
    this.#hasArrived = true
    changed()
  }

  /** Waits until a request has reached the server; not for ever, as some never do. */
  async arrived (signal: AbortSignal): Promise<void> {
    while (!this.#hasArrived && !signal.aborted) await change(signal)
  }

  /** What is open still, after everything had time to end. */
  async leftovers (sockets: ReadonlyMap<number, unknown>): Promise<string[]> {
    const signal = AbortSignal.timeout(longestMs)
    const { hook, level, handler, server } = this.plan
    // the guard reads the stream of an error response, and releases it, before hooks behind it are at work
    const isGuards = handler.expects.is === 'sent' && server.guard === 'enforce' && level !== 'before'
    const isDropped = (what: string): boolean => hook?.drops === true && !isGuards && what !== 'handler'
    const left = (): string[] => [
      ...[...this.#open].map(({ what }) => what).filter(what => !isDropped(what)),
      ...[...this.ports].filter(port => sockets.has(port)).map(() => 'socket')
    ]
    while (left().length > 0 && !signal.aborted) await change(signal)
    return left()
  }
}

/** The runs of this process, by their number, which is in the URL of each of their requests. */
export class Ledger {
  readonly #runs = new Map<number, Run>()
  #count = 0

  start (plan: Plan): Run {
    const run = new Run(++this.#count, plan)
    this.#runs.set(run.id, run)
    return run
  }

  finish (run: Run): void {
    this.#runs.delete(run.id)
  }

  /** The run that a request belongs to, by its URL. */
  at (url: string | undefined): Run | undefined {
    const at = url?.indexOf('run=') ?? -1
    return at === -1 ? undefined : this.#runs.get(parseInt(url!.slice(at + 4)))
  }

  ofRequest (request: FastifyRequest): Run | undefined {
    return this.at(request.raw.url)
  }

  /** Takes a line of a server's log. */
  write (text: string): void {
    const line: LogLine = JSON.parse(text)
    const { reqId } = line
    if (typeof reqId === 'string') this.at(reqId)?.lines.push(line)
  }
}

export function changed (): void {
  changes.emit('change')
}

async function change (signal: AbortSignal): Promise<void> {
  await once(changes, 'change', { signal }).catch(() => {}) // the time is up: the caller looks for itself
}
