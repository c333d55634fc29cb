/** Given an app with a hole in its error contract, when it is checked, then the hole is found and nothing else. */
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import Fastify from 'fastify'
import t from 'tap'
import humanloopErrors, { type HumanloopErrorsOptions, NotFoundError } from '../../../plugin/index.js'
import { checkErrorContract, type ErrorContractReport, type Violation } from '../../../plugin/testing/index.js'
import { appWith, envelope } from '../../support/app.js'

type Teardown = { teardown: (close: () => Promise<void>) => void }

/** The report on an app with the plugin. */
async function reportOn (
  t: Teardown,
  routes: (app: FastifyInstance) => void | Promise<void>,
  options: HumanloopErrorsOptions = {},
  server: FastifyServerOptions = {}
): Promise<ErrorContractReport> {
  const { app } = await appWith(t, routes, options, server)
  return checkErrorContract(app)
}

/** The violations behind the connection, which the options of the server decide. */
function found ({ violations }: ErrorContractReport): Violation[] {
  return violations.filter(({ route }) => route !== 'server')
}

const item = { schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } } as const

t.test('an app whose errors are the contract has none', async t => {
  const report = await reportOn(t, app => {
    app.get('/', async () => 'x')
    app.post('/items', item, async () => 'x')
    app.register(async child => {
      child.get('/things', { schema: { querystring: { type: 'object', required: ['q'] } } }, async () => 'x')
    }, { prefix: '/v1' })
  })
  t.same(found(report), [], String(report))
  t.ok(report.checked.some(({ route, trigger, status }) => route === 'POST /items' && trigger === 'body: required' && status === 422))
  t.ok(report.checked.some(({ route, status }) => route === 'HEAD /v1/things' && status === 422))
})

t.test('an error handler of a child scope with its own body', async t => {
  const routes = (app: FastifyInstance): void => {
    app.register(async child => {
      child.setErrorHandler((error, _request, reply) => { reply.code(400).send({ mine: (error as Error).message }) })
      child.post('/items', item, async () => 'x')
    })
    app.post('/sound', item, async () => 'x')
  }
  const violations = found(await reportOn(t, routes, { guard: 'off' }))
  t.same(new Set(violations.map(({ route }) => route)), new Set(['POST /items']))
  t.match(violations.find(({ trigger }) => trigger === 'body: required'), {
    status: 400,
    body: '{"mine":"body must have required property \'name\'"}',
    reason: 'cache-control is missing, not no-store; body/detail: Expected required property'
  })
  t.same(found(await reportOn(t, routes, { guard: 'enforce' })), [], 'the guard brings it inside')
})

t.test('an error handler that forgets the status: an error that is answered with 200', async t => {
  const violations = found(await reportOn(t, app => {
    app.register(async child => {
      child.setErrorHandler((_error, _request, reply) => { reply.code(200).send({ failed: true }) })
      child.post('/items', { ...item, config: { errors: false } }, async () => 'x')
    })
  }))
  t.match(violations.find(({ trigger }) => trigger === 'broken JSON'), {
    route: 'POST /items', status: 200, body: '{"failed":true}', reason: 'an error was thrown, and the answer is 200'
  })
})

t.test('a raw 500 in each hook before the handler', async t => {
  for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const) {
    const violations = found(await reportOn(t, app => {
      app.get('/raw', {
        exposeHeadRoute: false,
        [hook]: async (_request: unknown, reply: { hijack: () => void, raw: { statusCode: number, end: (body: string) => void } }) => {
          reply.hijack()
          reply.raw.statusCode = 500
          reply.raw.end('x')
        }
      }, async () => 'x')
    }))
    t.equal(violations.length, 1, hook)
    t.match(violations[0], {
      route: 'GET /raw', trigger: 'bare request', status: 500, body: 'x', reason: /^content-type is missing.*; the body is no JSON$/
    })
  }
})

t.test('what is sent by hand, with the guard off: in a hook, in a not-found handler', async t => {
  const violations = found(await reportOn(t, app => {
    app.get('/hook', { preValidation: (_request, reply) => { reply.code(400).send('x') } }, async () => 'x')
    app.register(async child => {
      child.setNotFoundHandler((_request, reply) => { reply.code(404).send({ message: 'Mine.' }) })
      child.get('/fine', async () => 'x')
    }, { prefix: '/v1' })
  }, { guard: 'off' }))
  t.match(violations.filter(({ route }) => route === 'GET /hook'), [{ trigger: 'bare request', status: 400, body: 'x' }])
  t.match(violations.filter(({ route }) => route === 'HEAD /hook'), [{ status: 400, body: '', reason: /^content-type/ }])
  t.same(violations.filter(({ trigger }) => trigger === 'unknown path').map(({ route }) => route), [
    'GET /v1/error-contract-check/no-such-route', 'HEAD /v1/error-contract-check/no-such-route'
  ], 'a broken body is thrown, also where there is no route')
  t.ok(violations.some(({ route, trigger }) => route === 'PUT /v1/fine' && trigger === 'unknown method'))
})

t.test('a status that the route does not document', async t => {
  const violations = found(await reportOn(t, app => {
    app.post('/config', { ...item, config: { errors: [400, 404] } }, async () => 'x')
    app.post('/exact', { schema: { ...item.schema, response: { 400: { type: 'object' } } }, config: { errors: [400] } }, async () => 'x')
    app.post('/range', { schema: { ...item.schema, response: { '4XX': { type: 'object' } } } }, async () => 'x')
    app.post('/default', { schema: { ...item.schema, response: { default: { type: 'object' } } } }, async () => 'x')
    app.post('/all', item, async () => 'x')
  }))
  const undocumented = violations.map(({ route, status, reason }) => `${route} ${status} ${reason}`)
  t.same(new Set(undocumented), new Set(['POST /config 422 status 422 is not documented', 'POST /exact 422 status 422 is not documented']))
})

t.test('a route that documents no errors may answer with each of the nine', async t => {
  t.same(found(await reportOn(t, app => { app.post('/items', item, async () => 'x') }, { document: false })), [])
})

t.test('headers and framing that an error answer has not', async t => {
  const { app } = await appWith(t, app => {
    app.get('/cached', {
      onRequest: async (_request, reply) => {
        const body = JSON.stringify(envelope(404, 'x'))
        reply.hijack().raw.writeHead(404, {
          'content-type': 'application/json; charset=utf-8', 'content-length': body.length, 'cache-control': 'public', etag: '"1"'
        }).end(body)
      }
    }, async () => 'x')
    app.get('/chunked', {
      onRequest: async (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(404, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
        reply.raw.write('{"detail":')
        reply.raw.end(JSON.stringify((envelope(404, 'x') as { detail: object }).detail) + '}')
      }
    }, async () => 'x')
  })
  const { violations } = await checkErrorContract(app)
  t.match(violations.find(({ route }) => route === 'GET /cached'), {
    reason: 'cache-control is public, not no-store; etag does not belong to an error answer'
  })
  t.match(violations.find(({ route, trigger }) => route === 'GET /chunked' && trigger === 'bare request'), {
    body: JSON.stringify(envelope(404, 'x')),
    reason: /^content-length is missing, not \d+; transfer-encoding does not belong to an error answer$/
  })
  t.match(violations.find(({ route, trigger }) => route === 'HEAD /chunked' && trigger === 'bare request'), {
    reason: /content-length is missing, not that of the same answer to GET/
  })
})

t.test('a route’s own decision is left to it: a declared status, errors: false', async t => {
  const report = await reportOn(t, app => {
    const own = { type: 'object', properties: { problem: { type: 'string' } } } as const
    app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/declared' || request.url === '/alone') reply.code(409).send({ problem: 'Mine.' })
    })
    app.get('/declared', { exposeHeadRoute: false, schema: { response: { 409: own } } }, async () => 'x')
    app.get('/alone', { exposeHeadRoute: false, config: { errors: false } }, async () => 'x')
    app.post('/thrown', { ...item, config: { errors: false } }, async () => 'x')
  })
  t.same(found(report), [])
  for (const route of ['GET /declared', 'GET /alone']) {
    t.same(report.unchecked.filter(entry => entry.route === route), [{
      route, reason: 'what the route sends with 409 is its own decision'
    }])
  }
  t.ok(
    report.checked.some(({ route, trigger }) => route === 'POST /thrown' && trigger === 'body: required'),
    'what is thrown is the contract there too'
  )
})

t.test('an app without the plugin, and routes before it', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  app.post('/before', item, async () => 'x')
  await app.register(humanloopErrors, { guard: 'off' })
  app.post('/after', item, async () => 'x')
  t.same(new Set(found(await checkErrorContract(app)).map(({ route }) => route)), new Set(['POST /before']))

  const bare = Fastify()
  t.teardown(async () => bare.close())
  const { violations, checked } = await checkErrorContract(bare)
  t.equal(violations.length, checked.length)
  t.match(violations[0], {
    route: 'GET /error-contract-check/no-such-route', status: 404, reason: /body\/detail: Expected required property/
  })
})

t.test('what is no HTTP at all, and a hook that answers with another status', async t => {
  const report = await reportOn(t, app => {
    app.get('/bytes', {
      exposeHeadRoute: false,
      onRequest: async (request, reply) => {
        reply.hijack()
        request.raw.socket.end('nonsense')
      }
    }, async () => 'x')
    app.get('/teapot', {
      exposeHeadRoute: false,
      onRequest: async (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(418, {
          'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'content-length': 0
        }).end()
      }
    }, async () => 'x')
    app.get('/empty', {
      exposeHeadRoute: false,
      onRequest: async (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(404, {
          'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'content-length': 0, 'set-cookie': ['a=1', 'b=2']
        }).end()
      }
    }, async () => 'x')
    app.get('/twice', {
      exposeHeadRoute: false,
      onRequest: async (request, reply) => {
        const body = JSON.stringify(envelope(404, 'x'))
        reply.hijack()
        request.raw.socket.end(
          `HTTP/1.1 404 Not Found\r\ncontent-type: application/json; charset=utf-8\r\ncache-control: no-store\r\ncontent-length: ${body.length}\r\n\r\n${body}HTTP/1.1 400 Bad Request\r\n\r\n`
        )
      }
    }, async () => 'x')
    app.head('/body', {
      onRequest: async (request, reply) => {
        reply.hijack()
        request.raw.socket.end(
          'HTTP/1.1 404 Not Found\r\ncontent-type: application/json; charset=utf-8\r\ncache-control: no-store\r\ncontent-length: 2\r\n\r\n{}'
        )
      }
    }, async () => 'x')
  })
  const reasons = Object.fromEntries(found(report).map(({ route, status, reason }) => [route, `${status}: ${reason}`]))
  t.match(reasons, {
    'GET /bytes': /^0: status 0 is not one of/,
    'GET /teapot': '418: status 418 is not one of 400, 401, 404, 422, 429, 500, 503, 504, 529; status 418 is not documented',
    'GET /empty': '404: the body is empty',
    'GET /twice': /^404: content-length is 83, not 111; the body is no JSON$/,
    'HEAD /body': '404: an answer to HEAD has a body'
  })
})

t.test('an error after which nothing is answered', async t => {
  const { app } = await appWith(t, app => {
    app.get(
      '/hanging', { exposeHeadRoute: false, onRequest: async () => { throw new NotFoundError('x') }, onError: () => {} }, async () => 'x'
    )
    app.get('/closed', {
      exposeHeadRoute: false,
      onRequest: async () => { throw new NotFoundError('x') },
      errorHandler: (_error, _request, reply) => { reply.hijack().raw.destroy() }
    }, async () => 'x')
    app.get('/hinting', {
      exposeHeadRoute: false,
      onRequest: (_request, reply) => {
        reply.writeEarlyHints({ link: '</a>; rel=preload' }, () => { reply.send(new NotFoundError('x')) })
      },
      onError: () => {}
    }, async () => 'x')
  })
  const report = await checkErrorContract(app, { timeout: 300 })
  t.same(found(report), ['/hanging', '/closed', '/hinting'].map(url => (
    {
      route: `GET ${url}`,
      trigger: 'bare request',
      status: 0,
      body: '',
      reason: 'an error was thrown, and nothing was answered within 300 ms'
    }
  )))
  t.same(report.checked.filter(({ status }) => status === 0).length, 3)
})

t.test('what comes after early hints is what is judged', async t => {
  const hints = { link: '</a>; rel=preload' }
  const { app } = await appWith(t, app => {
    app.get('/mine', {
      exposeHeadRoute: false,
      onRequest: (_request, reply) => {
        reply.hijack()
        reply.raw.writeContinue()
        reply.raw.writeEarlyHints(hints)
        reply.raw.writeHead(403).end('mine')
      }
    }, async () => 'x')
    app.get(
      '/contract',
      {
        exposeHeadRoute: false,
        onRequest: (_request, reply) => { reply.writeEarlyHints(hints, () => { reply.send(new NotFoundError('x')) }) }
      },
      async () => 'x'
    )
    app.get(
      '/only', { exposeHeadRoute: false, onRequest: (_request, reply) => { reply.hijack().raw.writeEarlyHints(hints) } }, async () => 'x'
    )
    app.get('/switched', {
      exposeHeadRoute: false,
      onRequest: (request, reply) => {
        reply.hijack()
        request.raw.socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\n\r\nbytes of another protocol')
      }
    }, async () => 'x')
  })
  const report = await checkErrorContract(app, { timeout: 300 })
  t.match(found(report), [{ route: 'GET /mine', status: 403, body: /mine/, reason: /^status 403 is not one of/ }])
  t.same(
    report.checked.filter(({ route, trigger }) => route === 'GET /contract' && trigger === 'bare request').map(({ status }) => status),
    [404]
  )
  t.same(report.unchecked.filter(({ route }) => route === 'GET /only' || route === 'GET /switched').map(({ reason }) => reason), [
    'nothing was answered within 300 ms', 'the answer is 101, no error'
  ])
})

t.test('an answer with the code of another status, or with a fifth field', async t => {
  const { app } = await appWith(t, app => {
    app.get(
      '/code',
      {
        exposeHeadRoute: false,
        onRequest: (_request, reply) => { reply.code(404).header('cache-control', 'no-store').send(envelope(422, 'x')) }
      },
      async () => 'x'
    )
    app.get(
      '/fifth',
      {
        exposeHeadRoute: false,
        onRequest: (_request, reply) => { reply.code(404).header('cache-control', 'no-store').send({ ...envelope(404, 'x'), more: 1 }) }
      },
      async () => 'x'
    )
    app.get('/thrown', { exposeHeadRoute: false, onRequest: async () => { throw new NotFoundError('x') } }, async () => 'x')
  }, { guard: 'off' })
  t.same(found(await checkErrorContract(app)).map(({ route, reason }) => [route, reason]), [
    ['GET /code', "body/detail/type: Expected 'not_found_error'"],
    ['GET /fifth', 'body/more: Unexpected property']
  ])
})
