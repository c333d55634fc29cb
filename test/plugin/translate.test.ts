/** Given the option `translate`: an app's own errors leave as what the app says that they mean. */
import t from 'tap'
import { NotFoundError, RateLimitError, UnprocessableEntityError } from '../../plugin/index.js'
import { appWith, envelope, levels, meanings } from '../support/app.js'

class DomainError extends Error {}

t.test('what translate returns is the response; the log has what was thrown', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/domain', async () => { throw new DomainError('Project 7 is archived.') })
    app.get('/stream', async (_request, reply) => reply.sendEvents((async function * () {
      yield 'x'
      throw new DomainError('Project 7 is archived.')
    })()))
    app.get('/before', async (_request, reply) => reply.sendEvents((async function * (): AsyncGenerator<string> {
      throw new DomainError('Project 7 is archived.')
    })()))
    app.get('/other', async () => { throw new Error('x') })
    app.get('/ours', async () => { throw new NotFoundError('Not here.') })
    app.get('/unavailable', async () => { throw new TypeError('x') })
  }, {
    translate: (thrown, request) => {
      if (thrown instanceof DomainError) return new UnprocessableEntityError(`${request.method}: ${thrown.message}`, { cause: thrown })
      return thrown instanceof TypeError ? new RateLimitError(undefined, { retryAfter: 3 }) : undefined
    }
  })
  t.same((await app.inject('/domain')).json(), envelope(422, 'GET: Project 7 is archived.'))
  t.match(log.lines.at(-1), { level: levels.info, code: 422 })
  t.match((await app.inject('/stream')).body, '"message":"GET: Project 7 is archived."')
  t.same((await app.inject('/before')).json(), envelope(422, 'GET: Project 7 is archived.'))
  t.same((await app.inject('/other')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/ours')).json(), envelope(404, 'Not here.'), 'a ContractError says already what it means')
  const answer = await app.inject('/unavailable')
  t.same(answer.json(), envelope(429, meanings[429]!))
  t.equal(answer.headers['retry-after'], '3')
})

t.test('where translate fails, it is logged and the rules decide', async t => {
  const failures: ReadonlyArray<readonly [translate: () => unknown, message: RegExp]> = [
    [() => { throw new Error('Oops.') }, /^Oops\.$/],
    [() => new Error('x'), /it must return one of the contract's errors or undefined; it returned object/],
    [() => null, /it returned null/],
    [async () => undefined, /it returned object/]
  ]
  for (const [translate, message] of failures) {
    const { app, log } = await appWith(
      t,
      app => { app.get('/', async () => { throw Object.assign(new Error('Twice.'), { statusCode: 409 }) }) },
      { translate: translate as () => undefined }
    )
    t.same((await app.inject('/')).json(), envelope(422, 'Twice.'))
    t.match(log.lines[0], {
      level: levels.error, msg: "humanloopErrors: option 'translate' failed; the error is classified without it", err: { message }
    })
    t.equal(log.lines.length, 2)
  }
})

t.test('onError is told what happened, each of a list', async t => {
  const told: unknown[] = []
  const thrown = Object.assign(new Error('Twice.'), { statusCode: 409 })
  const { app } = await appWith(t, app => {
    app.get('/thrown', async () => { throw thrown })
    app.get('/sent', async (_request, reply) => reply.code(403).send('No.'))
  }, {
    onError: [
      (error, _request, happened) => { told.push(['first', error.statusCode, happened]) },
      async (_error, _request, happened) => { told.push(['second', happened.thrown]) }
    ]
  })
  await app.inject('/thrown')
  await app.inject('/sent')
  t.same(told, [
    ['first', 422, { begun: false, thrown, sentStatus: undefined }], ['second', thrown],
    ['first', 401, { begun: false, thrown: undefined, sentStatus: 403 }], ['second', undefined]
  ])
})
