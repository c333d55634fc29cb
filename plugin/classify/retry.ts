/** When to come back, from the headers in which providers say it. */
import { builtInRegistry } from '../providers/index.js'
import { seconds } from './duration.js'
import type { HeaderReader } from './headers.js'

/** Headers in milliseconds; the more exact ones. */
const inMilliseconds = ['retry-after-ms', 'x-ms-retry-after-ms', 'x-amz-retry-after'] as const

/**
 * @param header reads the headers of the answer that failed
 * @param buckets those of the providers that are known
 * @param now milliseconds since the epoch
 * @returns seconds, perhaps a fraction, perhaps negative; undefined where no header tells
 */
export function retryAfter (header: HeaderReader, buckets = builtInRegistry().buckets, now = Date.now()): number | undefined {
  for (const name of inMilliseconds) {
    const milliseconds = seconds(header(name))
    if (milliseconds !== undefined) return milliseconds / 1000
  }
  return untilTime(header('retry-after'), now) ?? longest(buckets.map(({ remaining, reset }) => {
    // a bucket that says what is left and is not empty is not the one that was exhausted
    const left = header(remaining)
    return left === undefined || Number(left) === 0 ? untilTime(header(reset), now) : undefined
  })) ?? ietfReset(header('ratelimit'))
}

/** Seconds, a duration, a point in time since the epoch, or a date (RFC 9110 §5.6.7, RFC 3339). */
function untilTime (text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const duration = seconds(text)
  if (duration !== undefined) return duration < 1e9 ? duration : (duration < 1e12 ? duration * 1000 : duration) / 1000 - now / 1000
  const date = /^(?:[A-Z][a-z]{2}, \d{2} |\d{4}-\d{2}-\d{2}T)/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(date) ? undefined : (date - now) / 1000
}

function longest (waits: ReadonlyArray<number | undefined>): number | undefined {
  const known = waits.filter(wait => wait !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** `ratelimit: "api";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers), as Hugging Face sends it. */
function ietfReset (text: string | undefined): number | undefined {
  return text !== undefined && /;\s?r=0(?:;|$)/.test(text) ? seconds(/;\s?t=(\d{1,9})/.exec(text)?.[1]) : undefined
}
