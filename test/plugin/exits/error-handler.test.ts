/** Given a server with the plugin, when a handler throws this, then these bytes arrive. */
import Boom from '@hapi/boom'
import sensible from '@fastify/sensible'
import createFastifyError from '@fastify/error'
import createHttpError from 'http-errors'
import t from 'tap'
import {
  AuthenticationError, BadRequestError, NotFoundError, OverloadedError, RateLimitError, ServiceUnavailableError, TimeoutError,
  UnknownError, UnprocessableEntityError, withOrigin
} from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels, meanings } from '../../support/app.js'
import { transports } from '../../support/transports.js'

t.test('every class thrown arrives as its row', async t => {
  const classes = [
    BadRequestError, AuthenticationError, NotFoundError, UnprocessableEntityError, RateLimitError, UnknownError,
    ServiceUnavailableError, TimeoutError, OverloadedError
  ]
  const { app } = await appWith(t, app => {
    for (const ErrorClass of classes) app.get(`/${ErrorClass.name}`, async () => { throw new ErrorClass('What happened.') })
  })
  for (const ErrorClass of classes) {
    const answer = await app.inject(`/${ErrorClass.name}`)
    const code = new ErrorClass().statusCode
    t.equal(answer.statusCode, code)
    t.equal(answer.body, JSON.stringify(envelope(code, 'What happened.')))
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    t.equal(answer.headers['cache-control'], 'no-store')
    t.match(answer.headers['x-request-id'], /^req-/)
    if (code === 529) t.equal(answer.statusMessage, 'Overloaded')
  }
})

t.test('errors of other libraries are understood without configuration', async t => {
  const Teapot = createFastifyError('TEAPOT', 'I am a %s', 418)
  const Expired = createFastifyError('EXPIRED', 'expired', 410)
  const thrown: ReadonlyArray<readonly [what: string, error: () => unknown, code: number, message: string]> = [
    ['http-errors 409', () => createHttpError(409, 'Already there.'), 422, 'Already there.'],
    ['http-errors 405', () => createHttpError(405), 404, 'Method Not Allowed'],
    ['http-errors 503', () => createHttpError(503, 'pool at 10.0.0.3 is down'), 503, meanings[503]!],
    ['@fastify/error 418', () => new Teapot('teapot'), 400, 'I am a teapot'],
    ['@fastify/error 410', () => new Expired(), 404, 'expired'],
    ['@hapi/boom 403', () => Boom.forbidden('Not yours.'), 401, 'Not yours.'],
    ['@hapi/boom 500', () => Boom.badImplementation('the secret cause'), 500, meanings[500]!],
    ['@hapi/boom 429', () => Boom.tooManyRequests('Slow.'), 429, 'Slow.'],
    ['plain object', () => ({ statusCode: 404, message: 'Gone.' }), 404, 'Gone.'],
    ['status', () => Object.assign(new Error('Denied.'), { status: 403 }), 401, 'Denied.']
  ]
  const { app } = await appWith(t, app => {
    thrown.forEach(([, error], index) => app.get(`/${index}`, async () => { throw error() }))
  })
  for (const [index, [what, , code, message]] of thrown.entries()) {
    const answer = await app.inject(`/${index}`)
    t.equal(answer.statusCode, code, what)
    t.same(answer.json(), envelope(code, message), what)
  }
})

t.test('@fastify/sensible: its errors, and its headers', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(sensible)
    app.get('/conflict', async () => { throw app.httpErrors.conflict('Twice.') })
    app.get('/limited', async () => {
      throw app.httpErrors.createError(429, 'Slow.', { headers: { 'Retry-After': '3', 'X-Limit': 'a', etag: '"x"' } })
    })
    app.get('/assert', async () => { app.assert.equal(1, 2, 400, 'No.') })
  })
  t.same((await app.inject('/conflict')).json(), envelope(422, 'Twice.'))
  t.same((await app.inject('/assert')).json(), envelope(400, 'No.'))
  const limited = await app.inject('/limited')
  t.same(limited.json(), envelope(429, 'Slow.'))
  t.match(limited.headers, { 'retry-after': '3', 'x-limit': undefined, etag: undefined })
})

t.test('whatever is thrown, the caller gets a 500 that tells nothing of the cause', async t => {
  const frozen = Object.freeze(new Error('secret'))
  const hostile = new Proxy({}, {
    get () { throw new Error('secret') }, has () { throw new Error('secret') }, getPrototypeOf () { throw new Error('secret') }
  })
  const getters = Object.defineProperties(new Error('x'), {
    message: { get () { throw new Error('secret') } }, statusCode: { get () { throw new Error('secret') } }
  })
  const thrown = [
    null, undefined, 'secret', 42, Symbol('secret'), { a: 'secret' }, [], () => 'secret', frozen, hostile, getters, new Error('secret'),
    new TypeError('secret')
  ]
  const { app, log } = await appWith(t, app => {
    thrown.forEach((value, index) => {
      app.get(`/async/${index}`, async () => { throw value })
      app.get(`/sync/${index}`, () => { throw value })
    })
  })
  for (const index of thrown.keys()) {
    for (const kind of ['async', 'sync']) {
      const answer = await app.inject(`/${kind}/${index}`)
      t.equal(answer.statusCode, 500, `${kind} ${index}`)
      t.same(answer.json(), envelope(500, meanings[500]!))
    }
  }
  t.ok(log.lines.every(({ level, err }) => level === levels.error && err !== undefined))
  t.match(log.lines.at(-1), { err: { type: 'TypeError', message: 'secret', stack: /error-handler\.test/ }, code: 500, origin: 'Humanloop' })
})

t.test('a status that is none counts as absent; the one set on the reply is taken then', async t => {
  const { app } = await appWith(t, app => {
    for (const status of [200, 302, 399, 600, 999, 'abc', '404', NaN, null]) {
      app.get(`/${status}`, async () => { throw Object.assign(new Error('x'), { statusCode: status }) })
    }
    app.get('/reply', async (_request, reply) => { reply.code(404); throw new Error('No such thing.') })
    const text: unknown = 'No such thing.'
    app.get('/text', async (_request, reply) => { reply.code(404); throw text })
    app.get('/both', async (_request, reply) => { reply.code(404); throw createHttpError(409, 'Twice.') })
  })
  for (const status of [200, 302, 399, 600, 999, 'abc', '404', NaN, null]) {
    t.same((await app.inject(`/${status}`)).json(), envelope(500, meanings[500]!), String(status))
  }
  t.same((await app.inject('/reply')).json(), envelope(404, 'No such thing.'))
  t.same((await app.inject('/text')).json(), envelope(404, 'No such thing.'))
  t.same((await app.inject('/both')).json(), envelope(422, 'Twice.'))
})

t.test('validation of body, query, params and headers says where and what, for every violation', async t => {
  const integer = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } as const
  const { app } = await appWith(t, app => {
    app.post('/body', {
      schema: {
        body: {
          type: 'object',
          required: ['messages'],
          properties: { messages: { type: 'array', items: { type: 'object', properties: { role: { enum: ['user'] } } } } }
        }
      }
    }, async () => 'never')
    app.get('/query', { schema: { querystring: integer } }, async () => 'never')
    app.get('/params/:n', { schema: { params: integer } }, async () => 'never')
    app.get('/headers', { schema: { headers: integer } }, async () => 'never')
    app.get('/attached', { schema: { querystring: integer }, attachValidation: true }, async request => { throw request.validationError })
    app.get('/bare', async () => {
      throw Object.assign(new Error(''), { validation: [{ instancePath: '/a', message: 'must be b' }, {}], validationContext: 'body' })
    })
    app.get('/empty', async () => { throw Object.assign(new Error(''), { validation: [] }) })
  }, {}, { ajv: { customOptions: { allErrors: true } } })
  for (const [path, message] of [
    ['/query?n=x', 'querystring/n must be integer'],
    ['/params/x', 'params/n must be integer'],
    ['/headers', "headers must have required property 'n'"],
    ['/attached?n=x', 'querystring/n must be integer'],
    ['/bare', 'body/a must be b, body is invalid'],
    ['/empty', 'request is invalid']
  ] as const) t.same((await app.inject(path)).json(), envelope(422, message), path)
  const body = await app.inject({ method: 'POST', url: '/body', payload: { messages: [{ role: 'robot' }, 'x'] } })
  t.equal(body.statusCode, 422)
  t.same(body.json(), envelope(422, 'body/messages/0/role must be equal to one of the allowed values, body/messages/1 must be object'))
})

t.test('a request that cannot be read is a 400', async t => {
  const { app } = await appWith(t, app => { app.post('/', { bodyLimit: 100 }, async () => 'never') })
  const json = { 'content-type': 'application/json' }
  for (const [headers, payload, message] of [
    [json, '{', "Body is not valid JSON but content-type is set to 'application/json'"],
    [json, '', "Body cannot be empty when content-type is set to 'application/json'"],
    [json, '{"__proto__":{}}', "Body is not valid JSON but content-type is set to 'application/json'"],
    [json, `"${'x'.repeat(100)}"`, 'Request body is too large'],
    [{ 'content-type': 'text/csv' }, 'a,b', 'Unsupported Media Type']
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: '/', headers, payload })
    t.equal(answer.statusCode, 400, message)
    t.same(answer.json(), envelope(400, message))
  }
})

t.test('a handler that exceeds its timeout is a 504', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', { handlerTimeout: 20 }, async () => new Promise(() => {}))
  })
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 504)
  t.same(answer.json(), envelope(504, meanings[504]!))
})

t.test('errors of hooks are inside the contract, before the handler and after it', async t => {
  const { app } = await appWith(t, app => {
    const failing = async () => { throw new NotFoundError('In a hook.') }
    for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization'] as const) {
      app.get(`/${hook}`, { [hook]: failing }, async () => ({ never: true }))
    }
    app.get('/callback', { preHandler: (_request, _reply, done) => { done(new NotFoundError('In a hook.')) } }, async () => 'never')
    app.get('/send', (_request, reply) => { reply.send(new NotFoundError('In a hook.')) })
    app.get('/returned', async () => new NotFoundError('In a hook.'))
  })
  for (const path of [
    '/onRequest', '/preParsing', '/preValidation', '/preHandler', '/preSerialization', '/callback', '/send', '/returned'
  ]) {
    const answer = await app.inject(path)
    t.equal(answer.statusCode, 404, path)
    t.same(answer.json(), envelope(404, 'In a hook.'))
  }
})

t.test('what the route says of its success does not touch its errors', async t => {
  const { app } = await appWith(t, app => {
    app.setReplySerializer(payload => `wrapped ${JSON.stringify(payload)}`)
    app.get('/', {
      schema: { response: { 500: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } } }
    }, async (_request, reply) => {
      reply.headers({
        etag: '"1"',
        'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
        'content-encoding': 'gzip',
        'content-disposition': 'attachment',
        'x-kept': '1',
        'content-type': 'text/html',
        vary: 'origin'
      })
      throw new Error('secret')
    })
  })
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 500)
  t.same(answer.json(), envelope(500, meanings[500]!))
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  t.match(answer.headers, { 'x-kept': '1', vary: 'origin' })
  t.notHas(answer.headers, 'etag')
  t.notHas(answer.headers, 'content-encoding')
  t.notHas(answer.headers, 'last-modified')
  t.notHas(answer.headers, 'content-disposition')
})

t.test('headers: what an error sets, what it may not set, what stays', async t => {
  const { app } = await appWith(t, app => {
    app.get('/own', async () => {
      throw new RateLimitError('x', {
        retryAfter: 2,
        retryable: false,
        headers: {
          'X-Limit': 5, 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/html', 'bad name': 'x', 'x-bad': 'a\nb', 'content-length': '1'
        }
      })
    })
    app.get('/set', async (_request, reply) => {
      reply.headers({ 'retry-after': '60', 'x-request-id': 'mine' })
      throw new RateLimitError('x', { retryAfter: 2 })
    })
    app.get('/proxy', async () => {
      throw new NotFoundError('x', { headers: new Proxy({}, { ownKeys () { throw new Error('no') } }) })
    })
    app.get('/401', async () => { throw new AuthenticationError('x') })
    app.get('/401/provider', async () => { throw new AuthenticationError('x', { origin: 'openai' }) })
    app.get('/422', async () => { throw new UnprocessableEntityError('x', { retryAfter: 9 }) })
  }, { authenticate: 'Bearer realm="api"' })
  const own = (await app.inject('/own')).headers
  t.match(own, { 'retry-after': '2', 'x-should-retry': 'false', 'x-limit': '5', 'content-type': 'application/json; charset=utf-8' })
  t.same(own['set-cookie'], ['a=1', 'b=2'])
  t.notHas(own, 'x-bad')
  t.match((await app.inject('/set')).headers, { 'retry-after': '60', 'x-request-id': 'mine' })
  t.equal((await app.inject('/proxy')).statusCode, 404)
  t.equal((await app.inject('/401')).headers['www-authenticate'], 'Bearer realm="api"')
  t.notHas((await app.inject('/401/provider')).headers, 'www-authenticate')
  t.notHas((await app.inject('/422')).headers, 'retry-after')
})

t.test('what an error brings along cannot break its answer', async t => {
  const waits = [
    ['-5', undefined], ['7.2', '8'], ['86400', '3600'], ['never', undefined], ['foo 12', undefined], [new Date(0).toUTCString(), '0']
  ] as const
  const { app } = await appWith(t, app => {
    app.get('/id', async () => { throw new NotFoundError('x', { upstream: { status: 404, requestId: 'a\nb' } }) })
    app.get('/object', async () => { throw new NotFoundError('x', { upstream: { requestId: {} as string } }) })
    for (const [index, [wait]] of waits.entries()) {
      app.get(`/wait/${index}`, async () => {
        throw createHttpError(429, 'x', { headers: { 'Retry-After': wait, 'Proxy-Connection': 'x' } })
      })
    }
    app.get('/wait/of-404', async () => { throw createHttpError(404, 'x', { headers: { 'retry-after': '7' } }) })
    app.get('/response', async () => {
      throw Object.assign(new Error('response/a must be string'), { statusCode: 500, validation: [{ message: 'x' }] })
    })
  })
  for (const path of ['/id', '/object']) {
    const answer = await app.inject(path)
    t.same(answer.json(), envelope(404, 'x'))
    t.notHas(answer.headers, 'x-provider-request-id')
  }
  for (const [index, [wait, sent]] of waits.entries()) {
    const { headers } = await app.inject(`/wait/${index}`)
    t.equal(headers['retry-after'], sent, wait)
    t.notHas(headers, 'proxy-connection')
  }
  t.notHas((await app.inject('/wait/of-404')).headers, 'retry-after')
  t.same((await app.inject('/response')).json(), envelope(500, meanings[500]!), 'a response that does not fit its schema is our 500')
})

t.test('an answer that an error carries unread is read', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/response', async () => { throw Response.json({ message: 'internal detail' }, { status: 404 }) })
    app.get('/attributed', async () => withOrigin('groq', () => { throw Response.json({ error: { message: 'Said.' } }, { status: 400 }) }))
    app.get('/slow', async () => withOrigin('groq', () => {
      throw Object.assign(new Error('x'), { response: new Response(new ReadableStream({ pull () {} }), { status: 429 }) })
    }))
    app.get('/broken', async () => withOrigin('groq', () => {
      throw Object.assign(new Error('x'), {
        response: new Response(new ReadableStream({ pull (controller) { controller.error(new Error('cut')) } }), { status: 429 })
      })
    }))
  })
  t.same((await app.inject('/response')).json(), envelope(500, meanings[500]!), 'nobody said whose it was')
  t.match(log.lines[0], { level: levels.error, code: 500 })
  t.same((await app.inject('/attributed')).json(), envelope(422, 'Said.', 'Groq'))
  t.same((await app.inject('/slow')).json(), envelope(429, meanings[429]!, 'Groq'), 'a body that does not come is not waited for')
  t.same((await app.inject('/broken')).json(), envelope(429, meanings[429]!, 'Groq'))
})

t.test('HEAD: the same status and headers, no body', async t => {
  const { app } = await appWith(t, app => { app.get('/', async () => { throw new OverloadedError('Busy.') }) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const head = await fetch(app.listeningOrigin, { method: 'HEAD' })
  t.equal(head.status, 529)
  t.equal(head.statusText, 'Overloaded')
  t.equal(head.headers.get('content-length'), String(JSON.stringify(envelope(529, 'Busy.')).length))
  t.equal(await head.text(), '')
})

for (const [name, over] of Object.entries(transports)) {
  t.test(`headers of the response that failed go, also those that were set past the reply: ${name}`, async t => {
    const { ask } = await over(t, {
      routes: app => {
        app.get('/raw', async (_request, reply) => {
          for (const header of ['content-encoding', 'etag', 'content-disposition']) reply.raw.setHeader(header, 'x')
          reply.raw.setHeader('x-kept', 'yes')
          throw new NotFoundError('Nothing.')
        })
        // a head that Node refuses half-way leaves what it has read of it on the raw response; over HTTP/1.1 it refuses the value alone
        const refused = name === 'HTTP/2' ? ['transfer-encoding', 'chunked'] as const : ['x-broken', 'a\nb'] as const
        app.get('/refused', { onSend: async (_request, reply) => { reply.header('etag', 'x').header(refused[0], refused[1]) } }, async () => 'fine')
      }
    })
    const raw = await ask({ url: '/raw' })
    isContract(t, raw, 404, 'Nothing.')
    t.match(raw.headers, { 'x-kept': 'yes', 'content-encoding': undefined })
    if (name === 'inject') return // it sends what Node would refuse
    const refused = await ask({ url: '/refused' })
    isContract(t, refused, 500, meanings[500]!)
    t.notHas(refused.headers, 'x-broken')
  })
}

t.test('a response that has begun is cut, whatever headers it had', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => {
      reply.header('etag', 'x').raw.writeHead(200).write('begun')
      throw new NotFoundError('Nothing.')
    })
  })
  await t.rejects(app.inject('/'))
  t.match(log.lines, [{ code: 404, msg: 'Nothing.' }])
})
