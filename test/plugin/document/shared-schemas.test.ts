/** The shared schemas in apps that keep or compile schemas in their own way: they boot, and their errors are the contract. */
import swagger from '@fastify/swagger'
import Fastify, { type FastifyServerOptions } from 'fastify'
import t from 'tap'
import humanloopErrors from '../../../plugin/index.js'
import { errorResponses } from '../../../schemas/index.js'
import { envelope, meanings } from '../../support/app.js'

type Store = Record<string, { $id: string }>

/** Buckets as users write them, with more or less than Fastify asks of them. */
const buckets: Record<string, (schemas?: Store) => object> = {
  'without getSchema': (schemas: Store = {}) => {
    const store = { ...schemas }
    return { add: (schema: { $id: string }) => { store[schema.$id] = schema }, getSchemas: () => store }
  },
  'whose getSchema throws for what is not there, and whose schemas are frozen': (schemas: Store = {}) => {
    const store = { ...schemas }
    return {
      add: (schema: { $id: string }) => { store[schema.$id] = Object.freeze(schema) },
      getSchemas: () => Object.freeze({ ...store }),
      getSchema: (id: string) => { throw new Error(`There is no ${id}.`) }
    }
  }
}

for (const [name, bucket] of Object.entries(buckets)) {
  for (const document of [true, false]) {
    t.test(`a bucket ${name}, document: ${document}`, async t => {
      const app = Fastify({ schemaController: { bucket } } as FastifyServerOptions)
      t.teardown(async () => app.close())
      await app.register(humanloopErrors, { document })
      await app.register(swagger, { openapi: {} })
      app.addSchema({
        $id: 'Project', type: 'object', required: ['name'], properties: { name: { type: 'string' }, last: { $ref: 'HumanloopError#' } }
      })
      app.register(async scope => {
        scope.post('/projects', { schema: { body: { $ref: 'Project#' }, response: errorResponses(422) } }, async () => 'x')
      })
      await app.ready()
      const { components } = app.swagger() as any
      t.equal(Object.keys(components.schemas).length, 12)
      const refused = await app.inject({ method: 'POST', url: '/projects', payload: {} })
      t.equal(refused.statusCode, 422)
      t.same(refused.json(), envelope(422, "body must have required property 'name'"))
      t.equal((await app.inject({ method: 'POST', url: '/projects', payload: { name: 'x' } })).statusCode, 200)
    })
  }
}

const posted = async (t: { teardown: (close: () => Promise<void>) => void }, server: FastifyServerOptions) => {
  const app = Fastify(server)
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.post('/', { schema: { body: { type: 'object', required: ['a'] }, response: errorResponses(422) } }, async () => 'x')
  return app.inject({ method: 'POST', url: '/', payload: {} })
}

t.test('compilers of the user’s are given no schema of ours', async t => {
  const compiled: unknown[] = []
  const compiler = (compile: () => unknown) => (schemas: object) => ({ schema }: { schema: unknown }) => {
    compiled.push(Object.keys(schemas), schema)
    return compile
  }
  const compilersFactory: object = { buildValidator: compiler(() => ({ error: new Error('No.') })), buildSerializer: compiler(() => '') }
  const answer = await posted(t, { schemaController: { compilersFactory } })
  t.equal(answer.statusCode, 422)
  t.same(answer.json(), envelope(422, 'No.'))
  t.same(compiled, [[], { type: 'object', required: ['a'] }])
})

t.test('whatever a schemaErrorFormatter makes of violations, the response is the contract', async t => {
  for (const [formatter, code, message] of [
    [() => Object.assign(new Error('Bad body.'), { statusCode: 418 }), 422, 'Bad body.'],
    [() => new Error('Bad body.'), 422, 'Bad body.'],
    [() => { throw new Error('secret') }, 500, meanings[500]!],
    [() => undefined as unknown as Error, 500, meanings[500]!],
    [() => 'secret' as unknown as Error, 500, meanings[500]!]
  ] as const) {
    const answer = await posted(t, { schemaErrorFormatter: formatter })
    t.equal(answer.statusCode, code)
    t.same(answer.json(), envelope(code, message))
  }
})
