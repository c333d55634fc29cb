/**
 * Given routes of every kind, when their app is checked, then each is provoked as far as it fails before its handler, which is never
 * called.
 */
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify'
import t from 'tap'
import { z } from 'zod'
import { checkErrorContract, type ErrorContractOptions, type ErrorContractReport } from '../../../plugin/testing/index.js'
import { appWith } from '../../support/app.js'

type Teardown = { teardown: (close: () => Promise<void>) => void }

/** The report on an app with the plugin; no handler of it may be called. */
async function reportOn (
  t: Teardown & { fail: (message: string) => unknown },
  routes: (app: FastifyInstance, route: (options: Omit<RouteOptions, 'handler'>) => void) => void | Promise<void>,
  options: ErrorContractOptions = {}
): Promise<ErrorContractReport> {
  const { app } = await appWith(t, async app => {
    await routes(app, options => {
      app.route({ exposeHeadRoute: false, ...options, handler: async () => t.fail(`the handler of ${options.url} was called`) })
    })
  })
  return checkErrorContract(app, options)
}

/** What was done to a route, with the status that was answered. */
function triggers ({ checked }: ErrorContractReport, route: string): Record<string, number> {
  return Object.fromEntries(checked.filter(entry => entry.route === route).map(({ trigger, status }) => [trigger, status]))
}

function unchecked ({ unchecked }: ErrorContractReport, route: string): Array<[trigger: string | undefined, reason: string]> {
  return unchecked.filter(entry => entry.route === route).map(({ trigger, reason }) => [trigger, reason])
}

const reached = 'it reached the handler, which was not called'

t.test('a route that takes whatever comes is unchecked, and not called', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'DELETE', url: '/everything' })
    route({ method: 'GET', url: '/health' })
  })
  t.same(unchecked(report, 'GET /health'), [[undefined, reached]])
  t.match(unchecked(report, 'DELETE /everything'), [['bare request', reached]])
  t.same(triggers(report, 'DELETE /everything'), {
    'broken JSON': 400, 'empty JSON body': 400, 'JSON with __proto__': 400, 'body too large': 400, 'wrong media type': 400
  })
})

t.test('requests of others reach the handler, during the check and after it', async t => {
  const during = new Set<string>()
  const { app } = await appWith(t, app => {
    app.get('/', async () => 'here')
    app.get('/outer', { onRequest: async () => { during.add((await app.inject('/')).body) } }, async () => t.fail('called'))
  })
  t.same(unchecked(await checkErrorContract(app), 'GET /'), [[undefined, reached]])
  t.same([...during], ['here'])
  t.equal((await app.inject('/')).body, 'here')
})

t.test('a handler that the hook of another plugin sets is not called either, but by others', async t => {
  const calls: string[] = []
  const own = async (): Promise<string> => {
    calls.push('own')
    return 'own'
  }
  const changes: Readonly<Record<string, (options: RouteOptions) => void>> = {
    '/replaced': options => { options.handler = own },
    '/assigned': options => { Object.assign(options, { handler: own }) },
    '/wrapped': options => {
      const { handler } = options
      options.handler = async function (request, reply) {
        calls.push('wrapper')
        return handler.call(this, request, reply)
      }
    },
    '/put-back': options => {
      const { handler } = options
      options.handler = own
      options.handler = handler
    }
  }
  const { app } = await appWith(t, app => {
    app.addHook('onRoute', options => {
      changes[options.url]?.(options)
      t.equal(options.handler, options.handler, 'what is read is always the same')
    })
    for (const url of Object.keys(changes)) {
      app.get(url, async () => {
        calls.push('handler')
        return 'given'
      })
    }
  })
  const report = await checkErrorContract(app)
  for (const url of Object.keys(changes)) {
    for (const method of ['GET', 'HEAD']) t.same(unchecked(report, `${method} ${url}`), [[undefined, reached]], url)
  }
  t.same(calls, [])
  for (const [url, body] of [['/replaced', 'own'], ['/assigned', 'own'], ['/wrapped', 'given'], ['/put-back', 'given']] as const) {
    t.equal((await app.inject(url)).body, body, url)
  }
  t.same(calls, ['own', 'own', 'wrapper', 'handler', 'handler'])
})

t.test('what the hooks before a handler took is given back', async t => {
  let taken = 0
  let given = 0
  await reportOn(t, (app, route) => {
    app.addHook('onResponse', async request => { if (request.url === '/things') given++ })
    route({ method: 'GET', url: '/things', preHandler: async () => { taken++ } })
  })
  t.ok(taken > 0)
  t.ok(given >= taken)
})

t.test('a hook that makes a refused body valid: the handler is not called', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({
      method: 'POST',
      url: '/mended',
      preValidation: async request => { request.body = { name: 'x' } },
      schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } }
    })
  })
  t.same(unchecked(report, 'POST /mended').filter(([trigger]) => trigger?.startsWith('body:')), [
    ['body: type', reached], ['body: required', reached]
  ])
})

t.test('attachValidation leaves the decision to the handler', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'POST', url: '/lenient', attachValidation: true, schema: { body: { type: 'object', required: ['name'] } } })
  })
  t.same(unchecked(report, 'POST /lenient').at(-1), ['body outside its schema', 'attachValidation leaves the decision to the handler'])
})

t.test('each part of a request, for each keyword of its schema', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({
      method: 'PUT',
      url: '/:id/:kind',
      schema: {
        params: { type: 'object', properties: { id: { type: 'integer', minimum: 0 }, kind: { enum: ['a', '1'] } } },
        querystring: {
          type: 'object',
          required: ['q'],
          properties: { q: { type: 'string', maxLength: 3 }, tags: { type: 'array', maxItems: 2, items: { type: 'string' } } }
        },
        headers: {
          type: 'object',
          required: ['X-Tenant'],
          properties: { 'X-Tenant': { type: 'string', pattern: '^t[0-9]$' }, connection: { type: 'string', maxLength: 9 } }
        },
        body: {
          type: 'object',
          required: ['name', 'when'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', minLength: 2, maxLength: 5 },
            when: { type: 'string', format: 'date-time' },
            count: { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9, multipleOf: 2 },
            ratio: { type: 'number', maximum: 1 },
            fixed: { const: 'x' },
            either: { anyOf: [{ type: 'object' }, { type: 'boolean' }] },
            list: {
              type: 'array',
              minItems: 1,
              maxItems: 2,
              uniqueItems: true,
              items: { type: 'object', required: ['deep'], properties: { deep: { type: 'null' } } }
            }
          }
        }
      }
    })
  })
  const done = triggers(report, 'PUT /:id/:kind')
  t.ok(Object.entries(done).every(([trigger, status]) => status === 422 || !trigger.includes(': ')))
  t.same(Object.keys(done).filter(trigger => trigger.includes(': ')).sort(), [
    'body: anyOf', 'body: const', 'body: exclusiveMaximum', 'body: exclusiveMinimum', 'body: format', 'body: maxItems', 'body: maxLength',
    'body: maximum', 'body: minItems', 'body: minLength', 'body: multipleOf', 'body: required', 'body: type', 'body: uniqueItems',
    'headers: pattern', 'headers: required', 'headers: type',
    'params: enum', 'params: minimum', 'params: type',
    'querystring: maxItems', 'querystring: maxLength', 'querystring: required', 'querystring: type'
  ])
  t.ok('parameter too long' in done)
})

t.test('the schemas of TypeBox, and what else can be said in JSON Schema', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({
      method: 'POST',
      url: '/typebox',
      schema: {
        body: Type.Intersect([Type.Object({ a: Type.Literal('x') }), Type.Object({ b: Type.Union([Type.Boolean(), Type.Null()]) })])
      }
    })
    route({
      method: 'POST',
      url: '/union',
      schema: { body: Type.Union([Type.Array(Type.Integer({ minimum: 3 }), { minItems: 2 }), Type.Number({ maximum: -4 })]) }
    })
    route({
      method: 'POST',
      url: '/example',
      schema: { body: { type: ['object', 'null'], examples: [{ a: 1 }], properties: { a: { type: 'number' } } } }
    })
    route({ method: 'POST', url: '/oneOf', schema: { body: { oneOf: [{ type: 'boolean' }, { default: 'x' }] } } })
    route({
      method: 'POST',
      url: '/deep',
      schema: {
        body: {
          type: 'object',
          required: ['a'],
          properties: {
            a: {
              type: 'object',
              required: ['a'],
              properties: {
                a: {
                  type: 'object',
                  required: ['a'],
                  properties: {
                    a: {
                      type: 'object',
                      required: ['a'],
                      properties: { a: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } }
                    }
                  }
                }
              }
            }
          }
        }
      }
    })
    route({ method: 'POST', url: '/nothing', schema: { body: { default: undefined } } })
    route({
      method: 'POST',
      url: '/types',
      schema: { body: { type: 'object', required: ['a'], additionalProperties: true, properties: { a: { type: ['integer', 'null'] } } } }
    })
    route({
      method: 'POST',
      url: '/wide',
      schema: {
        body: {
          type: 'object', properties: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, { type: 'object' }]))
        }
      }
    })
    route({ method: 'GET', url: '/query', schema: { query: { type: 'object', required: ['q'] } } as FastifySchema })
    route({
      method: 'GET', url: '/files/*', schema: { params: { type: 'object', required: ['*'], properties: { '*': { minLength: 3 } } } }
    })
    route({ method: 'POST', url: '/never', schema: { body: { not: {} } } })
    route({ method: 'POST', url: '/anything', schema: { body: {} } })
  })
  t.equal(triggers(report, 'GET /query')['querystring: required'], 422)
  t.equal(triggers(report, 'GET /files/*')['params: minLength'], 422)
  for (const url of ['/typebox', '/union', '/example', '/deep', '/types', '/wide', '/never']) {
    t.equal(triggers(report, `POST ${url}`)['body: type'], 422, url)
  }
  t.match(unchecked(report, 'POST /anything').at(-1), [
    'body outside its schema', 'its validator refused none of the values that were tried'
  ])
})

t.test('a validator of another library, synchronous or not', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({
      method: 'POST',
      url: '/zod',
      schema: { body: z.object({ name: z.string() }) },
      validatorCompiler: ({ schema }) => data => {
        const { success, data: value, error } = (schema as unknown as z.ZodType).safeParse(data)
        return success ? { value } : { error: error as Error }
      }
    })
    route({
      method: 'POST',
      url: '/rejecting',
      schema: { body: { mine: true } as FastifySchema },
      validatorCompiler: () => (async () => { throw new Error('no') }) as never
    })
  })
  t.match(triggers(report, 'POST /zod'), { 'body: type': 422 })
  t.match(triggers(report, 'POST /rejecting'), { 'body: type': 422 })
})

t.test('a body with a schema for each media type', async t => {
  const body = (mediaType: string): FastifySchema => ({
    body: { content: { [mediaType]: { schema: { type: 'object', required: ['a'] } } } }
  })
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'POST', url: '/json', schema: body('application/json') })
    route({ method: 'POST', url: '/text', schema: body('text/plain') })
  })
  t.match(triggers(report, 'POST /json'), { 'body: required': 422 })
  t.same(unchecked(report, 'POST /text').at(-1), ['body outside its schema', 'there is no schema for application/json'])
})

t.test('a parser for every media type takes what is sent; the handler is not called', async t => {
  const report = await reportOn(t, (app, route) => {
    app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
    route({ method: 'POST', url: '/upload' })
  })
  t.ok(unchecked(report, 'POST /upload').some(([trigger, reason]) => trigger === 'wrong media type' && reason === reached))
})

t.test('patterns: expressions, several parameters in a segment, a wildcard, a colon, constraints', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'POST', url: '/n/:id(^\\d+$)' })
    route({ method: 'POST', url: '/d/:when(^(\\d{4})-\\d\\d-\\d\\d$)' })
    route({ method: 'POST', url: '/u/:file-:version.json' })
    route({ method: 'POST', url: '/o/:some?' })
    route({ method: 'POST', url: '/files/*' })
    route({ method: 'POST', url: '/things::merge' })
    route({ method: 'POST', url: '/host', constraints: { host: 'example.com' } })
    route({ method: 'POST', url: '/version', constraints: { version: '1.2.0' } })
    route({ method: 'POST', url: '/pattern', constraints: { host: /^only\./ } })
    route({ method: 'POST', url: '/word/:w(^never$)' })
  })
  for (const url of [
    '/n/:id(^\\d+$)', '/d/:when(^(\\d{4})-\\d\\d-\\d\\d$)', '/u/:file-:version.json', '/o/:some?', '/files/*', '/things::merge', '/host',
    '/version'
  ]) {
    t.equal(triggers(report, `POST ${url}`)['broken JSON'], 400, url)
  }
  for (const url of ['/pattern', '/word/:w(^never$)']) {
    t.same(unchecked(report, `POST ${url}`), [[undefined, 'no address was found that leads to it']], url)
  }
})

t.test('unknown methods of known paths, unknown paths of each prefix', async t => {
  const report = await reportOn(t, (app, route) => {
    route({ method: ['GET', 'POST'], url: '/both' })
    app.register(async child => {
      child.get('/', async () => 'x')
      child.delete('/*', async () => t.fail('called'))
    }, { prefix: '/v1/' })
  })
  t.same(
    report.checked.filter(({ route, trigger }) => route.endsWith('/both') && trigger === 'unknown method')
      .map(({ route, status }) => [route, status]),
    Fastify().supportedMethods.filter(method => !['GET', 'POST'].includes(method)).map(method => [`${method} /both`, 404]))
  t.ok(report.checked.some(({ route }) => route === 'GET /v1/error-contract-check/no-such-route'))
  t.notOk(report.checked.some(({ route, trigger }) => route === 'DELETE /v1/' && trigger === 'unknown method'))
})

t.test('where every path has a route, no unknown one is sent', async t => {
  const report = await reportOn(t, (_app, route) => { route({ method: ['GET', 'HEAD', 'POST'], url: '/*' }) })
  t.same(unchecked(report, 'GET /error-contract-check/no-such-route'), [['unknown path', 'it arrives at the route /*']])

  const app = Fastify({ rewriteUrl: ({ url = '' }) => url.endsWith('no-such-route') ? '/%ff' : url })
  t.teardown(async () => app.close())
  t.same(unchecked(await checkErrorContract(app), 'GET /error-contract-check/no-such-route'), [[
    'unknown path', 'it does not arrive at the not-found handler'
  ]])
})

t.test('headers are sent with all but the bare request', async t => {
  const seen = new Set<unknown>()
  const report = await reportOn(t, (app, route) => {
    app.addHook('onRequest', async request => { if (!request.is404) seen.add(request.headers['x-api-key']) })
    route({
      method: 'POST',
      url: '/',
      onRequest: async (request, reply) => { if (request.headers['x-api-key'] !== 'right') return reply.code(401).send() }
    })
  }, { headers: { 'X-API-Key': 'right' } })
  t.match(triggers(report, 'POST /'), { 'bare request': 401, 'broken JSON': 400 })
  t.same(seen, new Set([undefined, 'right']))
})

t.test('a route that is skipped gets nothing', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'POST', url: '/skipped', onRequest: async () => { t.fail('its hook was run') } })
    route({ method: 'POST', url: '/other' })
  }, { skip: ({ method, url }) => method === 'POST' && url === '/skipped' })
  t.same([...report.checked, ...report.unchecked].filter(({ route }) => route.includes('/skipped')), [])
})

t.test('a hook that answers with a success, or with nothing', async t => {
  const report = await reportOn(t, (_app, route) => {
    route({ method: 'GET', url: '/cached', onRequest: (_request, reply) => { reply.send('from a cache') } })
    route({ method: 'GET', url: '/silent', onRequest: (request, reply) => { reply.hijack(); request.raw.socket.destroy() } })
    route({ method: 'GET', url: '/hanging', onRequest: () => {} })
  }, { timeout: 300 })
  t.same(unchecked(report, 'GET /cached'), [[undefined, 'the answer is 200, no error']])
  for (const url of ['/silent', '/hanging']) t.same(unchecked(report, `GET ${url}`), [[undefined, 'nothing was answered within 300 ms']])
})

t.test('a request that comes to its handler when nobody waits any more is locked out as well', async t => {
  const released = new EventEmitter()
  const seen = new EventEmitter()
  const { app } = await appWith(t, app => {
    app.get('/late', {
      exposeHeadRoute: false,
      onRequest: async () => { await once(released, 'go') },
      onSend: async (_request, reply) => { seen.emit('answered', reply.statusCode) } // its connection is gone: there is no response
    }, async () => t.fail('the handler was called'))
  })
  const report = await checkErrorContract(app, { timeout: 300 })
  t.same(unchecked(report, 'GET /late'), [[undefined, 'nothing was answered within 300 ms']])
  const answered = once(seen, 'answered')
  released.emit('go')
  t.same(await answered, [204])
})

t.test('a request that comes when nobody waits any more is not held for ever', async t => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const released = new EventEmitter()
  let late: WeakRef<object> | undefined
  const app = Fastify({
    serverFactory: serve => createServer((request, response) => {
      if (request.url === '/late' && request.method === 'GET') released.once('go', () => { serve(request, response) })
      else serve(request, response)
    })
  })
  t.teardown(async () => app.close())
  app.get('/late', {
    exposeHeadRoute: false,
    onRequest: (request, _reply, done) => {
      late = new WeakRef(request)
      done()
    }
  }, async () => t.fail('the handler was called'))
  await checkErrorContract(app, { timeout: 100 })
  released.emit('go')
  await setImmediate()
  t.not(late, undefined, 'it came')
  for (let turn = 0; turn < 20 && late?.deref() !== undefined; turn++) {
    await setImmediate()
    collect()
  }
  t.equal(late?.deref() === undefined, true)
})

t.test('an app that was created before the import, something else, a wrong option: an error that says what to do', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await t.rejects(checkErrorContract({} as FastifyInstance), new TypeError(
    "checkErrorContract: this app is not known; give the app that Fastify() returned, and import 'fastify-humanloop-errors/testing' before it is created (as the first import, or with node --import)"))
  for (const [options, message] of [
    [{ header: {} }, "checkErrorContract: there is no option 'header'; the options are headers, skip, timeout"],
    [{ headers: { 'x y': 'z' } }, "checkErrorContract: option 'headers' must be names and values of HTTP headers; headers/x y is 'z'"],
    [{ headers: { x: 'a\r\nb' } }, "checkErrorContract: option 'headers' must be names and values of HTTP headers; headers/x is 'a\r\nb'"],
    [{ skip: '/x' }, "checkErrorContract: option 'skip' must be a function of { method, url } that returns true for a route to leave out; it is '/x'"],
    [{ timeout: 5n }, "checkErrorContract: option 'timeout' must be a whole number of milliseconds, 1 or more; it is 5n"],
    [{ timeout: 0 }, "checkErrorContract: option 'timeout' must be a whole number of milliseconds, 1 or more; it is 0"]
  ] as const) {
    await t.rejects(checkErrorContract(app, options as ErrorContractOptions), { name: 'TypeError', message })
  }
})

t.test('a websocket passes the lock', async t => {
  const calls = new Set<unknown>()
  let open: RouteOptions['handler'] | undefined
  await reportOn(t, app => {
    app.addHook('onRoute', ({ url, handler }) => { if (url === '/ws') open = handler })
    app.get('/ws', async socket => { calls.add(socket) })
    // as @fastify/websocket calls it: with a socket in the place of the request
    app.get('/', { onRequest: async () => { await open!.call(app, 'socket' as never, 'request' as never) } }, async () => 'x')
  })
  t.same([...calls], ['socket'])
})
