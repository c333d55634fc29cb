/** Child process: runs the combinations that it is told to, many at once, and says which went wrong. */
import { inWords, planAt, type Plan } from './plan.js'
import { runCombination, Servers, type Outcome } from './combination.js'
import type { Violation } from './judge.js'
import { Ledger } from './ledger.js'
import { startUpstream } from './upstream.js'

export interface Task { readonly seed: number, readonly indexes: readonly number[], readonly hasPlugin: boolean }

/** Found in one combination. */
export interface Finding {
  readonly index: number
  readonly words: string
  readonly rules: readonly string[]
  readonly texts: readonly string[]
  readonly bytes: string
  readonly log: string
}

/** How many combinations run at once. */
const lanes = 32

const events: string[] = []
for (const name of ['uncaughtException', 'unhandledRejection', 'warning'] as const) {
  process.on(name as 'warning', (reason: unknown) => {
    // Node warns once in a process of an HTTP/2 response with a field of HTTP/1, whoever sends it
    if (name === 'warning' && (reason as Error).name === 'UnsupportedWarning') return
    events.push(`${name}: ${reason instanceof Error ? reason.stack : String(reason)}`)
  })
}

const ledger = new Ledger()
const servers = new Servers(ledger, await startUpstream(ledger))

process.on('message', ({ seed, indexes, hasPlugin }: Task) => {
  const plans = indexes.map(index => planAt(seed, index))
  const found = hasPlugin ? perform(plans) : performStock(plans)
  found.then(findings => process.send!(findings), error => { process.exit(fail(error)) })
})
process.send!('ready')

/** A fault of the matrix itself. */
function fail (error: unknown): number {
  console.error(error)
  return 70
}

/** How many combinations of a batch are searched at once for one that disturbs the process. */
const searched = 16

async function perform (plans: readonly Plan[]): Promise<Finding[]> {
  const before = events.length
  const outcomes = await together(plans)
  const findings: Finding[] = []
  for (const outcome of outcomes) if (outcome.violations.length > 0) findings.push(...await alone(outcome))
  if (events.length === before) return findings
  // what the process tells says not whose it is
  const told = events.slice(before)
  const disturbers = await disturbersOf(plans)
  for (const outcome of outcomes) if (disturbers.includes(outcome.plan)) findings.push(...await alone(outcome))
  if (disturbers.length > 0) return findings
  return [...findings, {
    index: plans[0]!.index, words: `a batch of ${plans.length} from here, none of them alone`, rules: ['process'], texts: told, bytes: '', log: ''
  }]
}

/** What stock Fastify makes of the same. */
async function performStock (plans: readonly Plan[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const plan of plans) {
    const { violations, bytes, log } = await observed(plan, false)
    if (violations.length > 0) findings.push(finding(plan, violations, bytes, log))
  }
  return findings
}

async function together (plans: readonly Plan[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const rest = [...plans]
  await Promise.all(Array.from({ length: Math.min(lanes, plans.length) }, async () => {
    for (let plan = rest.shift(); plan !== undefined; plan = rest.shift()) outcomes.push(await runCombination(plan, servers, ledger))
  }))
  await turns()
  return outcomes
}

/** The combinations that make the process tell something by themselves. */
async function disturbersOf (plans: readonly Plan[]): Promise<Plan[]> {
  const found: Plan[] = []
  for (let at = 0; at < plans.length; at += searched) {
    const some = plans.slice(at, at + searched)
    const before = events.length
    await together(some)
    if (events.length === before) continue
    for (const plan of some) {
      const { violations } = await observed(plan, true)
      if (violations.some(({ rule }) => rule === 'process')) found.push(plan)
    }
  }
  return found
}

/** Rules that a busy machine may break. */
const timed = new Set(['silence', 'next', 'leftover'])

/** The same by itself, so that what the process tells belongs to it; and without the plugin, to know what is Fastify's own. */
async function alone ({ plan, violations }: Outcome): Promise<Finding[]> {
  const again = await observed(plan, true)
  const all = [...again.violations, ...violations.filter(({ rule }) => !timed.has(rule) && !again.violations.some(other => other.rule === rule))]
  if (all.length === 0) return []
  const stock = all.some(({ isStock }) => isStock) ? await observed(plan, false) : undefined
  const excused = new Set(stock?.violations.map(({ rule }) => rule))
  const ours = all.filter(({ rule, isStock }) => !isStock || !excused.has(rule))
  if (ours.length === 0) return []
  return [finding(plan, ours, again.bytes, again.log)]
}

function finding (plan: Plan, violations: readonly Violation[], bytes: string, log: string): Finding {
  return {
    index: plan.index, words: inWords(plan), rules: [...new Set(violations.map(({ rule }) => rule))], texts: violations.map(({ text }) => text), bytes, log
  }
}

async function observed (plan: Plan, hasPlugin: boolean): Promise<Outcome> {
  const before = events.length
  const outcome = await runCombination(plan, servers, ledger, hasPlugin)
  await turns()
  const told = events.slice(before).map(text => ({ rule: 'process', isStock: true, text }))
  return { ...outcome, violations: [...outcome.violations, ...told] }
}

/** What is thrown late is told in the turns that follow. */
async function turns (): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
}
