/** Routes whose schemas are of Zod, whose `transform` for documents takes nothing else. */
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import {
  jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler, validatorCompiler, type ZodTypeProvider
} from 'fastify-type-provider-zod'
import t from 'tap'
import { z } from 'zod'
import humanloopErrors, { openapi } from '../../../plugin/index.js'
import { errorCodes, errorResponses } from '../../../schemas/index.js'
import { envelope } from '../../support/app.js'
import { problemsOf, versions } from '../../support/documents.js'

for (const version of versions) {
  t.test(`their documents list the nine beside what Zod says, OpenAPI ${version}`, async t => {
    const app = Fastify().withTypeProvider<ZodTypeProvider>()
    t.teardown(async () => app.close())
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    await app.register(humanloopErrors)
    await app.register(swagger, {
      openapi: { openapi: version, info: { title: 'x', version: '1' } },
      transform: openapi.transform(jsonSchemaTransform),
      transformObject: openapi({ transformObject: jsonSchemaTransformObject })
    })
    const Project = z.object({ id: z.string() }).meta({ id: 'Project', description: 'A project.' })
    app.post(
      '/projects',
      { schema: { body: z.object({ name: z.string() }), response: { 200: Project, '5xx': z.string(), ...errorResponses(404) } } },
      async request => ({ id: request.body.name })
    )
    app.get('/bare', async () => 'x')
    app.get('/none', { schema: { response: { 200: z.string() } }, config: { errors: false } }, async () => 'x')
    app.get('/off', { config: { errors: false } }, async () => 'x')
    app.get('/hidden', { schema: { hide: true, response: { 200: z.string() } } }, async () => 'x')
    await app.ready()

    const document = app.swagger() as any
    const { paths, components } = document
    t.same(Object.keys(paths), ['/projects', '/bare', '/none', '/off'])
    const { responses } = paths['/projects'].post
    t.same(Object.keys(responses), ['200', '400', '401', '404', '422', '429', '5XX'])
    t.same(responses['200'].content['application/json'].schema, { $ref: '#/components/schemas/Project' })
    t.same(responses['404'], { $ref: '#/components/responses/HumanloopNotFoundError' })
    t.same(Object.keys(paths['/bare'].get.responses), ['200', ...errorCodes.map(String)])
    for (const path of ['/none', '/off']) t.same(Object.keys(paths[path].get.responses), ['200'])
    t.ok(components.schemas.Project && components.responses.HumanloopOverloadedError)
    t.same((await problemsOf(document)).filter(problem => problem.startsWith('parser')), [])

    const refused = await app.inject({ method: 'POST', url: '/projects', payload: {} })
    t.equal(refused.statusCode, 422)
    t.same(refused.json(), envelope(422, refused.json().detail.message))
    t.same((await app.inject({ method: 'POST', url: '/projects', payload: { name: 'p' } })).json(), { id: 'p' })
  })
}
