/** Buckets of a rate limit, as headers name them. */
import type { Bucket } from './row.js'

/** The buckets of one way of naming: `x-ratelimit-remaining-tokens`, `x-ratelimit-reset-tokens`. */
export function buckets (beginning: string, names: readonly string[]): Bucket[] {
  return names.map(name => ({ remaining: `${beginning}-remaining${name}`, reset: `${beginning}-reset${name}` }))
}

/** Buckets that many have. */
export const sharedBuckets: readonly Bucket[] = [...buckets('x-ratelimit', ['', '-requests', '-tokens']), ...buckets('ratelimit', [''])]
