/**
 * Given any handler, any hook of users and any client, when a response leaves, then it is inside the contract, and nothing is left open.
 */
import t from 'tap'
import { runMatrix, shown } from './matrix.js'

/** One seed for every run of `npm test`, so that a red run is one of the change at hand; `npm run test:hostile` draws others. */
const seed = Number(process.env.HOSTILE_SEED ?? 21)
const rounds = 600

t.test(`${rounds} combinations of seed ${seed}`, async t => {
  t.comment(`HOSTILE_SEED=${seed}`)
  const findings = await runMatrix({ seed, indexes: Array.from({ length: rounds }, (_, index) => index), processes: 2 })
  for (const finding of findings) t.fail(shown(finding, seed))
  t.equal(findings.length, 0, 'nothing is wrong')
})
