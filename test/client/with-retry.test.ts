/** When a call is repeated, how long that takes, and what is left behind; the clock is the test's. */
import { EventEmitter, getEventListeners, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import FakeTimers, { type Clock } from '@sinonjs/fake-timers'
import Fastify from 'fastify'
import fc from 'fast-check'
import t from 'tap'
import { ApiError, readEvents, withRetry, type Retry, type RetryOptions } from '../../client/index.js'
import humanloopErrors, { RateLimitError, ServiceUnavailableError } from '../../plugin/index.js'
import { envelope } from '../support/app.js'
import { answering } from './server.js'

/** A clock that stands still until it is told otherwise. */
function stoppedClock (t: { teardown: (undo: () => void) => void }): Clock {
  const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  t.teardown(() => clock.uninstall())
  return clock
}

/** An answer of the contract. */
function failing (code: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(envelope(code, `No ${code}.`)), { status: code, headers })
}

type Step = Response | (() => unknown)

/** Calls that answer one after the other, and what came of them. */
async function retried (clock: Clock, steps: Step[], options: RetryOptions = {}): Promise<{
  response?: Response, error?: any, calls: number, took: number, retries: Retry[]
}> {
  const retries: Retry[] = []
  const begun = performance.now()
  let calls = 0
  const result = withRetry(async () => {
    const step = steps[calls++]!
    return (typeof step === 'function' ? step() : step) as Response
  }, { onRetry: retry => retries.push(retry), ...options })
    .then(response => ({ response }), error => ({ error }))
    .then(result => ({ ...result, took: performance.now() - begun, timers: clock.countTimers() }))
  await clock.runAllAsync()
  const { timers, ...rest } = await result
  t.equal(timers, 0, 'no timer is left')
  return { ...rest, calls, retries }
}

t.test('a success is given back as it came, without another call', async t => {
  const clock = stoppedClock(t)
  for (const status of [200, 201, 304]) {
    const answer = new Response(status === 304 ? null : 'Hello', { status })
    const { response, calls, took } = await retried(clock, [answer])
    t.equal(response, answer)
    t.notOk(answer.bodyUsed)
    t.same([calls, took], [1, 0])
  }
})

t.test('what is worth it is repeated, the rest is not', async t => {
  const clock = stoppedClock(t)
  for (const code of [429, 500, 503, 504, 529]) {
    const { response, calls, retries } = await retried(clock, [failing(code), new Response('Hello')])
    t.equal(await response!.text(), 'Hello', String(code))
    t.equal(calls, 2)
    t.match(retries, [{ attempt: 1, delayMs: Number, error: { code, message: `No ${code}.` } }])
  }
  for (const code of [400, 401, 404, 422]) {
    t.match(await retried(clock, [failing(code)]), { error: { code, message: `No ${code}.`, gaveUp: undefined }, calls: 1, retries: [] })
  }
  const quota = failing(429, { 'x-should-retry': 'false', 'retry-after': '1' })
  t.match(await retried(clock, [quota]), { error: { code: 429, retryable: false }, calls: 1 })
  const wrong = failing(422, { 'x-should-retry': 'true' })
  t.match(await retried(clock, [wrong]), { error: { code: 422 }, calls: 1 }, 'the contract knows better')
  t.match(await retried(clock, [new Response('<h1>Bad gateway</h1>', { status: 502 }), new Response('Hello')]), {
    calls: 2, response: { status: 200 }
  })
})

t.test('after the last attempt the last error is thrown', async t => {
  const clock = stoppedClock(t)
  t.match(await retried(clock, [failing(500), failing(503), failing(529)]), {
    error: { code: 529, gaveUp: 'attempts' }, calls: 3, retries: { length: 2 }
  })
  t.match(await retried(clock, [failing(500)], { attempts: 1 }), {
    error: { code: 500, gaveUp: 'attempts' }, calls: 1, retries: [], took: 0
  })
  t.match(await retried(clock, Array.from({ length: 7 }, () => failing(503)), { attempts: 7 }), { calls: 7 })
})

t.test('the wait is the one that the answer asks for', async t => {
  const clock = stoppedClock(t)
  const { retries, took } = await retried(clock, [
    failing(429, { 'retry-after': '7' }), failing(503, { 'retry-after-ms': '1500' }), new Response()
  ])
  t.same(retries.map(({ attempt, delayMs }) => [attempt, delayMs]), [[1, 7000], [2, 1500]])
  t.equal(took, 8500)
})

t.test('otherwise it is a random part of a time that doubles, up to eight seconds', async t => {
  const clock = stoppedClock(t)
  const waits = async (part: number): Promise<number[]> => {
    t.intercept(Math, 'random', { value: () => part })
    const { retries } = await retried(clock, Array.from({ length: 8 }, () => failing(503)), { attempts: 8 })
    return retries.map(({ delayMs }) => delayMs)
  }
  t.same(await waits(0.999999), [500, 1000, 2000, 4000, 8000, 8000, 8000])
  t.same(await waits(0.5), [250, 500, 1000, 2000, 4000, 4000, 4000])
  t.same(await waits(0), [0, 0, 0, 0, 0, 0, 0])
})

t.test('a wait that does not fit into the budget is not begun', async t => {
  const clock = stoppedClock(t)
  t.match(await retried(clock, [failing(429, { 'retry-after': '60' })], { budgetMs: 5000 }),
    { error: { code: 429, retryAfter: 60, gaveUp: 'budget' }, calls: 1, took: 0, retries: [] })
  t.match(await retried(clock, [failing(429, { 'retry-after': '3' }), failing(429, { 'retry-after': '2' })], { budgetMs: 5000 }),
    { error: { code: 429, retryAfter: 2, gaveUp: 'budget' }, calls: 2, took: 3000 })
  t.match(await retried(clock, [failing(429, { 'retry-after': '4' }), new Response()], { budgetMs: 5000 }), {
    response: { status: 200 }, took: 4000
  })
})

t.test('an answer that asks for a longer wait than a minute, or than is wanted, is not waited for', async t => {
  const clock = stoppedClock(t)
  for (const [retryAfter, waitMs] of [['86400'], ['60.001'], ['99999999', Number.MAX_VALUE], ['2', 1999]] as const) {
    const { error, calls, took, retries } = await retried(clock, [failing(429, { 'retry-after': retryAfter })], { waitMs })
    t.match({ error, calls, took, retries }, {
      error: { code: 429, retryAfter: Number(retryAfter), gaveUp: retryAfter === '99999999' ? 'budget' : 'wait' },
      calls: 1,
      took: 0,
      retries: []
    }, retryAfter)
  }
  t.match(await retried(clock, [failing(429, { 'retry-after': '60' }), new Response()]), { response: { status: 200 }, took: 60_000 })
  t.match(await retried(clock, [failing(429, { 'retry-after': '3600' }), new Response()], { waitMs: 3_600_000 }), {
    response: { status: 200 }, took: 3_600_000
  })
  t.match(await retried(clock, [failing(429, { 'retry-after': '86400' })], { attempts: 1 }), { error: { gaveUp: 'attempts' } })
  t.match(await retried(clock, [failing(503, { 'retry-after': '61' })], { budgetMs: 5000 }), { error: { gaveUp: 'wait' } })
  t.intercept(Math, 'random', { value: () => 1 })
  t.match(
    await retried(clock, [failing(503), failing(503), new Response()], { waitMs: 700 }),
    { response: { status: 200 }, took: 1200 },
    'its own waits are no longer either'
  )
})

t.test('a call that hangs is ended by the budget, whether it listens or not', async t => {
  const clock = stoppedClock(t)
  const timeout = {
    type: 'timeout_error', code: 504, origin: 'unknown', status: undefined, message: 'There was no answer within 5000 ms.', gaveUp: 'budget'
  }
  const hang = async (): Promise<never> => new Promise(() => {})
  t.match(await retried(clock, [hang], { budgetMs: 5000 }), { error: { ...timeout, cause: undefined }, calls: 1, took: 5000 })
  t.match(await retried(clock, [failing(503, { 'retry-after': '1' }), hang], { budgetMs: 5000 }), {
    error: { ...timeout, cause: { code: 503 } }, took: 5000
  })

  let seen: unknown
  const error = withRetry(async signal => new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { seen = signal.reason; reject(signal.reason) })
  }), { budgetMs: 5000 }).catch(error => error)
  await clock.runAllAsync()
  t.match(await error, timeout)
  t.equal(seen, await error, 'the call gets the reason, too')

  let pulled = 0
  const endless = new Response(new ReadableStream({ pull: async () => { pulled++; return hang() } }), { status: 503 })
  t.match(await retried(clock, [endless], { budgetMs: 1000 }), { error: { code: 504 }, took: 1000 }, 'also where the body hangs')
  t.equal(pulled, 1)
})

t.test('an answer that comes after the end is discarded', async t => {
  const clock = stoppedClock(t)
  const server = new EventEmitter()
  const late = new Response(new ReadableStream({ cancel: () => { server.emit('cancelled') } }))
  const cancelled = once(server, 'cancelled')
  const hang = async (): Promise<Response> => new Promise(resolve => setTimeout(resolve, 2000, late))
  const error = withRetry(hang, { budgetMs: 1000 }).catch(error => error)
  await clock.runAllAsync()
  t.match(await error, { code: 504 })
  await cancelled
})

t.test('the body of an answer that failed is read or cancelled', async t => {
  const clock = stoppedClock(t)
  const answers = [failing(503), new Response('x'.repeat(200_000), { status: 503 }), new Response('Hello')]
  const { response } = await retried(clock, [...answers])
  t.same(answers.map(({ bodyUsed }) => bodyUsed), [true, true, false])
  t.equal(response, answers[2])
})

t.test('the network’s failures are repeated, other exceptions are thrown as they are', async t => {
  const clock = stoppedClock(t)
  const throwing = (error: unknown) => () => { throw error }
  const failed = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
  t.match(await retried(clock, [throwing(failed), new Response()]), { response: { status: 200 }, calls: 2 })
  t.match(await retried(clock, [throwing(failed)], { attempts: 1 }), {
    error: {
      name: 'ApiError',
      type: 'service_unavailable_error',
      origin: 'unknown',
      status: undefined,
      message: 'fetch failed',
      cause: failed,
      gaveUp: 'attempts'
    }
  })
  const slow = new TypeError('fetch failed', { cause: Object.assign(new Error('Headers Timeout Error'), { name: 'HeadersTimeoutError' }) })
  t.match(await retried(clock, [throwing(slow)], { attempts: 1 }), { error: { type: 'timeout_error', cause: slow } })
  const limit = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  t.match(await retried(clock, [throwing(limit), new Response()]), { response: { status: 200 }, calls: 2 }, 'a time limit of a single call')
  const unavailable = new ApiError(503, 'Not yet.')
  t.match(await retried(clock, [throwing(unavailable), new Response()]), { response: { status: 200 }, calls: 2 })
  for (const error of [
    new Error('a mistake'), new RangeError('a mistake'), new DOMException('Left.', 'AbortError'), new ApiError(404), 'text', undefined
  ]) {
    const result = await retried(clock, [throwing(error)])
    t.equal(result.error, error)
    t.equal(result.calls, 1)
  }
  t.match(await retried(clock, [() => undefined]), { error: TypeError, calls: 1 }, 'an answer that is none')
})

t.test('an abort ends calls and waits with its reason, and nothing listens any more', async t => {
  const clock = stoppedClock(t)
  const reason = new Error('enough')
  const hang = async (): Promise<never> => new Promise(() => {})
  for (const [name, steps, took] of [
    ['a call', [hang], 100],
    ['a wait', [failing(503, { 'retry-after': '10' })], 100],
    ['the body of an error', [new Response(new ReadableStream({ pull: hang }), { status: 500 })], 100]
  ] as Array<[string, Step[], number]>) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), took)
    const result = await retried(clock, steps, { signal: controller.signal, budgetMs: 60_000 })
    t.equal(result.error, reason, name)
    t.same([result.calls, result.took], [1, took])
    t.same(getEventListeners(controller.signal, 'abort'), [])
  }
  t.match(await retried(clock, [], { signal: AbortSignal.abort(reason) }), { error: reason, calls: 0, took: 0 })

  const controller = new AbortController()
  const stop = await retried(clock, [failing(503), new Response()], { signal: controller.signal, onRetry: () => controller.abort(reason) })
  t.match(stop, { error: reason, calls: 1 }, 'aborted by onRetry')
  const own = new AbortController()
  t.match(
    await retried(clock, [() => { own.abort(reason); throw new TypeError('fetch failed') }], { signal: own.signal }),
    { error: reason, calls: 1 }
  )
})

t.test('what onRetry throws ends it', async t => {
  const clock = stoppedClock(t)
  const mistake = new Error('a mistake')
  t.match(await retried(clock, [failing(503)], { onRetry: () => { throw mistake } }), { error: mistake, calls: 1 })
})

t.test('a wrong option is named', async t => {
  const call = async (): Promise<Response> => new Response()
  const wrong: Array<[options: object, error: Error]> = [
    [{ attempts: 0 }, new RangeError('withRetry: attempts must not be 0')],
    [{ attempts: 1.5 }, new RangeError('withRetry: attempts must not be 1.5')],
    [{ attempts: NaN }, new RangeError('withRetry: attempts must not be NaN')],
    [{ attempts: '3' }, new TypeError('withRetry: attempts must not be 3')],
    [{ budgetMs: 0 }, new RangeError('withRetry: budgetMs must not be 0')],
    [{ budgetMs: -1 }, new RangeError('withRetry: budgetMs must not be -1')],
    [{ budgetMs: Infinity }, new RangeError('withRetry: budgetMs must not be Infinity')],
    [{ budgetMs: '5 s' }, new TypeError('withRetry: budgetMs must not be 5 s')],
    [{ budgetMs: null }, new TypeError('withRetry: budgetMs must not be null')],
    [{ waitMs: 0 }, new RangeError('withRetry: waitMs must not be 0')],
    [{ waitMs: NaN }, new RangeError('withRetry: waitMs must not be NaN')],
    [{ waitMs: '1 min' }, new TypeError('withRetry: waitMs must not be 1 min')],
    [{ signal: new AbortController() }, new TypeError('withRetry: signal must not be [object AbortController]')],
    [{ onRetry: true }, new TypeError('withRetry: onRetry must not be true')]
  ]
  for (const [options, error] of wrong) await t.rejects(withRetry(call, options), error)
  await t.rejects(withRetry(undefined as unknown as typeof call), new TypeError('withRetry: fn must not be undefined'))
})

t.test('no sequence of answers exceeds the budget or the attempts, or leaves anything behind', async t => {
  const clock = stoppedClock(t)
  const step = fc.record({
    takes: fc.option(fc.nat(3000), { freq: 8 }),
    listens: fc.boolean(),
    status: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(429, 500, 502, 503, 504, 529) }, {
      weight: 1, arbitrary: fc.constantFrom(0, 200, 204, 400, 401, 404, 422)
    }),
    retryAfter: fc.option(fc.oneof(fc.nat(5), fc.constantFrom(3600, 1e12, '0.2', 'soon')), { freq: 2 }),
    body: fc.constantFrom('contract', 'text', 'endless', 'none'),
    shouldRetry: fc.constantFrom(undefined, undefined, 'false', 'true')
  })
  const steps = fc.array(step, { minLength: 1, maxLength: 12 })
  const options = fc.record({
    attempts: fc.integer({ min: 1, max: 8 }), budgetMs: fc.integer({ min: 1, max: 20_000 }), abortAfter: fc.option(fc.nat(20_000))
  })

  await t.resolves(fc.assert(fc.asyncProperty(steps, options, async (steps, { attempts, budgetMs, abortAfter }) => {
    const controller = new AbortController()
    const timers = new Set<unknown>()
    const later = (then: () => void, wait: number): void => {
      const timer = setTimeout(() => { timers.delete(timer); then() }, wait)
      timers.add(timer)
    }
    if (abortAfter !== null) later(() => controller.abort(), abortAfter)
    const begun = performance.now()
    let calls = 0
    const call = async (signal: AbortSignal): Promise<Response> => {
      const { takes, listens, status, retryAfter, body, shouldRetry } = steps[calls++ % steps.length]!
      await new Promise<void>((resolve, reject) => {
        if (takes !== null) later(resolve, takes)
        if (listens) signal.addEventListener('abort', () => reject(signal.reason))
      })
      if (status === 0) throw new TypeError('Failed to fetch')
      const headers = {
        ...retryAfter !== null && { 'retry-after': String(retryAfter) }, ...shouldRetry && { 'x-should-retry': shouldRetry }
      }
      const bodies = { contract: JSON.stringify(envelope(429, 'No.')), text: '<html>', endless: new ReadableStream({}), none: null }
      return new Response(status === 204 ? null : bodies[body], { status, headers })
    }
    const settled = withRetry(call, { attempts, budgetMs, signal: controller.signal })
      .then(response => response.status < 400, error => error instanceof ApiError || error === controller.signal.reason)
      .then(isRight => ({ isRight, took: performance.now() - begun, left: clock.countTimers() - timers.size }))
    await clock.runAllAsync()
    const { isRight, took, left } = await settled
    return isRight && calls <= attempts && took <= budgetMs && left === 0 && getEventListeners(controller.signal, 'abort').length === 0
  }), { numRuns: 500 }))
})

t.test('against a server with the plugin: it is asked again, and the stream that comes can still be aborted', async t => {
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  let calls = 0
  const server = new EventEmitter()
  app.get('/', (_request, reply) => {
    if (++calls === 1) throw new RateLimitError('Slow down.', { retryAfter: 0 })
    if (calls === 2) throw new ServiceUnavailableError('Not yet.', { retryAfter: 0 })
    reply.hijack()
    reply.raw.on('close', () => server.emit('left')).writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const left = once(server, 'left')
  const controller = new AbortController()
  const messages: string[] = []
  const response = await withRetry(async signal => fetch(address, { signal }), {
    signal: controller.signal, budgetMs: 60_000, onRetry: ({ error }) => messages.push(error.message)
  })
  t.same(messages, ['Slow down.', 'Not yet.'])
  const events = readEvents(response)
  t.match(await events.next(), { value: { data: 1 } })
  const next = events.next()
  controller.abort()
  await t.rejects(next, { name: 'AbortError' })
  await left
})

t.test('against a port where nobody listens, and a server that hangs up', async t => {
  const hangsUp = await answering(t, raw => raw.socket!.destroy())
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  for (const address of [`http://127.0.0.1:${port}`, hangsUp]) {
    let delay
    await t.rejects(withRetry(async signal => fetch(address, { signal }), { attempts: 2, onRetry: ({ delayMs }) => { delay = delayMs } }),
      { type: 'service_unavailable_error', origin: 'unknown', status: undefined, gaveUp: 'attempts', cause: TypeError })
    t.ok(delay! <= 500)
  }
})
