/** Registering: options, twice, in child scopes. */
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import humanloopErrors, {
  AuthenticationError, humanloopErrors as named, NotFoundError, serverOptions, UnknownError, type HumanloopErrorsOptions
} from '../../plugin/index.js'
import { appWith, envelope, levels, Log, meanings } from '../support/app.js'

t.test('the default export is the named one', async t => { t.equal(humanloopErrors, named) })

t.test('a wrong option is a boot error that names the option and the fix', async t => {
  for (const [options, message] of [
    [
      { orgin: 'x' },
      "humanloopErrors: there is no option 'orgin'; the options are origin, document, guard, authenticate, redact, providers, detectOrigin, translate, onError"
    ],
    [
      { detectOrigin: 'yes' },
      "humanloopErrors: option 'detectOrigin' must be true or false: whether outgoing calls are followed to learn whose failure an error is; it is 'yes'"
    ],
    [
      { providers: [{ name: 'Mine', hosts: ['https://a.example'] }] },
      "humanloopErrors: option 'providers' must be a list of { name, ids?, hosts?, codes?, statuses?, sentences?, exhausted? }: more providers, or more of those that are known; providers/0/hosts/0 is 'https://a.example'"
    ],
    [{ origin: '' }, "humanloopErrors: option 'origin' must be the name of this service, a non-empty string; it is ''"],
    [
      { guard: 'on' },
      "humanloopErrors: option 'guard' must be 'enforce', 'warn' or 'off': what becomes of error answers that handlers send themselves; it is 'on'"
    ],
    [{ document: 1 }, "humanloopErrors: option 'document' must be true or false: whether routes document the nine answers; it is 1"],
    [
      { providers: [{ name: 'X', statuses: { 200: 529 } }] },
      "humanloopErrors: option 'providers' must be a list of { name, ids?, hosts?, codes?, statuses?, sentences?, exhausted? }: more providers, or more of those that are known; providers/0/statuses/200 is 529"
    ],
    [{ providers: [{ name: 'Cohere', ids: ['openai'] }] }, "humanloopErrors: 'openai' cannot name Cohere: it names OpenAI"],
    [
      { authenticate: 'a\nb' },
      "humanloopErrors: option 'authenticate' must be the value of www-authenticate on this service's own 401, such as 'Bearer'; it is 'a\nb'"
    ],
    [
      { redact: 'x' },
      "humanloopErrors: option 'redact' must be a function that takes a message and returns it, called after the built-in redaction; it is 'x'"
    ],
    [
      { onError: {} },
      "humanloopErrors: option 'onError' must be a function (error, request, { begun, thrown, sentStatus }), or a list of such, called for each error response; it is {}"
    ],
    [{ origin: () => 'x' }, "humanloopErrors: option 'origin' must be the name of this service, a non-empty string; it is function"]
  ] as const) {
    const app = Fastify()
    t.teardown(async () => app.close())
    await t.rejects(async () => app.register(humanloopErrors, options as HumanloopErrorsOptions), new TypeError(message))
  }
})

t.test('twice in one scope with equal options does nothing, with others it is a boot error', async t => {
  const { app } = await appWith(t, async app => { await app.register(humanloopErrors, { origin: 'Acme' }) }, {
    origin: 'Acme', guard: 'warn'
  })
  t.same((await app.inject('/')).json(), envelope(404, 'Route GET:/ not found', 'Acme'))
  const other = Fastify()
  t.teardown(async () => other.close())
  await other.register(humanloopErrors)
  await t.rejects(async () => other.register(humanloopErrors, { origin: 'Acme' }),
    new Error('humanloopErrors: registered twice in one scope with different options; keep one registration'))
})

t.test('a child scope has an origin of its own, and what register takes is no option', async t => {
  const { app } = await appWith(t, app => {
    app.get('/parent', async () => { throw new NotFoundError('x') })
    app.register(async child => {
      await child.register(humanloopErrors, { origin: 'Child', logLevel: 'warn' } as HumanloopErrorsOptions)
      child.get('/child', async () => { throw new NotFoundError('x') })
      child.get('/sent', (_request, reply) => { reply.code(404).send('x') })
      child.register(async grandchild => { grandchild.get('/grandchild', async () => { throw new AuthenticationError('x') }) })
    })
  }, { origin: 'Parent', authenticate: 'Bearer' })
  t.same((await app.inject('/parent')).json(), envelope(404, 'x', 'Parent'))
  t.same((await app.inject('/child')).json(), envelope(404, 'x', 'Child'))
  t.same((await app.inject('/sent')).json(), envelope(404, 'x', 'Child'))
  const grandchild = await app.inject('/grandchild')
  t.same(grandchild.json(), envelope(401, 'x', 'Child'))
  t.equal(grandchild.headers['www-authenticate'], 'Bearer', 'the other options are those of the scope around')
})

t.test('only in a child scope: the rest of the app keeps Fastify’s answers', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  app.register(async child => {
    await child.register(humanloopErrors)
    child.get('/child', async () => { throw new NotFoundError('x') })
  })
  app.get('/parent', async () => { throw new NotFoundError('x') })
  t.same((await app.inject('/child')).json(), envelope(404, 'x'))
  t.match((await app.inject('/parent')).json(), { statusCode: 404, error: 'Not Found' })
})

t.test('redact comes after ours, and what it returns is cleaned again', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/name', async () => { throw new NotFoundError('Alice has key sk-abcdef123') })
    app.get('/empty', async () => { throw new NotFoundError('all of it') })
    app.get('/throws', async () => { throw new NotFoundError('throw') })
    app.get('/forgot', async () => { throw new NotFoundError('forgot') })
    app.get('/500', async () => { throw new Error('Alice is behind it', { cause: new Error('throw') }) })
    app.get('/provider', async () => { throw new NotFoundError('Alice', { origin: 'groq' }) })
  }, {
    redact: message => {
      if (message === 'throw') throw new Error('no')
      if (message === 'forgot') return undefined as unknown as string
      return message === 'all of it' ? '' : message.replace('Alice', 'Somebody\u0007')
    }
  })
  t.same((await app.inject('/name')).json(), envelope(404, 'Somebody has key [redacted]'))
  t.same((await app.inject('/empty')).json(), envelope(404, meanings[404]!))
  t.same((await app.inject('/throws')).json(), envelope(404, meanings[404]!))
  t.same((await app.inject('/provider')).json(), envelope(404, 'Somebody', 'Groq'))
  t.same((await app.inject('/forgot')).json(), envelope(404, meanings[404]!), 'what it does not return is withheld')
  await app.inject('/500')
  t.match(log.lines.at(-1), { err: { message: 'Somebody\u0007 is behind it: [withheld]' } })
  t.notMatch(log.lines.at(-1)?.err?.stack, /Alice/)
  t.match(log.lines.find(({ level }) => level === levels.error), {
    msg: "humanloopErrors: option 'redact' failed; the message is withheld", err: { message: 'no' }
  })
})

t.test('an origin with spaces around it is trimmed, and ours stays ours', async t => {
  const { app, log } = await appWith(t, app => { app.get('/', async () => { throw new AuthenticationError('x') }) }, {
    origin: ' together ', authenticate: 'Bearer'
  })
  const answer = await app.inject('/')
  t.equal(answer.headers['www-authenticate'], 'Bearer')
  t.equal(log.lines[0]?.level, levels.info)
})

t.test('a child scope with a prefix answers its unknown routes itself', async t => {
  const { app } = await appWith(t, app => {
    app.register(async child => { await child.register(humanloopErrors, { origin: 'Child' }) }, { prefix: '/v1' })
  })
  t.same((await app.inject('/v1/unknown')).json(), envelope(404, 'Route GET:/v1/unknown not found', 'Child'))
  t.same((await app.inject('/unknown')).json(), envelope(404, 'Route GET:/unknown not found'))
})

t.test('onError sees each answer; what fails in it changes none', async t => {
  const seen: unknown[] = []
  const { app, log } = await appWith(t, app => {
    app.get('/thrown', async () => { throw new UnknownError('x') })
    app.get('/sent', (_request, reply) => { reply.code(404).send('x') })
  }, {
    origin: 'Acme',
    onError: async (error, request) => {
      seen.push([error.detail.code, error.origin, request.url])
      if (request.url === '/sent') throw new Error('rejected')
    }
  })
  await app.inject('/thrown')
  t.equal((await app.inject('/sent')).statusCode, 404)
  t.same(seen, [[500, 'Acme', '/thrown'], [404, 'Acme', '/sent']])
  t.match(log.lines.at(-1), { msg: "humanloopErrors: option 'onError' failed", err: { message: 'rejected' } })

  const throwing = await appWith(t, () => {}, { onError: () => { throw new Error('thrown') } })
  t.equal((await throwing.app.inject('/')).statusCode, 404)
  t.match(throwing.log.lines.at(-1), { level: levels.error, err: { message: 'thrown' } })
})

t.test('the log tells what was there before the plugin, and what only serverOptions reach', async t => {
  const log = new Log()
  const app: FastifyInstance = Fastify({ logger: log.logger })
  t.teardown(async () => app.close())
  app.get('/a', async () => { throw Object.assign(new Error('secret'), { statusCode: 502 }) })
  app.route({
    method: ['PUT', 'PATCH'], url: '/a/:id (old)', handler: async () => { throw Object.assign(new Error('Not this.'), { statusCode: 409 }) }
  })
  app.setErrorHandler(function mine () {})
  await app.register(humanloopErrors)
  await app.register(humanloopErrors)
  t.match(log.all, [
    {
      level: levels.warn,
      routes: ['GET /a', 'PUT /a/:id (old)', 'PATCH /a/:id (old)'],
      msg: 'humanloopErrors: these routes were there before the plugin and keep Fastify’s error handler, which knows no provider; register the plugin before them'
    },
    { level: levels.warn, errorHandler: 'mine', msg: 'humanloopErrors: takes the place of the error handler that was set before it' },
    {
      level: levels.info,
      msg: 'humanloopErrors: bad URLs and requests that Node refuses are not answered inside the contract; they are with Fastify(serverOptions({ … }))'
    },
    { level: levels.info, msg: 'humanloopErrors: registered a second time in one scope; the first registration stands' }
  ])
  t.equal(log.all.length, 4)
})

t.test('a child scope tells of its own routes', async t => {
  const log = new Log()
  const app: FastifyInstance = Fastify(serverOptions({ logger: log.logger }))
  t.teardown(async () => app.close())
  app.get('/other', async () => 'other')
  await app.register(async child => {
    child.get('/mine', async () => 'mine')
    await child.register(humanloopErrors)
  }, { prefix: '/child' })
  await app.register(async child => { await child.register(humanloopErrors) })
  t.match(log.all.map(({ routes }) => routes), [['GET /child/mine']])
})

t.test('routes that were there before: the guard brings what Fastify answers inside the contract, without a 5xx’s message', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  app.get('/500', async () => { throw new Error('secret') })
  app.get('/409', async () => { throw Object.assign(new Error('Twice.'), { statusCode: 409 }) })
  await app.register(humanloopErrors)
  t.same((await app.inject('/500')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/409')).json(), envelope(422, 'Twice.'))
})

t.test('an error handler that may not be replaced is a boot error', async t => {
  const app = Fastify({ allowErrorHandlerOverride: false })
  t.teardown(async () => app.close())
  app.setErrorHandler(() => {})
  await t.rejects(
    async () => app.register(humanloopErrors),
    new Error('humanloopErrors: an error handler was set before the plugin, and allowErrorHandlerOverride is false; remove one of the two')
  )
})
