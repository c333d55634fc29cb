/** Routes whose schemas are of Zod, documented by fastify-zod-openapi: its `transform` throws for a schema that it has not seen. */
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import {
  fastifyZodOpenApiPlugin, fastifyZodOpenApiTransform, fastifyZodOpenApiTransformObject, serializerCompiler, validatorCompiler,
  type FastifyZodOpenApiTypeProvider
} from 'fastify-zod-openapi'
import t from 'tap'
import { z } from 'zod'
import humanloopErrors, { openapi } from '../../../plugin/index.js'
import { errorCodes, errorResponses } from '../../../schemas/index.js'
import { envelope } from '../../support/app.js'
import { problemsOf, versions } from '../../support/documents.js'

for (const version of versions) {
  for (const zodFirst of [true, false]) {
    t.test(`their documents list the nine beside what Zod says, OpenAPI ${version}, ${zodFirst ? 'theirs' : 'ours'} first`, async t => {
      const app = Fastify().withTypeProvider<FastifyZodOpenApiTypeProvider>()
      t.teardown(async () => app.close())
      app.setValidatorCompiler(validatorCompiler)
      app.setSerializerCompiler(serializerCompiler)
      if (zodFirst) await app.register(fastifyZodOpenApiPlugin)
      await app.register(humanloopErrors)
      if (!zodFirst) await app.register(fastifyZodOpenApiPlugin)
      await app.register(swagger, {
        openapi: { openapi: version, info: { title: 'x', version: '1' } },
        transform: openapi.transform(fastifyZodOpenApiTransform),
        transformObject: openapi({ transformObject: fastifyZodOpenApiTransformObject })
      })
      const Project = z.object({ id: z.string() }).meta({ id: 'Project', description: 'A project.' })
      app.post(
        '/projects',
        { schema: { body: z.object({ name: z.string() }), response: { 200: Project, '5xx': z.string(), ...errorResponses(404) } } },
        async request => ({ id: request.body.name })
      )
      app.get('/bare', async () => 'x')
      app.get('/spread', { schema: { response: errorResponses(404) } }, async () => 'x')
      app.get('/empty', { schema: {} }, async () => 'x')
      app.get('/told', { schema: { summary: 'Told.' } }, async () => 'x')
      app.get('/none', { schema: { response: { 200: z.string() } }, config: { errors: false } }, async () => 'x')
      app.get('/off', { config: { errors: false } }, async () => 'x')
      app.get('/hidden', { schema: { hide: true, response: { 200: z.string() } } }, async () => 'x')
      await app.ready()

      const document = app.swagger() as any
      const { paths, components } = document
      t.same(Object.keys(paths), ['/projects', '/bare', '/spread', '/empty', '/told', '/none', '/off'])
      const { responses } = paths['/projects'].post
      t.same(Object.keys(responses), ['200', '400', '401', '404', '422', '429', '5XX'])
      t.same(responses['200'].content['application/json'].schema, { $ref: '#/components/schemas/Project' })
      t.same(responses['404'], { $ref: '#/components/responses/HumanloopNotFoundError' })
      for (const path of ['/bare', '/spread', '/empty', '/told']) {
        t.same(Object.keys(paths[path].get.responses), ['200', ...errorCodes.map(String)], path)
      }
      t.equal(paths['/told'].get.summary, 'Told.')
      for (const path of ['/none', '/off']) t.same(Object.keys(paths[path].get.responses), ['200'])
      t.ok(components.schemas.Project && components.responses.HumanloopOverloadedError)
      t.same((await problemsOf(document)).filter(problem => problem.startsWith('parser')), [])

      const refused = await app.inject({ method: 'POST', url: '/projects', payload: {} })
      t.equal(refused.statusCode, 422)
      t.same(refused.json(), envelope(422, refused.json().detail.message))
      t.same((await app.inject({ method: 'POST', url: '/projects', payload: { name: 'p' } })).json(), { id: 'p' })
    })
  }
}
