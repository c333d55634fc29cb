/** What classification of a hostile, large value costs, beside parsing the same text as JSON. */
import { performance } from 'node:perf_hooks'
import { fromResponse, toContractError } from '../plugin/index.js'
import { rounds } from './settings.js'
import { turns } from './statistics.js'

const megabyte = 1024 * 1024

/** Texts of one megabyte, each of them JSON. */
const texts: ReadonlyArray<readonly [name: string, text: string]> = [
  ['one sentence', JSON.stringify({ error: { message: 'word '.repeat(megabyte / 5) } })],
  ['what looks like keys', JSON.stringify({ error: { message: 'sk-abcdefgh '.repeat(megabyte / 12) } })],
  [
    '10,000 violations',
    JSON.stringify({
      detail: Array.from({ length: 10_000 }, (_, index) => ({
        loc: ['body', 'messages', index], msg: `Field ${index} is required`, type: 'missing'
      }))
    })
  ],
  ['nested 20,000 deep', '{"error":'.repeat(20_000) + '"x"' + '}'.repeat(20_000)]
]

export interface Classification {
  readonly text: string
  /** Milliseconds of each round. */
  readonly parse: readonly number[]
  readonly fromResponse: readonly number[]
  readonly toContractError: readonly number[]
}

export function measureClassification (): Classification[] {
  return texts.map(([text, json]) => {
    const parsed: unknown = JSON.parse(json)
    const cases = {
      parse: () => JSON.parse(json),
      fromResponse: () => fromResponse('openai', { status: 400, body: json }),
      toContractError: () => toContractError(Object.assign(new Error(json), { status: 400, headers: {}, error: parsed }))
    }
    const times = { parse: [] as number[], fromResponse: [] as number[], toContractError: [] as number[] }
    for (let round = 0; round < 3 * rounds; round++) {
      for (const name of turns(['parse', 'fromResponse', 'toContractError'] as const, round)) {
        const begun = performance.now()
        for (let repeat = 0; repeat < 5; repeat++) cases[name]()
        times[name].push((performance.now() - begun) / 5)
      }
    }
    return { text, ...times }
  })
}
