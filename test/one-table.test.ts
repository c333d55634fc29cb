/** The table of nine exists once: changing a row changes schema, class, documentation and answer. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

t.test('a copy of the sources whose row 429 says something else', async t => {
  const copy = t.testdir()
  for (const folder of ['schemas', 'plugin']) cpSync(join(root, folder), join(copy, folder), { recursive: true })
  const table = join(copy, 'schemas', 'statuses.ts')
  const changed = readFileSync(table, 'utf8')
    .replace("title: 'Rate limit reached'", "title: 'Enough'")
    .replace("description: 'More requests than allowed in a period of time.'", "description: 'Come back tomorrow.'")
  writeFileSync(table, changed)
  const { default: humanloopErrors, errorReference, RateLimitError } =
    await import(pathToFileURL(join(copy, 'plugin', 'index.ts')).href) as typeof import('../plugin/index.js')

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
