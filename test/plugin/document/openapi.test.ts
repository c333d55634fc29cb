/** `openapi()`: the nine answers in a document once each, under stable names, with all that a caller can know of them. */
import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import t from 'tap'
import humanloopErrors, { openapi } from '../../../plugin/index.js'
import { errorCodes, errorResponses, errorStatuses, responseSchemas, type ErrorStatus } from '../../../schemas/index.js'
import { envelope } from '../../support/app.js'
import { documentOf, problemsOf, versions } from '../../support/documents.js'

const bare = (app: FastifyInstance): void => { app.get('/', async () => 'x') }

const ref = (name: string): object => ({ $ref: `#/components/responses/${name}` })
const allNine = Object.fromEntries(errorCodes.map(code => [code, ref(errorStatuses[code].schemaId)]))

t.test('operations refer to the nine, which stand once with description, headers and examples', async t => {
  for (const version of versions) {
    const { paths, components } = await documentOf(t, bare, { swagger: { openapi: { openapi: version } }, options: { origin: 'Acme' } })
    t.same(paths, { '/': { get: { responses: { 200: { description: 'Default Response' }, ...allNine } } } })
    t.same(components.responses.HumanloopRateLimitError, {
      description: 'Rate limit reached: More requests than allowed in a period of time. Worth retrying, after `retry-after` seconds where the answer has it.\n\n' +
        errorStatuses[429].advice,
      headers: {
        'retry-after': {
          description: 'Seconds until a retry may succeed; absent where nobody knows.',
          schema: { type: 'integer', minimum: 0, maximum: 3600 },
          example: 7
        },
        'x-should-retry': {
          description: 'Present where waiting does not help: a quota is used up, or a bill is open.',
          schema: { type: 'string', enum: ['false'] },
          example: 'false'
        },
        'x-request-id': {
          description: 'The id of the request, under which the log has it.', required: true, schema: { type: 'string' }, example: 'req-1'
        },
        'x-provider-request-id': {
          description: 'The id that the model provider gave its request, where it failed and sent one.',
          schema: { type: 'string' },
          example: 'req_011CdufXo8Y2LVfY2veyuQWG'
        },
        'cache-control': {
          description: 'No error is to be kept.', required: true, schema: { type: 'string', enum: ['no-store'] }, example: 'no-store'
        }
      },
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/HumanloopRateLimitError' },
          examples: {
            service: { summary: 'Raised by Acme', value: envelope(429, errorStatuses[429].example, 'Acme') },
            provider: { summary: 'Raised by OpenAI', value: envelope(429, errorStatuses[429].providerExample.message, 'OpenAI') }
          }
        }
      }
    })
    t.same(Object.keys(components.schemas), errorCodes.map(code => errorStatuses[code].schemaId), 'and no schema that nothing refers to')
  }
})

t.test('each of the nine tells its title, its meaning, when to retry, and what its schema takes', async t => {
  const { components } = await documentOf(t, bare)
  for (const code of errorCodes) {
    const { schemaId, title, description, retryable, providerExample }: ErrorStatus = errorStatuses[code]
    const answer = components.responses[schemaId]
    t.ok(
      answer.description.startsWith(`${title}: ${description} ${retryable ? 'Worth retrying' : 'Not worth retrying unchanged.'}`),
      answer.description
    )
    t.same(Object.hasOwn(answer.headers, 'retry-after'), [429, 503, 504, 529].includes(code))
    const { service, provider } = answer.content['application/json'].examples
    t.equal(service.value.detail.origin, 'Humanloop')
    t.equal(provider?.value.detail.origin, providerExample?.origin)
    for (const { value } of [service, provider ?? service]) {
      t.ok(TypeCompiler.Compile(responseSchemas[code]).Check(value), JSON.stringify(value))
    }
  }
  for (const code of [401, 404, 422, 429, 503, 504, 529] as const) {
    t.ok(components.responses[errorStatuses[code].schemaId].content['application/json'].examples.provider)
  }
})

t.test('www-authenticate is documented where a scheme is configured, also without openapi()', async t => {
  const options = { authenticate: 'Bearer realm="api"' }
  const { components } = await documentOf(t, bare, { options })
  t.match(components.responses.HumanloopAuthenticationError.headers['www-authenticate'], {
    schema: { type: 'string' }, example: 'Bearer realm="api"'
  })
  t.notOk('www-authenticate' in components.responses.HumanloopNotFoundError.headers)
  t.notOk('www-authenticate' in (await documentOf(t, bare)).components.responses.HumanloopAuthenticationError.headers)
  const spread = (app: FastifyInstance): void => { app.get('/', { schema: { response: errorResponses(401) } }, async () => 'x') }
  for (const routes of [bare, spread]) {
    const { paths } = await documentOf(t, routes, { options, swagger: { transformObject: ({ openapiObject }: any) => openapiObject } })
    t.match(paths['/'].get.responses['401'].headers['www-authenticate'], { schema: { type: 'string', default: 'Bearer realm="api"' } })
  }
})

t.test('without openapi() the schemas have the examples', async t => {
  for (const version of versions) {
    const document = await documentOf(t, bare, {
      options: { origin: 'Acme' }, swagger: { openapi: { openapi: version }, transformObject: ({ openapiObject }: any) => openapiObject }
    })
    const schema = Object.values<any>(document.components.schemas).find(({ title }) => title === 'HumanloopRateLimitError')
    t.same(schema.example, envelope(429, errorStatuses[429].example, 'Acme'))
    t.same(await namesOf(document), [])
  }
  async function namesOf (document: any): Promise<string[]> {
    return Object.keys(document.components.responses ?? {})
  }
})

t.test('our schemas have their names whatever the resolver calls them; nothing else is renamed', async t => {
  const routes = (app: FastifyInstance): void => {
    app.addSchema({
      $id: 'Outcome',
      title: 'Outcome',
      type: 'object',
      properties: { default: { $ref: 'HumanloopErrorDetail#/properties/message' }, any: { $ref: 'HumanloopError#' } }
    })
    const Pointer = {
      type: 'object',
      description: 'A pointer.',
      example: { $ref: '#/components/schemas/x0' },
      properties: { at: { type: 'string', const: '#/components/schemas/x0' } }
    }
    app.get(
      '/',
      {
        schema: {
          response: {
            200: { $ref: 'Outcome#' },
            207: Pointer,
            '4xx': {
              anyOf: [{ $ref: 'HumanloopNotFoundError#' }, { $ref: 'HumanloopTimeoutError#' }],
              discriminator: { propertyName: 'kind', mapping: { gone: '#/components/schemas/x5' } }
            }
          }
        }
      },
      async () => ({})
    )
  }
  const ids = [
    'HumanloopErrorDetail', 'HumanloopError', 'HumanloopBadRequestError', 'HumanloopAuthenticationError', 'HumanloopNotFoundError'
  ]
  const resolvers: Record<string, (json: any, index: number) => string> = {
    'its own default': (_json, index) => `def-${index}`,
    ids: json => json.$id,
    'anything else': (_json, index) => `x${index}`,
    'one another’s': json => json.$id === ids[0] ? ids[1]! : json.$id === ids[1] ? ids[0]! : json.$id
  }
  for (const [name, resolver] of Object.entries(resolvers)) {
    for (const swaggerFirst of [true, false]) {
      const { paths, components } = await documentOf(t, routes, {
        swaggerFirst, swagger: { refResolver: { buildLocalReference: (json, _uri, _fragment, index) => resolver(json, index) } }
      })
      const { responses } = paths['/'].get
      const outcome = responses['200'].content['application/json'].schema.$ref.split('/').at(-1)
      t.equal(components.schemas[outcome].title, 'Outcome', name)
      t.same(components.schemas[outcome].properties, {
        default: { $ref: '#/components/schemas/HumanloopErrorDetail/properties/message' },
        any: { $ref: '#/components/schemas/HumanloopError' }
      })
      t.same(components.schemas.HumanloopError.properties, { detail: { $ref: '#/components/schemas/HumanloopErrorDetail' } })
      t.same(responses['4XX'].content['application/json'].schema.anyOf, [
        { $ref: '#/components/schemas/HumanloopNotFoundError' }, { $ref: '#/components/schemas/HumanloopTimeoutError' }
      ])
      for (const id of ids.filter(id => id in components.schemas)) t.equal(components.schemas[id].title, id)
      t.same(responses['207'].content['application/json'].schema.example, { $ref: '#/components/schemas/x0' })
      t.same(Object.keys(responses), ['200', '207', '500', '503', '504', '529', '4XX'])
    }
  }
  const { paths } = await documentOf(t, routes, {
    swaggerFirst: true, swagger: { refResolver: { buildLocalReference: (_json, _uri, _fragment, index) => `x${index}` } }
  })
  t.same(paths['/'].get.responses['4XX'].content['application/json'].schema.discriminator.mapping, {
    gone: '#/components/schemas/HumanloopNotFoundError'
  })
})

t.test('components of the user’s keep their names and their looks', async t => {
  const mine = {
    schemas: {
      HumanloopNotFoundError: { type: 'string', title: 'Mine' },
      Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } }
    },
    responses: { HumanloopTimeoutError: { description: 'Mine.' }, Other: { description: 'Other.' } },
    parameters: { default: { name: 'x', in: 'query', schema: { type: 'string' } } }
  } as const
  const written = { '/mine': { summary: 'Mine.', parameters: [], get: { responses: { 200: { description: 'Mine.' } } } } }
  const before = structuredClone({ mine, written })
  const { paths, components } = await documentOf(t, bare, { swagger: { openapi: { components: mine, paths: { ...written } } } })
  t.same({ mine, written }, before)
  t.same(paths['/mine'], written['/mine'])
  t.same(components.schemas.HumanloopNotFoundError, mine.schemas.HumanloopNotFoundError)
  t.same(components.schemas.Tree, mine.schemas.Tree)
  t.same(components.parameters, mine.parameters)
  t.match(components.responses, mine.responses)
  t.same(paths['/'].get.responses['404'], ref('HumanloopNotFoundError'))
  const { $ref } = components.responses.HumanloopNotFoundError.content['application/json'].schema
  t.equal(components.schemas[$ref.split('/').at(-1)].title, 'HumanloopNotFoundError')
  t.same(
    (await problemsOf({
      openapi: '3.0.3', info: { title: 'x', version: '1' }, paths, components
    })).filter(problem => problem.startsWith('parser')),
    []
  )
})

t.test('a schema that the user made of ours is theirs', async t => {
  for (const buildLocalReference of [
    (json: any) => json.$id, (_json: any, _uri: unknown, _fragment: unknown, index: number) => `x${index}`
  ]) {
    for (const swaggerFirst of [true, false]) {
      const { paths, components } = await documentOf(t, app => {
        app.addSchema({ ...responseSchemas[404], $id: 'Mine' })
        app.get('/', { schema: { response: { 404: { $ref: 'Mine#' } } } }, async () => 'x')
        app.get('/bare', async () => 'x')
      }, { swaggerFirst, swagger: { refResolver: { buildLocalReference } } })
      const name = paths['/'].get.responses['404'].content['application/json'].schema.$ref.split('/').at(-1)
      t.ok(name !== 'HumanloopNotFoundError' && components.schemas[name] && components.schemas.HumanloopNotFoundError)
      t.same(paths['/bare'].get.responses['404'], ref('HumanloopNotFoundError'))
    }
  }
})

t.test('a transformObject of the user’s is given our result and has the last word', async t => {
  const seen: string[] = []
  const document = await documentOf(t, bare, {
    swagger: {
      transformObject: openapi({
        transformObject: made => {
          const { openapiObject } = made as { openapiObject: any }
          seen.push(...Object.keys(openapiObject.components.schemas))
          return {
            ...openapiObject,
            'x-mine': true,
            webhooks: {
              failed: {
                post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/HumanloopError' } } } } }
              }
            }
          }
        }
      })
    }
  })
  t.ok(seen.includes('HumanloopErrorDetail'))
  t.equal(document['x-mine'], true)
  t.ok(
    'HumanloopError' in document.components.schemas && 'HumanloopErrorDetail' in document.components.schemas, 'what only it refers to stays'
  )
})

t.test('a Swagger 2 document passes unchanged, through a transformObject of the user’s where there is one', async t => {
  const v2 = async (transformObject?: any): Promise<any> => documentOf(t, bare, {
    swagger: { openapi: undefined as any, swagger: { info: { title: 'x', version: '1' } }, transformObject }
  })
  const plain = await v2()
  t.equal(plain.swagger, '2.0')
  t.match(plain.paths['/'].get.responses['429'], { description: /^Rate limit reached: / })
  t.same(await v2(openapi()), plain)
  t.same(
    await v2(openapi({ transformObject: made => ({ ...(made as { swaggerObject: object }).swaggerObject, host: 'x' }) })),
    { ...plain, host: 'x' }
  )
})

t.test('what routes declare themselves stands, word for word; routes narrowed or switched off list no more than they say', async t => {
  const mine = Type.Object({ mine: Type.String() }, { description: 'Mine.' })
  const { paths, components } = await documentOf(t, app => {
    app.get('/mine', { schema: { response: { 404: mine, '5xx': mine } } }, async () => 'x')
    app.get('/default', { schema: { response: { 200: mine, default: mine } } }, async () => 'x')
    app.get(
      '/words',
      {
        schema: { response: { 404: { $ref: 'HumanloopNotFoundError#', description: 'No such project.' } as object } },
        config: { errors: [] }
      },
      async () => 'x'
    )
    app.get(
      '/more',
      {
        schema: { response: { 404: { $ref: 'HumanloopNotFoundError#', headers: { 'x-mine': { type: 'string' } } } as object } },
        config: { errors: [] }
      },
      async () => 'x'
    )
    app.get(
      '/another',
      {
        schema: { response: { 404: { $ref: 'HumanloopUnprocessableEntityError#' }, 409: { $ref: 'HumanloopError#' } } },
        config: { errors: [] }
      },
      async () => 'x'
    )
    app.get(
      '/linked',
      { schema: { response: errorResponses(404) }, links: { 404: { list: { operationId: 'list' } } }, config: { errors: [] } } as object,
      async () => 'x'
    )
    app.get('/spread', { schema: { response: errorResponses(404) }, config: { errors: [422] } }, async () => 'x')
    app.get('/some', { config: { errors: [429] } }, async () => 'x')
    app.get('/none', { config: { errors: false } }, async () => 'x')
    app.get('/lines', { schema: { produces: ['text/csv'] }, config: { errors: [429] } }, async () => 'x')
    app.get('/hidden', { schema: { hide: true } }, async () => 'x')
  })
  const of = (path: string): any => paths[path].get.responses
  t.same(Object.keys(of('/mine')), ['400', '401', '404', '422', '429', '5XX'])
  t.equal(of('/mine')['404'].description, 'Mine.')
  t.same(Object.keys(of('/default')), ['200', 'default'])
  t.equal(of('/words')['404'].description, 'No such project.')
  t.same(Object.keys(of('/more')['404'].headers), ['x-mine'])
  t.match(of('/another'), {
    404: { content: { 'application/json': { schema: { $ref: '#/components/schemas/HumanloopUnprocessableEntityError' } } } },
    409: { content: {} }
  })
  t.match(of('/linked')['404'], { links: { list: { operationId: 'list' } } })
  t.same(of('/spread'), {
    200: { description: 'Default Response' }, 404: ref('HumanloopNotFoundError'), 422: ref('HumanloopUnprocessableEntityError')
  })
  t.same(of('/some'), { 200: { description: 'Default Response' }, 429: ref('HumanloopRateLimitError') })
  t.same(of('/none'), { 200: { description: 'Default Response' } })
  t.same(of('/lines')['429'], ref('HumanloopRateLimitError'))
  t.same(Object.keys(components.responses.HumanloopRateLimitError.content), ['application/json'])
  t.notOk('/hidden' in paths)
  t.notOk(
    'HumanloopOverloadedError' in (await documentOf(t, app => {
      app.get('/', { config: { errors: [404] } }, async () => 'x')
    })).components.responses
  )
})

t.test('a document without any of the nine is left without components of ours', async t => {
  const { components } = await documentOf(t, bare, { options: { document: false } })
  t.same(components, { schemas: {} })
})

t.test('a document of an app without the plugin stays as it is', async t => {
  const documents = await Promise.all([openapi(), undefined].map(async transformObject => {
    const app = Fastify()
    t.teardown(async () => app.close())
    await app.register(swagger, { openapi: {}, ...(transformObject === undefined ? {} : { transformObject }) })
    app.get('/', { schema: { response: { 404: { type: 'string' } } } }, async () => 'x')
    await app.ready()
    return app.swagger()
  }))
  t.same(documents[0], documents[1])
})

t.test('HEAD routes list what their GET routes list, with operation ids that differ', async t => {
  for (const swaggerFirst of [true, false]) {
    const { paths } = await documentOf(t, app => {
      app.get(
        '/named', { schema: { operationId: 'named', response: { 200: { type: 'string' }, ...errorResponses(404) } } }, async () => 'x'
      )
      app.get('/bare', async () => 'x')
    }, { swaggerFirst, swagger: { exposeHeadRoutes: true } })
    for (const path of ['/named', '/bare']) t.match(paths[path].head.responses, { 200: {}, ...allNine }, path)
    t.same([paths['/named'].get.operationId, paths['/named'].head.operationId], ['named', 'named-head'])
  }
  const { paths } = await documentOf(t, bare)
  t.same(Object.keys(paths['/']), ['get'])
})

t.test('prefixes, trailing slashes and methods of HTTP’s margins add no operation', async t => {
  const { paths } = await documentOf(t, app => {
    app.addHttpMethod('PURGE')
    app.register(async scope => {
      scope.get('/', async () => 'x')
      scope.route({ method: 'PURGE' as RouteOptions['method'], url: '/cache', handler: async () => 'x' } as RouteOptions)
    }, { prefix: '/v1' })
    app.register(async scope => { scope.get('/', { prefixTrailingSlash: 'no-slash' }, async () => 'x') }, { prefix: '/v2' })
  }, { swagger: { openapi: { openapi: '3.2.0' } } })
  t.same(Object.keys(paths), ['/v1/', '/v1/cache', '/v2'])
  t.match(paths['/v1/cache'].additionalOperations.PURGE.responses, allNine)
  t.match(paths['/v2'].get.responses, allNine)
})

t.test('scopes with settings of their own: examples have the origin of the root, a scope may be left out', async t => {
  const { paths, components } = await documentOf(t, async app => {
    await app.register(async scope => {
      await scope.register(humanloopErrors, { origin: 'Tenant' })
      scope.get('/tenant', async () => 'x')
    })
    await app.register(async scope => {
      await scope.register(humanloopErrors, { document: false })
      scope.get('/quiet', async () => 'x')
    })
  }, { options: { origin: 'Acme' } })
  t.same(paths['/tenant'].get.responses['503'], ref('HumanloopServiceUnavailableError'))
  t.same(Object.keys(paths['/quiet'].get.responses), ['200'])
  t.equal(components.responses.HumanloopServiceUnavailableError.content['application/json'].examples.service.value.detail.origin, 'Acme')
})

t.test('a literal is an enum of one, which every version of OpenAPI has', async t => {
  for (const version of versions) {
    const { components } = await documentOf(t, bare, { swagger: { openapi: { openapi: version }, convertConstToEnum: false } })
    const { code } = components.schemas.HumanloopNotFoundError.properties.detail.properties
    t.same(code, { type: 'number', description: 'The HTTP status of the answer.', enum: [404] })
  }
})

t.test('as YAML it has no anchors', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  await app.register(swagger, { openapi: {}, exposeHeadRoutes: true, transformObject: openapi() })
  app.get('/', { schema: { operationId: 'root' } }, async () => 'x')
  app.get('/bare', async () => 'x')
  await app.ready()
  const yaml = app.swagger({ yaml: true })
  t.match(yaml, '$ref: "#/components/responses/HumanloopNotFoundError"')
  t.notMatch(yaml, /: [&*]a\d/)
})

t.test('a document whose schemas have other examples has the default origin', async t => {
  const transform = openapi()
  const document = await documentOf(t, bare, {
    options: { origin: 'Acme' },
    swagger: {
      transformObject: made => {
        const { openapiObject } = made as { openapiObject: any }
        for (const schema of Object.values<any>(openapiObject.components.schemas)) schema.example = 'Theirs.'
        return transform(made)
      }
    }
  })
  t.equal(document.components.responses.HumanloopTimeoutError.content['application/json'].examples.service.summary, 'Raised by Humanloop')
})

t.test('who sets the schema of a route after the boot, has set it', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', route => { routes.push(route) })
  bare(app)
  await app.ready()
  t.match(routes[0]?.schema?.response, { 404: { $ref: 'HumanloopNotFoundError#' } })
  routes[0]!.schema = { summary: 'Mine.' }
  t.same(routes[0]!.schema, { summary: 'Mine.' })
})
