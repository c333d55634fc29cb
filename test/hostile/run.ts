/** `npm run test:hostile -- --rounds 200000 --seed 1`, or `--only 17` for one combination. Exits with 1 where something is wrong. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runMatrix, shown } from './matrix.js'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20000' }, seed: { type: 'string' }, only: { type: 'string' } }
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : count('seed', values.seed)
const indexes = values.only === undefined
  ? Array.from({ length: count('rounds', values.rounds) }, (_, index) => index)
  : [count('only', values.only)]

console.log(`--seed ${seed}`)
const started = performance.now()
const findings = await runMatrix({
  seed,
  indexes,
  processes: Math.max(2, availableParallelism()),
  onFinding: finding => { console.log(shown(finding, seed)) },
  onProgress: done => { if (done % 12_800 === 0) console.log(`${done} of ${indexes.length}`) }
})
console.log(
  `${indexes.length} combinations in ${((performance.now() - started) / 1000).toFixed(0)} s, ${findings.length} wrong; --seed ${seed}`
)
process.exitCode = findings.length > 0 ? 1 : 0

function count (name: string, value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 0) return number
  throw new RangeError(`--${name} must be an integer; it is '${value}'`)
}
