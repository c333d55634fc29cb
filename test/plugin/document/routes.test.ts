/** The nine answers in the document that @fastify/swagger makes of the routes. */
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import humanloopErrors, { type HumanloopErrorsOptions } from '../../../plugin/index.js'
import { errorResponses } from '../../../schemas/index.js'
import { appWith, envelope } from '../../support/app.js'

const nine = ['400', '401', '404', '422', '429', '500', '503', '504', '529']

async function documentOf (
  t: { teardown: (close: () => Promise<void>) => void }, routes: (app: FastifyInstance) => void, options: HumanloopErrorsOptions = {}
): Promise<any> {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(swagger, { openapi: {}, refResolver: { buildLocalReference: json => String(json.$id) } })
  await app.register(humanloopErrors, options)
  routes(app)
  await app.ready()
  return app.swagger()
}

const refOf = (response: any): string => response.content['application/json'].schema.$ref

t.test('in whichever order the two plugins are registered', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  await app.register(swagger, { openapi: {}, refResolver: { buildLocalReference: json => String(json.$id) } })
  app.get('/', async () => 'x')
  await app.ready()
  const document = app.swagger() as any
  t.equal(refOf(document.paths['/'].get.responses['504']), '#/components/schemas/HumanloopTimeoutError')
  t.match(document.components.schemas.HumanloopTimeoutError, { type: 'object' })
})

t.test('every route lists the nine, by reference to the shared schemas', async t => {
  const document = await documentOf(t, app => {
    app.get('/bare', async () => 'x')
    app.get('/typed', { schema: { response: { 200: { type: 'string', description: 'A word.' } } } }, async () => 'x')
  })
  t.same(Object.keys(document.paths['/bare'].get.responses), ['200', ...nine])
  t.equal(document.paths['/bare'].get.responses['200'].description, 'Default Response')
  t.equal(document.paths['/typed'].get.responses['200'].description, 'A word.')
  const { responses } = document.paths['/typed'].get
  t.equal(refOf(responses['504']), '#/components/schemas/HumanloopTimeoutError')
  t.equal(
    responses['504'].description,
    'Server timeout: The server did not respond in time. Worth retrying, after `retry-after` seconds where the answer has it.'
  )
  t.same(document.components.schemas.HumanloopTimeoutError.properties.detail.required, ['type', 'message', 'code', 'origin'])
  t.same(Object.keys(document.components.schemas), [
    'HumanloopErrorDetail', 'HumanloopError', 'HumanloopBadRequestError', 'HumanloopAuthenticationError', 'HumanloopNotFoundError',
    'HumanloopUnprocessableEntityError', 'HumanloopRateLimitError', 'HumanloopUnknownError', 'HumanloopServiceUnavailableError',
    'HumanloopTimeoutError', 'HumanloopOverloadedError'
  ])
})

t.test('what a route declares itself wins: an exact status, a range, default', async t => {
  const mine = { type: 'object', description: 'Mine.', properties: { a: { type: 'string' } } } as const
  const response = Object.freeze({ 404: mine, '5xx': mine })
  const document = await documentOf(t, app => {
    app.get('/some', { schema: { response } }, async () => 'x')
    app.get('/default', { schema: { response: { default: mine } } }, async () => 'x')
    app.get('/upper', { schema: { response: { '4XX': mine } } }, async () => 'x')
  })
  const { responses } = document.paths['/some'].get
  t.same(Object.keys(responses).sort(), ['400', '401', '404', '422', '429', '5XX'])
  t.equal(responses['404'].description, 'Mine.')
  t.same(Object.keys(document.paths['/default'].get.responses), ['default'])
  t.same(Object.keys(document.paths['/upper'].get.responses).sort(), ['4XX', '500', '503', '504', '529'])
})

t.test('config.errors narrows the list or switches it off; document: false switches all off', async t => {
  const routes = (app: FastifyInstance): void => {
    app.get('/some', { config: { errors: [404, 422] } }, async () => 'x')
    app.get('/none', { config: { errors: false } }, async () => 'x')
    app.get('/all', async () => 'x')
    app.get(
      '/spread', { schema: { response: { 200: { type: 'string' }, ...errorResponses(429) } }, config: { errors: false } }, async () => 'x'
    )
  }
  const { paths } = await documentOf(t, routes)
  t.same(Object.keys(paths['/some'].get.responses), ['200', '404', '422'])
  t.same(Object.keys(paths['/none'].get.responses), ['200'])
  t.same(Object.keys(paths['/spread'].get.responses), ['200', '429'], 'what the user spread is documented')
  const off = await documentOf(t, routes, { document: false })
  for (const path of ['/some', '/none', '/all']) t.same(Object.keys(off.paths[path].get.responses), ['200'])
})

t.test('config.errors that makes no sense is a boot error that names the route', async t => {
  await t.rejects(documentOf(t, app => { app.get('/x', { config: { errors: [418 as 404] } }, async () => 'x') }),
    new TypeError('humanloopErrors: config.errors of GET /x must be false or a list of 400, 401, 404, 422, 429, 500, 503, 504, 529'))
})

t.test('errorResponses() is never compiled into a serializer: a wrong body becomes the contract, not a 500', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', {
      schema: { response: { 200: { type: 'object', properties: { a: { type: 'string' } } }, ...errorResponses() } }
    }, async (_request, reply) => {
      reply.code(404)
      return { wrong: true, message: 'Not there.' }
    })
    app.get('/ours', { schema: { response: { 404: { $id: 'HumanloopNotFoundError' } } } }, async (_request, reply) => {
      reply.code(404)
      return { message: 'Not there.' }
    })
  })
  for (const path of ['/', '/ours']) {
    const answer = await app.inject(path)
    t.equal(answer.statusCode, 404)
    t.same(answer.json(), envelope(404, 'Not there.'))
  }
})

t.test('a route whose own schema refers to ours is compiled with them', async t => {
  const { app } = await appWith(t, app => {
    app.addSchema({ $id: 'Outcome', type: 'object', properties: { failed: { $ref: 'HumanloopErrorDetail#' } } })
    app.get('/', { schema: { response: { 207: { type: 'array', items: { $ref: 'Outcome#' } } } } }, async (_request, reply) => {
      reply.code(207)
      return [{ failed: { ...(envelope(404, 'Not there.') as any).detail, secret: 'x' }, more: 1 }]
    })
    app.post('/', { schema: { body: { $ref: 'HumanloopNotFoundError#' } } }, async () => ({ taken: true }))
  })
  t.equal((await app.inject('/')).body, '[{"failed":{"type":"not_found_error","message":"Not there.","code":404,"origin":"Humanloop"}}]')
  t.same((await app.inject({ method: 'POST', url: '/', payload: envelope(404, 'x') })).json(), { taken: true })
  t.equal((await app.inject({ method: 'POST', url: '/', payload: envelope(429, 'x') })).statusCode, 422)
})

t.test('the shared schemas are whole once the app is ready', async t => {
  const { app } = await appWith(t, () => {})
  t.match(app.getSchema('HumanloopOverloadedError'), { type: 'object', required: ['detail'], title: 'HumanloopOverloadedError' })
  t.equal(Object.keys(app.getSchemas()).length, 11)
})

t.test('our schemas declared for a range, for default, by content or whole are references, never compiled', async t => {
  const ranged = { '4xx': { $ref: 'HumanloopError#' } }
  const declarations: Record<string, object> = {
    '/range': ranged,
    '/default': { default: { $ref: 'HumanloopError' } },
    '/another': { 404: { $ref: 'HumanloopUnprocessableEntityError#' } },
    '/content': { 404: { content: { 'application/json': { schema: { $ref: 'HumanloopNotFoundError#' } } } } }
  }
  const routes = (app: FastifyInstance): void => {
    for (const [path, response] of Object.entries(declarations)) {
      app.get(path, { schema: { response } }, async (_request, reply) => { reply.code(404).send({ message: 'Not there.' }) })
    }
  }
  const { app } = await appWith(t, routes)
  for (const path of Object.keys(declarations)) t.same((await app.inject(path)).json(), envelope(404, 'Not there.'), path)
  t.same(ranged, { '4xx': { $ref: 'HumanloopError#' } })
  const { paths } = await documentOf(t, routes)
  t.same(Object.keys(paths['/range'].get.responses).sort(), ['200', '4XX', '500', '503', '504', '529'])
  t.same(Object.keys(paths['/default'].get.responses), ['default'])
})

t.test('a schema that is circular, or of another library, is left alone', async t => {
  const circular: Record<string, unknown> = { type: 'string' }
  circular['x-self'] = circular
  class Foreign { get shape () { return new Foreign() } }
  const { app } = await appWith(t, app => {
    app.get('/', { schema: { summary: 'x', 'x-meta': circular, 'x-foreign': new Foreign() } as object }, async () => ({ fine: true }))
  })
  t.same((await app.inject('/')).json(), { fine: true })
})

t.test('a prefix with a trailing slash, and the user’s schema objects, stay as they are', async t => {
  const schema = { response: { 200: { type: 'string' }, ...errorResponses(404) } }
  const before = structuredClone(schema)
  const document = await documentOf(t, app => {
    app.register(async child => { child.get('/', { schema }, async () => 'x') }, { prefix: '/v1' })
  })
  t.same(schema, before)
  t.same(Object.keys(document.paths), ['/v1/'])
})
