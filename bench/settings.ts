/** How long and how often the benchmark measures; two variables of the environment shorten a trial. */

/** Seconds that each contender runs in each round: short, for the speed of a shared machine drifts from second to second. */
export const seconds = positive('BENCH_SECONDS', 0.6)

/** Rounds of every measurement. */
export const rounds = Math.ceil(positive('BENCH_ROUNDS', 25))

/** Seconds that each server runs before the first round, so that its code is compiled by then. */
export const warmUpSeconds = Math.max(seconds, 1)

/**
 * Connections of the load generator, and requests under way on each, as in Fastify's own benchmarks. With one request on
 * each, the fast servers waited for the generator, which hides what they differ by.
 */
export const connections = 100
export const pipelining = 10

function positive (name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  if (Number.isFinite(value) && value > 0) return value
  throw new RangeError(`${name} must be a number above 0; it is '${process.env[name]}'`)
}
