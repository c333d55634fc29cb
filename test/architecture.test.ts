/** Given the product's folders, when their imports are followed, then a value flows one way and no import comes back. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'
import t from 'tap'

const ours = '^(?:schemas|plugin|client)/'

/** Rooms that know no way of leaving the server. */
const before = '^plugin/(?:errors\\.ts$|(?:classify|providers|message|response)/)'

const forbidden: IForbiddenRuleType[] = [
  { name: 'schemas/ knows nobody', from: { path: '^schemas/' }, to: { path: ours, pathNot: '^schemas/' } },
  { name: 'client/ knows schemas/ alone', from: { path: '^client/' }, to: { path: ours, pathNot: '^(?:client|schemas)/' } },
  {
    name: 'what makes a response knows no way to send it',
    from: { path: before },
    to: { path: '^plugin/(?:exits|document|stream|reference|testing)/' }
  },
  { name: 'no room of plugin/ knows its table of contents', from: { path: '^plugin/.+/' }, to: { path: '^plugin/index\\.ts$' } },
  { name: 'no circle', from: {}, to: { circular: true } }
]

// types alone, inside one folder: the compiler drops them, and no load order depends on them
const knownCircles = new Set([
  'plugin/classify/http-clients.ts > plugin/classify/sdks.ts', // a row of SDKs and its type
  'plugin/testing/validation.ts > plugin/testing/reachable-route.ts' // a route and its triggers
])

const { output } = await cruise(
  ['schemas', 'plugin', 'client'],
  {
    baseDir: fileURLToPath(new URL('..', import.meta.url)),
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true, // imports of types, too
    validate: true,
    ruleSet: { forbidden }
  }
)
const { modules, summary } = output as ICruiseResult

t.test('every file is read', async t => {
  const read = modules.filter(({ source }) => source.startsWith('plugin/'))
  t.ok(read.length > 80, `${read.length} files of plugin/`)
  t.same(modules.filter(({ couldNotResolve }) => couldNotResolve), [])
})

for (const { name } of forbidden) {
  t.test(name!, async t => {
    const found = summary.violations.filter(({ rule }) => rule.name === name)
      .map(({ from, to, cycle }) => ({ arrow: `${from} > ${to}`, back: `${to} > ${from}`, isPair: cycle?.length === 2 }))
      .filter(({ arrow, back, isPair }) => !(isPair && (knownCircles.has(arrow) || knownCircles.has(back))))
    t.same(found.map(({ arrow }) => arrow), [])
  })
}

t.test('a known circle is one of types', async t => {
  for (const circle of knownCircles) {
    const [from, to] = circle.split(' > ')
    const arrow = modules.find(({ source }) => source === from)?.dependencies.find(({ resolved }) => resolved === to)
    t.ok(arrow?.dependencyTypes.includes('type-only'), circle)
  }
})

t.test('classify/ and response/ take no FastifyReply', async t => {
  const taking = modules.map(({ source }) => source).filter(source => /^plugin\/(?:classify|response)\//.test(source))
    .filter(source => readFileSync(fileURLToPath(new URL(`../${source}`, import.meta.url)), 'utf8').includes('FastifyReply'))
  t.same(taking, [])
})
