/** Each table of the contract exists once: changing a row changes schema, class, documentation, response and check. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * A copy of the sources, one of whose tables says something else.
 *
 * @param folder of the test
 * @param changes what stands in the table, and what takes its place
 * @returns the address of a module in it
 */
function changedCopy (folder: string, table: string, changes: Record<string, string>): (module: string) => string {
  for (const name of ['schemas', 'plugin']) cpSync(join(root, name), join(folder, name), { recursive: true })
  const file = join(folder, 'schemas', table)
  const changed = Object.entries(changes).reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync(file, 'utf8'))
  writeFileSync(file, changed)
  return module => pathToFileURL(join(folder, module)).href
}

t.test('a copy of the sources whose row 429 says something else', async t => {
  const moduleAt = changedCopy(t.testdir(), 'statuses.ts', {
    "title: 'Rate limit reached'": "title: 'Enough'",
    "description: 'More requests than allowed in a period of time.'": "description: 'Come back tomorrow.'"
  })
  const { default: humanloopErrors, errorReference, RateLimitError } =
    await import(moduleAt('plugin/index.ts')) as typeof import('../plugin/index.js')

  t.equal(new RateLimitError().message, 'Come back tomorrow.', 'class')
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(swagger, { openapi: {}, refResolver: { buildLocalReference: json => String(json.$id) } })
  await app.register(humanloopErrors)
  await app.register(errorReference)
  app.get('/', async () => { throw new RateLimitError() })
  app.get('/sent', (_request, reply) => { reply.code(429).send() })
  await app.ready()
  t.equal(
    (app.getSchema('HumanloopRateLimitError') as { description: string }).description.split(' Worth')[0],
    'Enough: Come back tomorrow.',
    'schema'
  )
  const document = app.swagger() as { paths: any }
  t.equal(document.paths['/'].get.responses['429'].description.split(' Worth')[0], 'Enough: Come back tomorrow.', 'documentation')
  t.match((await app.inject('/errors.json')).json().errors[4], { title: 'Enough', meaning: 'Come back tomorrow.' }, 'error reference')
  t.equal((await app.inject('/')).json().detail.message, 'Come back tomorrow.', 'answer')
  t.equal((await app.inject('/sent')).json().detail.message, 'Come back tomorrow.', 'guarded answer')
})

t.test('a copy of the sources whose headers are others', async t => {
  const moduleAt = changedCopy(t.testdir(), 'headers.ts', {
    "'no-store'": "'no-cache'",
    'The id of the request, under which the log has it.': 'Quote it.',
    'codes: [429]': 'codes: [429, 503]'
  })
  const { checkErrorContract } = await import(moduleAt('plugin/testing/index.ts')) as typeof import('../plugin/testing/index.js')
  const { default: humanloopErrors, errorReference, openapi, ServiceUnavailableError } =
    await import(moduleAt('plugin/index.ts')) as typeof import('../plugin/index.js')

  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(swagger, { openapi: {}, transformObject: openapi() })
  await app.register(humanloopErrors)
  await app.register(errorReference)
  app.get('/', async () => { throw new ServiceUnavailableError('Not today.', { retryable: false }) })
  app.get('/theirs', { onRequest: async (_request, reply) => { reply.hijack().raw.writeHead(500).end() } }, async () => 'x')
  await app.ready()
  t.match((await app.inject('/')).headers, { 'cache-control': 'no-cache', 'x-should-retry': 'false' }, 'response')
  const { components } = app.swagger() as { components: any }
  const { headers } = components.responses.HumanloopServiceUnavailableError
  t.equal(headers['x-request-id'].description, 'Quote it.', 'documentation')
  t.same(headers['cache-control'].schema, { type: 'string', enum: ['no-cache'] }, 'documentation')
  t.ok(headers['x-should-retry'], 'documentation')
  t.match((await app.inject('/errors.json')).json().headers, [
    { name: 'retry-after' },
    { name: 'x-should-retry', meaning: / On 429, 503\.$/ },
    { name: 'x-request-id', meaning: 'Quote it. On every response.' },
    { name: 'x-provider-request-id' }
  ], 'error reference')
  const { checked, violations } = await checkErrorContract(app)
  t.ok(checked.some(({ route, status }) => route !== 'GET /theirs' && status === 404), 'check')
  t.match(violations.find(({ route }) => route === 'GET /theirs')?.reason, 'cache-control is missing, not no-cache', 'check')
  t.notOk(violations.some(({ status }) => status === 404), 'check')
})
