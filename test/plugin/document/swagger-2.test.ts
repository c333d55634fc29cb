/** Swagger 2, which is what @fastify/swagger makes where nobody says otherwise: the document is valid without `openapi()`. */
import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import humanloopErrors, { openapi, type HumanloopErrorsOptions } from '../../../plugin/index.js'
import { errorCodes, errorResponses, errorStatuses } from '../../../schemas/index.js'
import { envelope } from '../../support/app.js'
import { problemsOf } from '../../support/documents.js'

async function routes (app: FastifyInstance): Promise<void> {
  app.addSchema({ $id: 'Failure', type: 'object', properties: { of: { $ref: 'HumanloopError#' } } })
  app.get('/bare', async () => 'x')
  app.get(
    '/projects/:id',
    { schema: { response: { 200: Type.Object({ id: Type.String() }), ...errorResponses(404) } } },
    async () => ({ id: 'x' })
  )
  app.post(
    '/projects',
    {
      schema: {
        body: Type.Object({ name: Type.String() }),
        response: { 201: { type: 'string' }, 409: { $ref: 'Failure#' }, '5xx': { $ref: 'HumanloopError#' } }
      }
    },
    async () => 'x'
  )
  await app.register(async scope => {
    scope.addSchema({ $id: 'OfScope', type: 'object', properties: { of: { $ref: 'HumanloopNotFoundError#' } } })
    scope.get('/x', { schema: { response: { 404: { $ref: 'OfScope#' } } }, config: { errors: [429] } }, async () => 'x')
  }, { prefix: '/scope' })
  app.get('/off', { config: { errors: false } }, async () => 'x')
  app.get('/hidden', { schema: { hide: true } }, async () => 'x')
}

/** What parsers and linters say of the document's form; of its contents, what a Swagger 2 document lacks is the user's. */
async function invalidIn (document: object): Promise<string[]> {
  return (await problemsOf(document)).filter(problem =>
    /^(?:parser|redocly struct|redocly no-unresolved|redocly no-invalid|spectral oas2-(?:schema|valid)|spectral invalid-ref) /.test(
      problem
    ))
}

async function documentOf (
  t: { teardown: (close: () => Promise<void>) => void }, swaggerFirst: boolean, given: object = {}, options: HumanloopErrorsOptions = {}
): Promise<any> {
  const app = Fastify()
  t.teardown(async () => app.close())
  if (swaggerFirst) await app.register(swagger, given)
  await app.register(humanloopErrors, options)
  if (!swaggerFirst) await app.register(swagger, given)
  await routes(app)
  await app.ready()
  return app.swagger()
}

for (const swaggerFirst of [true, false]) {
  t.test(`a plain register(swagger) ${swaggerFirst ? 'before' : 'after'} the plugin`, async t => {
    for (const [given, options] of [
      [{}, {}], [{}, { authenticate: 'Bearer realm="api"' }], [{ transformObject: openapi() }, {}], [{ exposeHeadRoutes: true }, {}]
    ] as const) {
      const document = await documentOf(t, swaggerFirst, given, options)
      t.equal(document.swagger, '2.0')
      t.same(await invalidIn(document), [])
      t.same(Object.keys(document.paths), ['/bare', '/projects/{id}', '/projects', '/scope/x', '/off'])
      t.same(Object.keys(document.paths['/bare'].get.responses), ['200', ...errorCodes.map(String)])
      const { schema } = document.paths['/bare'].get.responses['429']
      const { title, properties, example } = document.definitions[schema.$ref.split('/').at(-1)]
      t.equal(title, 'HumanloopRateLimitError')
      t.same(properties.detail.properties.code, { type: 'number', description: 'The HTTP status of the answer.', enum: [429] })
      t.same(example, envelope(429, errorStatuses[429].example))
    }
  })
}

t.test('registered in one scope each, in whichever the other is', async t => {
  for (const inside of ['swagger', 'plugin'] as const) {
    const app = Fastify()
    t.teardown(async () => app.close())
    let documented: FastifyInstance = app
    if (inside === 'swagger') await app.register(humanloopErrors)
    else await app.register(swagger)
    await app.register(async scope => {
      if (inside === 'swagger') {
        documented = scope
        await scope.register(swagger)
      } else await scope.register(humanloopErrors)
      await routes(scope)
    })
    await app.ready()
    const document = documented.swagger() as any
    t.same(await invalidIn(document), [], inside)
    t.ok('429' in document.paths['/bare'].get.responses)
  }
})

t.test('a schema of the user’s that has an id of ours stays theirs', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  await app.register(swagger)
  app.addSchema({ $id: 'HumanloopError', title: 'Mine', type: 'string' })
  app.get('/', { schema: { response: { 409: { $ref: 'HumanloopError#' } } } }, async () => 'x')
  await app.ready()
  const { definitions } = app.swagger() as any
  t.same(Object.values<any>(definitions).filter(({ title }) => /^(?:Mine|HumanloopError)$/.test(title)), [{
    title: 'Mine', type: 'string'
  }])
})
