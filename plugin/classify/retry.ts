/** When to come back, from the places where providers say it. */
import type { HeaderReader } from './headers.js'

type Hint = (header: HeaderReader, now: number) => number | undefined

/** Seconds until a retry may succeed, the most exact source first. */
const hints: readonly Hint[] = [
  header => thousandth(number(header('retry-after-ms'))),
  header => thousandth(number(header('x-ms-retry-after-ms'))),
  header => number(header('retry-after')),
  (header, now) => untilDate(header('retry-after'), now)
]

/**
 * @param header reads the headers of the answer that failed
 * @param now milliseconds since the epoch
 * @returns seconds, perhaps a fraction; undefined where the answer does not tell
 */
export function retryAfter (header: HeaderReader, now = Date.now()): number | undefined {
  for (const hint of hints) {
    const seconds = hint(header, now)
    if (seconds !== undefined) return Math.max(seconds, 0)
  }
  return undefined
}

function number (text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}

function thousandth (milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}

function untilDate (text: string | undefined, now: number): number | undefined {
  const date = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(date) ? undefined : (date - now) / 1000
}
