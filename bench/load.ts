/** One run of the load generator against one server; an answer that is not the expected one fails it. */
import autocannon from 'autocannon'
import type { Contender } from './contenders.js'
import { connections, pipelining as usual } from './settings.js'

export interface Load {
  /** Answers received. */
  readonly answers: number
  /** Answers a second. */
  readonly rate: number
}

/**
 * @throws Error when an answer has another status, or a connection fails
 */
export async function load (url: string, { status, pipelining = usual }: Contender, seconds: number): Promise<Load> {
  // by default autocannon looks at the clock once a second, and a run of 2 s may become one of 3 s
  const options = { url, connections, pipelining, duration: seconds, sampleInt: 50 }
  const result = await autocannon(options)
  const counts = Object.entries(result.statusCodeStats ?? {}).map(([code, { count = 0 }]) => [Number(code), count] as const)
  const answers = counts.find(([code]) => code === status)?.[1] ?? 0
  if (answers === 0 || counts.length !== 1 || result.errors > 0) {
    throw new Error(`expected ${status} only; got ${JSON.stringify(Object.fromEntries(counts))} and ${result.errors} errors`)
  }
  return { answers, rate: answers / (result.finish.getTime() - result.start.getTime()) * 1000 }
}
