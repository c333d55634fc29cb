/** Sources of every kind that do what a plan says, and a ledger of those that were opened. */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import type { EventSource } from '../../plugin/index.js'
import { errorClasses } from '../../plugin/errors.js'
import { dataAt, errorEvent, secret, terminal, type Plan, type SourceName } from './stream-plan.js'

/** Counts what was opened and not released, and what was released and is still held in memory. */
export class Ledger {
  readonly #open = new Map<symbol, string>()
  #made = 0
  #collected = 0
  readonly #registry = new FinalizationRegistry<undefined>(() => { this.#collected++ })

  /** @returns what releases it */
  open (what: string): () => void {
    const key = Symbol(what)
    this.#open.set(key, what)
    return () => { this.#open.delete(key) }
  }

  /** Follows a source until it is garbage. */
  follow (source: object): void {
    this.#made++
    this.#registry.register(source, undefined)
  }

  /** What is open. */
  get left (): readonly string[] {
    return [...this.#open.values()]
  }

  /** How many sources are in memory. */
  get held (): number {
    return this.#made - this.#collected
  }
}

async function paced ({ pace }: Plan): Promise<void> {
  if (pace === 'turn') await turn()
  if (pace === 'milliseconds') await delay(1 + Math.random() * 3)
}

/**
 * @param opened is called when it is first read, and gives what releases it: what was never begun has no end either
 * @param waits rejects, or never settles
 */
async function * itemsOf (plan: Plan, opened: () => () => void, waits: () => Promise<unknown>): AsyncGenerator<unknown> {
  const released = opened()
  try {
    for (let n = 0; n < plan.events; n++) {
      await paced(plan)
      yield dataAt(plan, n)
    }
    await paced(plan)
    switch (plan.ending) {
      case 'thrown': throw new errorClasses[plan.code]('It was meant to fail.', { origin: 'groq' })
      case 'unexpected': throw new Error(secret)
      case 'unfit': yield 1n; break
      case 'event': yield errorEvent; break
      case 'silence': case 'waits': await waits(); break
      default: if (terminal[plan.dialect] !== undefined) yield terminal[plan.dialect]
    }
    if (plan.ending !== 'goes on') return
    yield dataAt(plan, -1)
    await waits()
  } finally {
    released()
  }
}

async function never (): Promise<never> {
  return new Promise(() => {})
}

/** A generator that waits hears of its release only when it goes on: its `return` tells at once. */
function generator (plan: Plan, ledger: Ledger): AsyncGenerator<unknown> {
  let released = (): void => {}
  const items = itemsOf(plan, () => (released = ledger.open(plan.id)), never)
  const { return: give } = items
  items.return = async value => {
    released()
    return give.call(items, value)
  }
  return items
}

function nodeStream (plan: Plan, ledger: Ledger): Readable {
  const released = ledger.open(plan.id)
  const items = itemsOf(plan, () => () => {}, never)
  return new Readable({
    objectMode: true,
    highWaterMark: 2,
    read () {
      items.next().then(({ done, value }) => this.push(done === true ? null : value)).catch((error: Error) => this.destroy(error))
    },
    destroy (error, done) {
      released()
      done(error)
    }
  })
}

function webStream (plan: Plan, ledger: Ledger): ReadableStream {
  const released = ledger.open(plan.id)
  const items = itemsOf(plan, () => released, never)
  return new ReadableStream({
    async pull (controller) {
      const { done, value } = await items.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: released
  })
}

export type SourceOf = (plan: Plan, ledger: Ledger) => EventSource | Promise<EventSource>

/** @param provider the address of the stand-in */
export function sourcesAt (provider: string): Record<SourceName, SourceOf> {
  const openai = new OpenAI({ apiKey: 'key', baseURL: provider, maxRetries: 0 })
  const called = async (plan: Plan, signal?: AbortSignal): Promise<EventSource & object> => openai.chat.completions.create({
    model: JSON.stringify(plan), messages: [{ role: 'user', content: 'Hi' }], stream: true
  }, { signal })
  return {
    generator,
    node: nodeStream,
    web: webStream,
    function: (plan, ledger) => signal => {
      const items = itemsOf(plan, () => ledger.open(plan.id), async () => {
        if (!signal.aborted) await once(signal, 'abort')
        throw signal.reason
      })
      ledger.follow(signal)
      return items
    },
    bytes: (plan, ledger) => async signal => {
      const { body } = await fetch(`${provider}/bytes`, { method: 'POST', body: JSON.stringify({ model: JSON.stringify(plan) }), signal })
      ledger.follow(body!)
      return body!
    },
    openai: (plan, ledger) => async signal => {
      const stream = await called(plan, signal)
      ledger.follow(stream)
      return stream as AsyncIterable<unknown>
    },
    'openai-awaited': async (plan, ledger) => {
      const stream = await called(plan)
      ledger.follow(stream)
      return stream
    }
  }
}
