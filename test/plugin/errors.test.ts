import t from 'tap'
import * as errors from '../../plugin/index.js'
import { ContractError, RateLimitError, UnknownError, AuthenticationError, NotFoundError } from '../../plugin/index.js'
import { errorStatuses, type ErrorCode } from '../../schemas/index.js'
import { envelope, meanings } from '../support/app.js'

const classes: Readonly<Record<number, keyof typeof errors>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
  500: 'UnknownError',
  503: 'ServiceUnavailableError',
  504: 'TimeoutError',
  529: 'OverloadedError'
}

t.test('each class is one row of the table', async t => {
  for (const [code, name] of Object.entries(classes)) {
    const ErrorClass = errors[name] as typeof RateLimitError
    const error = new ErrorClass()
    t.equal(error.name, name)
    t.equal(error.message, meanings[Number(code)])
    t.equal(error.statusCode, Number(code))
    t.equal(error.retryable, errorStatuses[Number(code) as ErrorCode].retryable)
    t.same(JSON.parse(JSON.stringify(error)), envelope(Number(code), meanings[Number(code)]!))
    t.ok(error instanceof ErrorClass && error instanceof ContractError && error instanceof Error)
    t.notOk(error instanceof (name === 'NotFoundError' ? RateLimitError : NotFoundError))
  }
})

t.test('a message, an origin, a wait, headers, a cause', async t => {
  const cause = new Error('behind it')
  const error = new RateLimitError('Slow down.', {
    origin: 'together_ai', retryAfter: 6.2, headers: { 'x-a': 'b' }, cause, upstream: { status: 429, requestId: 'r' }
  })
  t.same(error.detail, { type: 'rate_limit_error', message: 'Slow down.', code: 429, origin: 'Together AI' })
  t.match(error, {
    origin: 'Together AI',
    hasOrigin: true,
    retryAfter: 7,
    retryable: true,
    headers: { 'x-a': 'b' },
    upstream: { status: 429, requestId: 'r' }
  })
  t.equal(error.cause, cause)
  t.equal(new RateLimitError('x', { retryable: false }).retryable, false)
})

t.test('an origin that is not known is used as it is', async t => {
  t.equal(new RateLimitError('x', { origin: 'My Model Server' }).origin, 'My Model Server')
  t.match(new RateLimitError('x', { origin: '' }), { origin: 'Humanloop', hasOrigin: false })
  t.match(new RateLimitError('x', { origin: 7 as unknown as string }), { origin: 'Humanloop', hasOrigin: false })
})

t.test('a wait is whole, never negative, one hour at most', async t => {
  for (const [given, sent] of [[0, 0], [0.1, 1], [-5, 0], [3600.5, 3600], [Infinity, 3600], [NaN, undefined], ['7', undefined]] as const) {
    t.equal(new RateLimitError('x', { retryAfter: given as number }).retryAfter, sent, String(given))
  }
})

t.test('an error cannot hold anything else than a row and a well-formed message', async t => {
  t.throws(() => new ContractError(418 as ErrorCode),
    new RangeError('ContractError: 418 is not a status of the contract; use one of 400, 401, 404, 422, 429, 500, 503, 504, 529'))
  const error = new NotFoundError('No such project.')
  t.throws(() => { error.detail.message = 'x' }, TypeError)
  t.throws(() => { Object.assign(error, { statusCode: 200 }) }, TypeError)
  error.message = 'changed'
  t.same(error.detail, { type: 'not_found_error', message: 'No such project.', code: 404, origin: 'Humanloop' })
  for (const empty of [undefined, '', ' \n', null, 7, {}]) t.equal(new NotFoundError(empty as string).message, meanings[404])
  t.equal(new AuthenticationError('wrong key sk-abcdef123456').message, 'wrong key [redacted]')
})

t.test('an expected error captures no stack, an unexpected one does, a wrapper has its cause’s', async t => {
  t.equal(new RateLimitError('x').stack, 'RateLimitError: x')
  t.match(new UnknownError('x').stack, /errors\.test\.ts/)
  t.equal(new UnknownError('x', { cause: new Error('y') }).stack, 'UnknownError: x')
  t.match(new Error('later').stack, /errors\.test\.ts/, 'other errors have theirs')
})

t.test('instanceof holds across two copies of the package, and is not fooled', async t => {
  const copy = await t.mockImport('../../plugin/errors.js', {}) as typeof errors
  t.not(copy.ContractError, ContractError)
  const theirs = new copy.RateLimitError('x')
  t.ok(theirs instanceof ContractError)
  t.ok(theirs instanceof RateLimitError)
  t.notOk(theirs instanceof NotFoundError)
  t.notOk(ContractError.isOwn(theirs))
  class Mine extends RateLimitError {}
  t.ok(new Mine('x') instanceof RateLimitError)
  t.notOk(theirs instanceof Mine, 'a class of the user’s has its own errors only')
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  for (const value of [null, undefined, 'x', 429, {}, new Error('x')]) t.notOk(value as unknown instanceof ContractError)
  t.throws(() => Object.getPrototypeOf(revoked.proxy))
  t.notOk(new Proxy({}, { get () { throw new Error('no') } }) instanceof ContractError)
})

t.test('with() gives another origin or message and keeps the rest', async t => {
  const error = new RateLimitError('x', { retryAfter: 7, retryable: false, headers: { a: 'b' } })
  const other = error.with({ origin: 'Acme' })
  t.match(other, { message: 'x', origin: 'Acme', retryAfter: 7, retryable: false, headers: { a: 'b' } })
  t.equal(other.cause, error)
  t.equal(error.with({ message: 'y' }).message, 'y')
})
