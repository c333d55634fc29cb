/** When to come back, from the headers of a response. */
import type { ErrorHeaderName } from '../schemas/headers.js'

/** A function that reads a header of a response: one of the contract's, or one that other services send. */
export type HeaderReader = (name: ErrorHeaderName | 'retry-after-ms' | 'date') => string | undefined

/**
 * Reads how long to wait.
 *
 * @param header reads a header of the response; undefined if it has none
 * @returns seconds, perhaps a fraction, never negative; undefined where no header tells
 */
export function retryAfterOf (header: HeaderReader): number | undefined {
  const value = header('retry-after')
  // by the server's clock where it tells it: the caller's may be wrong by more than the wait
  const now = dateIn(header('date')) || Date.now()
  return [
    numberIn(header('retry-after-ms')) / 1000,
    numberIn(value),
    Math.max((dateIn(value) - now) / 1000, 0)
  ].find(wait => wait >= 0)
}

function numberIn (text = ''): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
}

/** Milliseconds since the epoch (RFC 9110 §5.6.7). `Date.parse` alone takes almost anything for a date. */
function dateIn (text = ''): number {
  return /^\w{3}, \d\d /.test(text) ? Date.parse(text) : NaN
}
