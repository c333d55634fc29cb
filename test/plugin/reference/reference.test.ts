/** The error reference as it is served: page, JSON and Markdown; their headers; titles, origins and routes in them. */
import { createHash } from 'node:crypto'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import humanloopErrors, { ErrorReference, errorReference, type ErrorReferenceOptions } from '../../../plugin/index.js'
import { errorClasses } from '../../../plugin/errors.js'
import { errorResponses } from '../../../schemas/index.js'
import { appWith, envelope, levels, meanings } from '../../support/app.js'

const get = async (app: FastifyInstance, url = '/errors.json'): Promise<ErrorReference> => (await app.inject(url)).json()

/** The routes that may answer with a code, as `METHOD path`. */
const routesOf = ({ errors }: ErrorReference, code: number): string[] =>
  errors.find(error => error.code === code)!.routes.map(({ methods, path }) => `${methods.join(',')} ${path}`)

t.test('the page, the JSON and the Markdown are served, by GET and HEAD, and nothing else is', async t => {
  const { app } = await appWith(t, async app => { await app.register(errorReference, { prefix: '/errors' }) })
  const types: Record<string, string> = {
    '/errors': 'text/html; charset=utf-8',
    '/errors/': 'text/html; charset=utf-8',
    '/errors?x=/': 'text/html; charset=utf-8',
    '/errors.json': 'application/json; charset=utf-8',
    '/errors.md': 'text/markdown; charset=utf-8'
  }
  for (const [url, type] of Object.entries(types)) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200, url)
    const style = /<style>(.*)<\/style>/s.exec((await app.inject('/errors')).body)![1]!
    t.match(answer.headers, {
      'content-type': type,
      'content-length': String(answer.rawPayload.length),
      'cache-control': 'private, max-age=60',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    })
    const head = await app.inject({ method: 'HEAD', url })
    t.equal(head.statusCode, 200)
    t.equal(head.body, '')
    t.same({ ...head.headers, date: '' }, { ...answer.headers, date: '' })
  }
  t.same((await app.inject('/errors/rate_limit_error')).json(), envelope(404, 'Route GET:/errors/rate_limit_error not found'))
  t.same((await app.inject({ method: 'POST', url: '/errors' })).json(), envelope(404, 'Route POST:/errors not found'))
})

t.test('each of the nine has its title, meaning, advice, examples and snippets', async t => {
  const { app } = await appWith(t, async app => { await app.register(errorReference) })
  const reference = await get(app)
  t.same([...Value.Errors(ErrorReference, reference)], [], 'the shape is the documented one')
  t.same(Object.fromEntries(reference.errors.map(({ code, meaning }) => [code, meaning])), meanings)
  t.same(reference.errors.map(({ code, retry }) => [code, retry.split(/[:,]/, 1)[0]]), [
    [400, 'No'], [401, 'No'], [404, 'No'], [422, 'No'], [429, 'Yes'], [500, 'Yes'], [503, 'Yes'], [504, 'Yes'], [529, 'Yes']
  ])
  const { examples, routes: _, ...rest } = reference.errors.find(({ code }) => code === 529)!
  t.same(examples, [envelope(529, 'The server is overloaded and cannot process the request.'), envelope(529, 'Overloaded', 'Anthropic')])
  t.same(rest, {
    code: 529,
    type: 'overloaded_error',
    title: 'Overloaded',
    meaning: 'The server is overloaded and cannot process the request.',
    advice: 'Try again after a pause, a longer one each time, or use another model.',
    retryable: true,
    retry: 'Yes, after as many seconds as `retry-after` says; where it is missing, after 1, 2, 4 … seconds.',
    curl: rest.curl,
    typescript: rest.typescript
  })
  for (const { code, examples } of reference.errors) {
    for (const example of examples) {
      t.same(example, new errorClasses[code](example.detail.message, example.detail).toJSON(), 'as it would be answered')
    }
  }
  t.equal(reference.errors[0]!.examples.length, 1, 'a provider’s 400 is a 422')
  t.same(reference.fields.map(({ name }) => name), ['type', 'message', 'code', 'origin'])

  const [page, markdown] = await Promise.all(['/errors', '/errors.md'].map(async url => (await app.inject(url)).body))
  for (const { type, title, meaning, code } of reference.errors) {
    t.match(page, new RegExp(`<section class="error" id="${type}" aria-labelledby="${type}-title">`))
    t.match(page, `<p>${meaning}</p>`)
    t.match(markdown, `\n## ${code} ${title}\n\n\`${type}\`\n\n${meaning}\n`)
  }
  t.notMatch(page, /<script|\son\w+=|\sstyle=|https?:\/\/(?!platform\.openai\.com\/account)/, 'no script, nothing from elsewhere')
})

t.test('the origins are this service’s names and the known providers, those of the option too', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(errorReference)
    app.register(async child => {
      await child.register(humanloopErrors, { origin: 'Child' })
      child.get('/child', async () => 'x')
    })
    app.get('/', async () => 'x')
  }, { origin: 'Acme', providers: [{ name: 'My LLM', hosts: ['llm.example.com'] }] })
  const { title, origins: { services, providers }, errors } = await get(app)
  t.same(services, ['Acme', 'Child'])
  t.same([providers[0], providers.at(-1)], ['OpenAI', 'My LLM'])
  t.ok(providers.length >= 43)
  t.equal(title, 'Acme', 'without another name, that of the service')
  t.equal(errors[0]!.examples[0]!.detail.origin, 'Acme')
})

t.test('the routes are those that may answer with it, whether registered before or after, in whatever scope', async t => {
  const { app } = await appWith(t, async app => {
    app.get('/before', async () => 'x')
    await app.register(errorReference)
    app.post('/after', { schema: { summary: 'Comes after' } as object }, async () => 'x')
    app.register(async child => {
      child.get('/', async () => 'x')
      child.route({ method: ['PUT', 'PATCH'], url: '/:id', handler: async () => 'x' })
    }, { prefix: '/projects' })
    app.head('/head', async () => 'x')
    app.get('/hidden', { schema: { hide: true } as object }, async () => 'x')
    app.get('/tagged', { schema: { tags: ['X-HIDDEN'] } as object }, async () => 'x')
    app.get('/left-alone', { config: { errors: false } }, async () => 'x')
    app.get('/some', { config: { errors: [404, 503] } }, async () => 'x')
    app.get('/own-404', { schema: { response: { 404: Type.String() } } }, async () => 'x')
    app.get('/own-4xx', { schema: { response: { '4xx': Type.String(), ...errorResponses(404) } } }, async () => 'x')
    app.get('/own-5XX', { schema: { response: { '5XX': Type.String() } } }, async () => 'x')
    app.get('/own-default', { schema: { response: { default: Type.String(), '5xx': { $ref: 'HumanloopError#' } } } }, async () => 'x')
  })
  const reference = await get(app)
  const everywhere = ['GET /before', 'POST /after', 'HEAD /head']
  const ofChild = ['GET /projects', 'PUT,PATCH /projects/:id'] // Fastify loads it when the app is complete
  t.same(routesOf(reference, 400), [...everywhere, 'GET /own-404', 'GET /own-5XX', ...ofChild])
  t.same(routesOf(reference, 404), [...everywhere, 'GET /some', 'GET /own-4xx', 'GET /own-5XX', ...ofChild])
  t.same(routesOf(reference, 503), [...everywhere, 'GET /some', 'GET /own-404', 'GET /own-4xx', 'GET /own-default', ...ofChild])
  t.equal(reference.errors[0]!.routes[1]!.summary, 'Comes after')

  const page = (await app.inject('/errors')).body
  t.match(
    page,
    '<details open><summary>8 routes may answer with it. Any other path or method does.</summary>\n<ul class="routes">\n<li><code><b>GET</b> /before</code></li>',
    'eight are open'
  )
  t.match(page, '<details><summary>9 routes may answer with it.</summary>', 'nine are folded')
  t.match(page, '<li><code><b>POST</b> /after</code> <span>Comes after</span></li>')
  t.match((await app.inject('/errors.md')).body, '\n- `GET /before`\n- `POST /after`: Comes after\n')
})

t.test('without documentation of routes the reference lists them all the same; without routes it says so', async t => {
  const some = await appWith(t, async app => {
    await app.register(errorReference)
    app.get('/one', { config: { errors: [500] } }, async () => 'x')
  }, { document: false })
  t.same(routesOf(await get(some.app), 500), ['GET /one'])
  const page = (await some.app.inject('/errors')).body
  t.match(page, '<details open><summary>1 route may answer with it.</summary>')
  t.match(page, '<p>No route lists it. Any other path or method does.</p>')
  t.match((await some.app.inject('/errors.md')).body, '\n### Routes\n\nNo route lists it.\n\n## ')
})

t.test('the title is that of the option, or of the OpenAPI document, in which the reference does not appear', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(swagger, { openapi: { info: { title: 'Jokes', version: '1' } } })
    await app.register(errorReference)
    await app.register(errorReference, { prefix: '/failures', title: 'Nine' })
    app.get('/', async () => 'x')
  })
  t.equal((await get(app)).title, 'Jokes')
  t.equal((await get(app, '/failures.json')).title, 'Nine')
  t.match((await app.inject('/failures')).body, '<title>Nine errors</title>')
  t.match((await app.inject('/failures.md')).body, /^# Nine errors\n/)
  t.same(Object.keys((app.swagger() as { paths: object }).paths), ['/'])
  t.same(routesOf(await get(app), 404), ['GET /'])
})

t.test('an OpenAPI document that cannot be made costs the title, not the page', async t => {
  const { app, log } = await appWith(t, async app => {
    app.decorate('swagger', (() => { throw new Error('no document') }) as never)
    await app.register(errorReference)
  })
  t.equal((await get(app)).title, 'Humanloop')
  t.match(log.lines, [{
    level: levels.warn,
    msg: 'errorReference: the OpenAPI document cannot be made; the page goes without its title',
    err: { message: 'no document' }
  }])
})

t.test('under the prefix of a scope, with links that hold behind a proxy that cuts it', async t => {
  const { app } = await appWith(t, async app => {
    app.register(async api => { await api.register(errorReference, { prefix: '/help/what went wrong' }) }, { prefix: '/api' })
  })
  const linksOf = async (url: string): Promise<string[]> =>
    [...(await app.inject(url)).body.matchAll(/href="([^#"]+)"/g)].map(([, href]) => new URL(href!, `http://a${url}`).pathname)
  for (const url of ['/api/help/what%20went%20wrong', '/api/help/what%20went%20wrong/']) {
    const links = await linksOf(url)
    t.same(links, ['/api/help/what%20went%20wrong.json', '/api/help/what%20went%20wrong.md'])
    for (const link of links) t.equal((await app.inject(link)).statusCode, 200, link)
  }
})

t.test('in an app that does not add HEAD routes or tell slashes apart', async t => {
  const { app } = await appWith(t, async app => { await app.register(errorReference) }, {}, {
    exposeHeadRoutes: false, routerOptions: { ignoreTrailingSlash: true }
  })
  for (const url of ['/errors', '/errors/']) t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
})

t.test('it tells of the headers, and how to authenticate where the service says it', async t => {
  for (const authenticate of [undefined, 'Bearer']) {
    const { app } = await appWith(t, async app => { await app.register(errorReference) }, { authenticate })
    t.same((await get(app)).headers, [
      { name: 'retry-after', meaning: 'Seconds until a retry may succeed; absent where nobody knows. On 429, 503, 504, 529.' },
      { name: 'x-should-retry', meaning: 'Present where waiting does not help: a quota is used up, or a bill is open. On 429.' },
      ...authenticate === undefined
        ? []
        : [{ name: 'www-authenticate', meaning: 'How to authenticate, where this service asks for it: not where a provider does. On 401.' }],
      { name: 'x-request-id', meaning: 'The id of the request, under which the log has it. On every response.' },
      { name: 'x-provider-request-id', meaning: 'The id that the model provider gave its request, where it failed and sent one.' }
    ])
  }
})

t.test('the page’s own content security policy holds where @fastify/helmet has set another', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(helmet)
    await app.register(errorReference)
  })
  const { headers } = await app.inject('/errors')
  t.match(headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-/)
  t.ok(headers['strict-transport-security'], 'the others stay')
})

t.test('without the plugin, or with a wrong option, it is a boot error that names the fix', async t => {
  const bare = Fastify()
  t.teardown(async () => bare.close())
  await t.rejects(
    async () => bare.register(errorReference),
    new Error('errorReference: register the plugin before it: await app.register(humanloopErrors)')
  )
  const prefixFix = "errorReference: option 'prefix' must be the path of the page, beginning with a slash and not ending with one, such as '/errors'; it is "
  for (const [options, message] of [
    [{ prefix: '/errors/' }, `${prefixFix}'/errors/'`],
    [{ prefix: 'errors' }, `${prefixFix}'errors'`],
    [{ prefix: '' }, `${prefixFix}''`],
    [{ title: 7, logLevel: 'warn' }, "errorReference: option 'title' must be the name of the API, a non-empty string; it is 7"],
    [{ name: 'x' }, "errorReference: there is no option 'name'; the options are prefix, title"]
  ] as const) {
    const app = Fastify()
    t.teardown(async () => app.close())
    await app.register(humanloopErrors)
    await t.rejects(async () => app.register(errorReference, options as ErrorReferenceOptions), new TypeError(message))
  }
})
