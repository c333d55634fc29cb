/** Row 5: unknown routes, and handlers for them that the app sets itself, before the plugin and after it. */
import type { AddressInfo } from 'node:net'
import etag from '@fastify/etag'
import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteHandlerMethod } from 'fastify'
import humanloopErrors, { NotFoundError } from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels, Log } from '../../support/app.js'
import { listening } from '../../support/transports.js'
import { request as requestText, Wire, type Answer } from '../../support/wire.js'

/** The response to a GET, on a connection of its own. */
async function get (app: FastifyInstance, url: string): Promise<Answer> {
  const wire = await Wire.to(app.server.listening ? (app.server.address() as AddressInfo).port : await listening(app))
  const answer = await wire.write(requestText('GET', url)).answer()
  wire.close()
  return answer!
}

function appOf (t: Test): FastifyInstance {
  const app = Fastify()
  t.teardown(async () => app.close())
  return app
}

const theirs = (_request: FastifyRequest, reply: FastifyReply): void => { reply.code(404).send({ message: 'Nothing here.', hint: 'x' }) }

t.test('an unknown path or method is a 404 that names the route without its query', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/known', async () => 'here')
    app.get('/called', (_request, reply) => { reply.callNotFound() })
  })
  for (const [method, url, route] of [
    ['GET', '/unknown?key=secret', 'GET:/unknown'],
    ['DELETE', '/known', 'DELETE:/known'],
    ['GET', '/called', 'GET:/called']
  ] as const) {
    const answer = await app.inject({ method, url })
    t.equal(answer.statusCode, 404)
    t.same(answer.json(), envelope(404, `Route ${route} not found`))
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  }
  t.match(log.lines[0], { level: levels.info, type: 'not_found_error', code: 404, msg: 'Route GET:/unknown not found' })
})

t.test('a not-found handler that was there before the plugin stays, which the log tells', async t => {
  const log = new Log()
  const app = Fastify({ logger: log.logger })
  t.teardown(async () => app.close())
  app.setNotFoundHandler(theirs)
  await app.register(humanloopErrors)
  isContract(t, await get(app, '/unknown'), 404, 'Nothing here.')
  t.match(log.lines[0], { level: levels.info, msg: /the not-found handler of the app stays/ })
})

/** Where the plugin and the handler stand; the path to ask for, and what comes. */
type Place = readonly [what: string, set: (app: FastifyInstance) => unknown, responses: Readonly<Record<string, string>>]

const places: readonly Place[] = [
  ['the root', async app => {
    await app.register(humanloopErrors)
    app.setNotFoundHandler(theirs)
  }, { '/x': 'Nothing here.' }],
  ['the root, the plugin not awaited', app => {
    app.register(humanloopErrors)
    app.setNotFoundHandler(theirs)
  }, { '/x': 'Nothing here.' }],
  ['the root, in a plugin that is loaded when the app gets ready', async app => {
    await app.register(humanloopErrors)
    app.register(async scope => { scope.setNotFoundHandler(theirs) })
  }, { '/x': 'Nothing here.' }],
  ['a scope without a prefix', async app => {
    await app.register(async scope => {
      await scope.register(humanloopErrors)
      scope.setNotFoundHandler(theirs)
    })
  }, { '/x': 'Nothing here.' }],
  ['a scope with a prefix below the plugin', async app => {
    await app.register(humanloopErrors)
    await app.register(async scope => { scope.setNotFoundHandler(theirs) }, { prefix: '/api' })
  }, { '/api/x': 'Nothing here.', '/x': 'Route GET:/x not found' }],
  ['a scope with a prefix', async app => {
    await app.register(humanloopErrors)
    await app.register(async scope => {
      await scope.register(humanloopErrors, { redact: message => message })
      scope.setNotFoundHandler(theirs)
    }, { prefix: '/api' })
  }, { '/api': 'Nothing here.', '/api/x': 'Nothing here.', '/x': 'Route GET:/x not found' }],
  ['a scope with a prefix, the handler first', async app => {
    await app.register(humanloopErrors)
    await app.register(async scope => {
      scope.setNotFoundHandler(theirs)
      await scope.register(humanloopErrors, { redact: message => message })
    }, { prefix: '/api' })
  }, { '/api/x': 'Nothing here.', '/x': 'Route GET:/x not found' }],
  ['only in a scope with a prefix', async app => {
    await app.register(async scope => {
      await scope.register(humanloopErrors)
      scope.setNotFoundHandler(theirs)
    }, { prefix: '/api' })
  }, { '/api/x': 'Nothing here.' }],
  ['a scope without a prefix, within one with a prefix', async app => {
    await app.register(async scope => {
      await scope.register(humanloopErrors)
      await scope.register(async inner => {
        inner.decorateReply('nothing', 'Nothing here.')
        inner.setNotFoundHandler(async (_request, reply) => reply.code(404).send({
          message: (reply as unknown as { nothing: string }).nothing
        }))
      })
    }, { prefix: '/api' })
  }, { '/api/x': 'Nothing here.' }],
  ['scopes with prefixes, one within the other', async app => {
    await app.register(async scope => {
      await scope.register(humanloopErrors)
      await scope.register(async inner => { inner.setNotFoundHandler(theirs) }, { prefix: '/v2' })
    }, { prefix: '/api' })
  }, { '/api/x': 'Route GET:/api/x not found', '/api/v2/x': 'Nothing here.' }],
  ['two scopes of one prefix', async app => {
    for (const path of ['/a', '/b']) {
      await app.register(async scope => {
        await scope.register(humanloopErrors)
        scope.get(path, theirs)
      }, { prefix: '/api' })
    }
  }, { '/api/a': 'Nothing here.', '/api/b': 'Nothing here.', '/api/x': 'Route GET:/api/x not found' }],
  ['two scopes without a prefix', async app => {
    for (const path of ['/a', '/b']) {
      await app.register(async scope => {
        await scope.register(humanloopErrors)
        scope.get(path, theirs)
      })
    }
  }, { '/a': 'Nothing here.', '/b': 'Nothing here.', '/x': 'Route GET:/x not found' }],
  ['the root, the default handler called for once more', async app => {
    await app.register(humanloopErrors)
    Reflect.apply(app.setNotFoundHandler, app, [])
  }, { '/x': 'Route GET:/x not found' }]
]

t.test('a not-found handler set after the plugin is the one that runs; the guard brings its responses inside the contract', async t => {
  for (const [what, set, responses] of places) {
    await t.test(what, async t => {
      const app = appOf(t)
      await set(app)
      for (const [path, message] of Object.entries(responses)) isContract(t, await get(app, path), 404, message, path)
    })
  }
})

t.test('the guard is the last hook of a handler that is set after the plugin, in each scope', async t => {
  const app = appOf(t)
  await app.register(humanloopErrors)
  await app.register(etag)
  app.addHook('onSend', async (_request, _reply, payload) => JSON.stringify({ wrapped: JSON.parse(String(payload)), message: 'Wrapped.' }))
  app.setNotFoundHandler(theirs)
  await app.register(async scope => {
    const options = { onSend: async (_request: FastifyRequest, reply: FastifyReply) => { reply.header('x-own-hook', 'ran') } }
    scope.setNotFoundHandler(options as object, theirs)
  }, { prefix: '/api' })
  for (const path of ['/x', '/api/x']) {
    const answer = await get(app, path)
    isContract(t, answer, 404, 'Wrapped.', path)
    t.equal(answer.headers['x-own-hook'], path === '/x' ? undefined : 'ran')
  }
})

t.test('a handler of the root, outside of the scope that has the plugin, is left as it is', async t => {
  const app = appOf(t)
  await app.register(async scope => {
    await scope.register(humanloopErrors)
    scope.get('/fails', async () => { throw new NotFoundError('Nothing.') })
  })
  app.setNotFoundHandler(theirs)
  isContract(t, await get(app, '/fails'), 404, 'Nothing.')
  t.equal((await get(app, '/x')).body, '{"message":"Nothing here.","hint":"x"}')
})

/** Wraps handlers for unknown routes as @fastify/otel and Sentry do, which read the name of one that is not there. */
const tracer = fp(async app => {
  const { setNotFoundHandler } = app
  const wrapped = (handler: RouteHandlerMethod): RouteHandlerMethod => {
    t.equal(typeof handler.name, 'string')
    return function (request, reply) { return handler.call(this, request, reply) }
  }
  app.setNotFoundHandler = function (this: FastifyInstance, ...given: [RouteHandlerMethod] | [object, RouteHandlerMethod]) {
    return Reflect.apply(setNotFoundHandler, this, given.length === 1 ? [wrapped(given[0])] : [given[0], wrapped(given[1])])
  }
})

t.test('under a tracer that wraps not-found handlers', async t => {
  for (const when of ['before', 'after'] as const) {
    for (const isTheirs of [true, false]) {
      await t.test(`registered ${when} the plugin, ${isTheirs ? 'a handler of the app' : 'none of the app'}`, async t => {
        const app = appOf(t)
        if (when === 'before') await app.register(tracer)
        await app.register(humanloopErrors)
        if (when === 'after') await app.register(tracer)
        if (isTheirs) app.setNotFoundHandler(theirs)
        await app.register(async scope => {
          await scope.register(humanloopErrors, { origin: 'Acme' })
          if (isTheirs) scope.setNotFoundHandler(theirs)
        }, { prefix: '/api' })
        isContract(t, await get(app, '/x?q=1'), 404, isTheirs ? 'Nothing here.' : 'Route GET:/x not found')
        isContract(t, await get(app, '/api/x'), 404, isTheirs ? 'Nothing here.' : 'Route GET:/api/x not found', '', 'Acme')
      })
    }
  }
})

t.test('a second handler of the app is refused as without the plugin', async t => {
  const app = appOf(t)
  await app.register(async scope => {
    await scope.register(humanloopErrors)
    scope.setNotFoundHandler(theirs)
    t.throws(() => scope.setNotFoundHandler(theirs), /Not found handler already set/)
    t.equal(scope.prefix, '/api')
  }, { prefix: '/api' })
  isContract(t, await get(app, '/api/x'), 404, 'Nothing here.')
})

t.test('a scope with an origin of its own has its own 404s, with its own hooks', async t => {
  const app = appOf(t)
  await app.register(humanloopErrors)
  await app.register(async scope => {
    await scope.register(humanloopErrors, { origin: 'Acme' })
    scope.addHook('onRequest', async (_request, reply) => { reply.header('x-scope', 'acme') })
  }, { prefix: '/acme' })
  const answer = await get(app, '/acme/x')
  isContract(t, answer, 404, 'Route GET:/acme/x not found', '', 'Acme')
  t.equal(answer.headers['x-scope'], 'acme')
  isContract(t, await get(app, '/x'), 404, 'Route GET:/x not found')
})

t.test('hooks of the app run for an unknown route; what they throw, or make of the body, is inside the contract', async t => {
  const app = appOf(t)
  await app.register(humanloopErrors)
  app.addHook('preHandler', async request => {
    if (request.url === '/forbidden') throw Object.assign(new Error('Not you.'), { statusCode: 403 })
  })
  app.addHook('onSend', async (request, _reply, payload) => request.url === '/spoiled' ? `${String(payload)} and more` : payload)
  isContract(t, await get(app, '/forbidden'), 401, 'Not you.')
  isContract(t, await get(app, '/spoiled'), 404, 'Route GET:/spoiled not found')
})

t.test('unknown paths under a rate limit, as @fastify/rate-limit documents it', async t => {
  for (const when of ['before', 'after'] as const) {
    await t.test(`set ${when} the plugin`, async t => {
      const app = appOf(t)
      await app.register(rateLimit, { global: false })
      if (when === 'after') await app.register(humanloopErrors)
      app.setNotFoundHandler({ preHandler: app.rateLimit({ max: 1, timeWindow: '1 minute' }) }, theirs)
      if (when === 'before') await app.register(humanloopErrors)
      isContract(t, await get(app, '/x'), 404, 'Nothing here.')
      const answer = await get(app, '/y')
      isContract(t, answer, 429, 'Rate limit exceeded, retry in 1 minute')
      t.match(answer.headers, { 'retry-after': /^\d+$/, 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' })
    })
  }
})
