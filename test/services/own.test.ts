/** Errors of frameworks and libraries that state what they mean for this service, and those by which a library gives up. */
import { badRequest, Boom, conflict, tooManyRequests } from '@hapi/boom'
import createFastifyError from '@fastify/error'
import circuitBreaker from '@fastify/circuit-breaker'
import sensible from '@fastify/sensible'
import {
  BadRequestException, HttpException, InternalServerErrorException, NotFoundException, ServiceUnavailableException
} from '@nestjs/common'
import { bulkhead, circuitBreaker as breaker, ConsecutiveBreaker, handleAll, timeout, TimeoutStrategy } from 'cockatiel'
import createHttpError from 'http-errors'
import CircuitBreaker from 'opossum'
import t from 'tap'
import { RateLimitError, toContractError, withOrigin } from '../../plugin/index.js'
import { appWith, envelope, meanings } from '../support/app.js'

t.test('what states a status is understood without configuration', async t => {
  const Teapot = createFastifyError('MY_TEAPOT', 'Short and %s.', 418)
  class DomainError extends Error {
    readonly statusCode = 409
    readonly details = { id: 7 }
    readonly data = { id: 7 }
  }
  class Deleted extends Error {
    get status (): number { return 410 }
  }
  for (const [thrown, code, message] of [
    [new NotFoundException('No such cat'), 404, 'No such cat'],
    [new NotFoundException(), 404, 'Not Found'],
    [new BadRequestException(['name must be a string', 'age must be a number']), 400, 'name must be a string, age must be a number'],
    [new HttpException({ message: 'Not for you', hint: 'x' }, 403), 401, 'Not for you'],
    [new HttpException('Twice', 409), 422, 'Twice'],
    [new HttpException({ hint: 'x' }, 400), 400, 'Http Exception'],
    [new InternalServerErrorException('secret'), 500, meanings[500]],
    [new ServiceUnavailableException('secret'), 503, meanings[503]],
    [createHttpError(404, 'No such thing.', { body: {}, request: {} }), 404, 'No such thing.'],
    [new Teapot('stout'), 400, 'Short and stout.'],
    [badRequest('No.', { request: {} }), 400, 'No.'],
    [conflict('Twice.'), 422, 'Twice.'],
    [new Boom('secret', { statusCode: 502 }), 503, meanings[503]],
    [new DomainError('Taken.'), 422, 'Taken.'],
    [new Deleted('Gone.'), 404, 'Gone.'],
    [Object.assign(new Error('Bare.'), { status: 423 }), 422, 'Bare.'],
    [Object.assign(new Error('Mine.'), { status: 404, url: '/projects/7' }), 404, 'Mine.']
  ] as const) t.same(toContractError(thrown).toJSON(), envelope(code, message!), String(message))
})

t.test('@fastify/sensible', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(sensible)
    app.get('/', async () => { throw app.httpErrors.paymentRequired('Pay first.') })
  })
  t.same((await app.inject('/')).json(), envelope(401, 'Pay first.'))
})

t.test('of an error’s headers those leave that a response of ours may have; of a class of ours all do', async t => {
  const headers = {
    'Retry-After': '3',
    'X-RateLimit-Limit': 10,
    RateLimit: '"api";r=0;t=5',
    allow: ['GET', 'PUT'],
    vary: 'accept',
    link: '</x>; rel="help"',
    'x-powered-by': 'inner',
    'www-authenticate': 'Basic',
    location: '/inner',
    'access-control-allow-origin': '*',
    'x-odd': Symbol('x')
  }
  const copy = await t.mockImport('../../plugin/errors.js', {}) as typeof import('../../plugin/index.js')
  const { app } = await appWith(t, app => {
    app.get('/own', async () => { throw createHttpError(429, 'Slow.', { headers }) })
    app.get('/boom', async () => {
      const error = tooManyRequests('Slow.')
      error.output.headers = { 'retry-after': '3', location: '/inner' }
      throw error
    })
    app.get('/none', async () => { throw createHttpError(404, 'None.', { headers: { location: '/inner' } }) })
    app.get('/class', async () => { throw new RateLimitError('Slow.', { headers: { location: '/ours' } }) })
    app.get('/copy', async () => { throw new copy.RateLimitError('Slow.', { headers: { location: '/ours' } }) })
  })
  const own = await app.inject('/own')
  t.same(own.json(), envelope(429, 'Slow.'))
  t.match(own.headers, {
    'retry-after': '3',
    'x-ratelimit-limit': '10',
    ratelimit: '"api";r=0;t=5',
    allow: ['GET', 'PUT'],
    vary: 'accept',
    link: '</x>; rel="help"'
  })
  for (const name of ['x-powered-by', 'www-authenticate', 'location', 'access-control-allow-origin', 'x-odd']) t.notHas(own.headers, name)
  const boom = await app.inject('/boom')
  t.match(boom.headers, { 'retry-after': '3' })
  t.notHas(boom.headers, 'location')
  t.notHas((await app.inject('/none')).headers, 'location')
  t.match((await app.inject('/class')).headers, { location: '/ours' })
  t.match((await app.inject('/copy')).headers, { location: '/ours' })
})

t.test('cockatiel: an open circuit, a full bulkhead, a timeout', async t => {
  const failing = async (): Promise<never> => { throw new Error('secret') }
  const open = breaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(1) })
  await open.execute(failing).catch(() => {})
  const isolated = breaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(1) })
  const { dispose } = isolated.isolate()
  const full = bulkhead(0)
  const late = timeout(1, TimeoutStrategy.Aggressive)
  const { app } = await appWith(t, app => {
    app.get('/open', async () => open.execute(failing))
    app.get('/isolated', async () => isolated.execute(failing))
    app.get('/full', async () => full.execute(failing))
    app.get('/late', async () => late.execute(async () => new Promise(() => {})))
    app.get('/open/attributed', async () => withOrigin('openai', () => open.execute(failing)))
    app.get('/replied', async (_request, reply) => { reply.code(404); return open.execute(failing) })
  })
  for (const path of ['/open', '/isolated', '/full', '/open/attributed', '/replied']) {
    t.same((await app.inject(path)).json(), envelope(503, meanings[503]!), path)
  }
  t.same((await app.inject('/late')).json(), envelope(504, meanings[504]!))
  dispose()
})

t.test('opossum: an open circuit, a full bulkhead, a timeout', async t => {
  const work = async (what: string): Promise<unknown> => what === 'fail' ? Promise.reject(new Error('secret')) : new Promise(() => {})
  const open = new CircuitBreaker(work, { timeout: false })
  const full = new CircuitBreaker(work, { capacity: 0, timeout: false })
  const late = new CircuitBreaker(work, { timeout: 1 })
  const down = new CircuitBreaker(work)
  open.open()
  down.shutdown()
  const { app } = await appWith(t, app => {
    app.get('/open', async () => open.fire('fail'))
    app.get('/full', async () => full.fire('fail'))
    app.get('/late', async () => late.fire('hang'))
    app.get('/down', async () => down.fire('fail'))
  })
  for (const path of ['/open', '/full', '/down']) t.same((await app.inject(path)).json(), envelope(503, meanings[503]!), path)
  t.same((await app.inject('/late')).json(), envelope(504, meanings[504]!))
  for (const one of [open, full, late]) one.shutdown()
})

t.test('@fastify/circuit-breaker states a status of its own', async t => {
  const { app } = await appWith(t, async app => {
    await app.register(circuitBreaker, { threshold: 1, resetTimeout: 60_000 })
    app.get('/', { preHandler: app.circuitBreaker() }, async () => { throw new Error('secret') })
  })
  await app.inject('/')
  t.same((await app.inject('/')).json(), envelope(503, meanings[503]!))
})

t.test('a status beside the response of another service is that service’s', async t => {
  for (const [what, fields] of Object.entries({
    'a response without a status': { response: { headers: { 'set-cookie': 'a=1' }, body: 'said inside' } },
    'Node’s own response': { res: { statusCode: 404, rawHeaders: [] } },
    'its headers as they came': { rawHeaders: ['set-cookie', 'a=1'] }
  })) {
    t.same(toContractError(Object.assign(new Error('said inside'), { statusCode: 404, ...fields })).detail, detailOf(500), what)
  }
})

t.test('a client that Fern has generated is Cohere’s only where nothing says otherwise', async t => {
  const failed = (url: string): Error => Object.assign(new Error('said inside'), { statusCode: 404, body: {}, rawResponse: { url, headers: new Headers(), status: 404 } })
  t.match(toContractError(failed('https://api.intercom.io/contacts')).detail, detailOf(500))
  t.match(toContractError(failed('https://api.cohere.com/v2/chat')).detail, { code: 404, origin: 'Cohere' })
  t.match(toContractError(failed('')).detail, { code: 404, origin: 'Cohere' })
})

function detailOf (code: number): object {
  return (envelope(code, meanings[code]!) as { detail: object }).detail
}
