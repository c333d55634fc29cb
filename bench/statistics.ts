/** Medians, spreads, and whose turn it is. */

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spread (values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The ratio of two measurements, taken round by round: what slows the machine in a round slows both. */
export function ratio (values: readonly number[], base: readonly number[]): Spread {
  return spread(values.map((value, round) => value / base[round]!))
}

/** The same for their difference. */
export function difference (values: readonly number[], base: readonly number[]): Spread {
  return spread(values.map((value, round) => value - base[round]!))
}

/** Everyone once, another one first in each round. */
export function turns<T> (all: readonly T[], round: number): T[] {
  const first = round % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}
