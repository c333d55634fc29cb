/** Numbers from a seed: a combination that went wrong can be had again. */

export interface Random {
  /** An integer from 0 to the limit, which is excluded. */
  readonly below: (limit: number) => number
  readonly oneOf: <T>(list: readonly T[]) => T
}

/** Mulberry32, of a seed and the place in its sequence. */
export function randomAt (seed: number, index: number): Random {
  let state = seed ^ Math.imul(index + 1, 0x9E3779B1)
  const below = (limit: number): number => {
    state = state + 0x6D2B79F5 | 0
    let bits = Math.imul(state ^ state >>> 15, 1 | state)
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits
    return Math.floor(((bits ^ bits >>> 14) >>> 0) / 2 ** 32 * limit)
  }
  below(2) // the first number of neighbouring seeds is alike
  return { below, oneOf: list => list[below(list.length)]! }
}
