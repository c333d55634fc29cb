/** Child process: runs the combinations that it is told to, many at a time, and says which went wrong. */
import { inWords, planAt, type Plan } from './plan.js'
import { runCombination, Servers, type Outcome } from './combination.js'
import { Ledger } from './ledger.js'
import { startUpstream } from './upstream.js'

export interface Task { readonly seed: number, readonly indexes: readonly number[] }

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

process.on('message', ({ seed, indexes }: Task) => {
  perform(indexes.map(index => planAt(seed, index))).then(findings => process.send!(findings), error => { process.exit(fail(error)) })
})
process.send!('ready')

/** A fault of the matrix itself. */
function fail (error: unknown): number {
  console.error(error)
  return 70
}

async function perform (plans: readonly Plan[]): Promise<Finding[]> {
  const before = events.length
  const outcomes: Outcome[] = []
  const rest = [...plans]
  await Promise.all(Array.from({ length: Math.min(lanes, plans.length) }, async () => {
    for (let plan = rest.shift(); plan !== undefined; plan = rest.shift()) outcomes.push(await runCombination(plan, servers, ledger))
  }))
  await turns()
  const isDisturbed = events.length > before
  const findings: Finding[] = []
  if (isDisturbed) {
    for (const outcome of outcomes) findings.push(...await alone(outcome))
  } else { // what the process tells is nobody's then
    findings.push(...(await Promise.all(outcomes.filter(({ violations }) => violations.length > 0).map(alone))).flat())
  }
  if (isDisturbed && !findings.some(({ rules }) => rules.includes('process'))) {
    findings.push({
      index: plans[0]!.index,
      words: `a batch of ${plans.length} from here, none of them alone`,
      rules: ['process'],
      texts: events.slice(before),
      bytes: '',
      log: ''
    })
  }
  return findings
}

/** Rules that a busy machine may break. */
const timed = new Set(['silence', 'next', 'leftover'])

/** The same by itself, so that what the process tells belongs to it; and without the plugin, to know what is Fastify's own. */
async function alone ({ plan, violations }: Outcome): Promise<Finding[]> {
  const again = await observed(plan, true)
  const all = [
    ...again.violations, ...violations.filter(({ rule }) => !timed.has(rule) && !again.violations.some(other => other.rule === rule))
  ]
  if (all.length === 0) return []
  const stock = all.some(({ isStock }) => isStock) ? await observed(plan, false) : undefined
  const excused = new Set(stock?.violations.map(({ rule }) => rule))
  const ours = all.filter(({ rule, isStock }) => !isStock || !excused.has(rule))
  if (ours.length === 0) return []
  return [{
    index: plan.index,
    words: inWords(plan),
    rules: [...new Set(ours.map(({ rule }) => rule))],
    texts: ours.map(({ text }) => text),
    bytes: again.bytes,
    log: again.log
  }]
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
