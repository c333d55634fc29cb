/** Values that do anything when they are read: never a throw, always one of the nine. */
import t from 'tap'
import { fromResponse, toContractError, withOrigin } from '../../../plugin/index.js'
import { errorCodes } from '../../../schemas/index.js'

const no = () => { throw new Error('no') }
const traps = { get: no, has: no, ownKeys: no, getPrototypeOf: no, getOwnPropertyDescriptor: no }

function revoked (target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

t.test('what is read twice, another copy’s fields, revoked proxies among headers', async t => {
  const copy = await t.mockImport('../../../plugin/errors.js', {}) as typeof import('../../../plugin/index.js')
  let reads = 0
  const changing = Object.defineProperty({ request: {}, response: { status: 400 } }, 'message', {
    get: () => reads++ % 2 === 0 ? 'Request to x failed with status 400: Said.' : { toString: no }
  })
  const theirs = (fields: Record<string, unknown>): object =>
    Object.defineProperties(
      new copy.RateLimitError('Slow.'), Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]))
    )
  for (const [value, code] of [
    [changing, 422],
    [theirs({ upstream: Object.defineProperties({}, { requestId: { get: no }, status: { get: no } }) }), 429],
    [theirs({ upstream: revoked({}), headers: revoked({}) }), 429],
    [theirs({ headers: { allow: revoked([]), vary: [{ toString: no }] } }), 429],
    [Object.assign(new Error('x'), { status: 404, headers: revoked({}) }), 404],
    [Object.assign(new Error('x'), { status: 404, headers: { 'retry-after': revoked([]), vary: revoked({}), allow: 'GET' } }), 404],
    [new Proxy(Object.assign(new Error('x'), { status: 404 }), { ownKeys: no }), 404]
  ] as const) t.equal(toContractError(value, value === changing ? { origin: 'replicate' } : {}).statusCode, code)
  t.equal(toContractError({ [Symbol.for('vercel.ai.error')]: true, name: { toString: no } }).statusCode, 500)
  t.same(
    toContractError(Object.assign(new Error('x'), { status: 404, headers: { vary: revoked({}), allow: 'GET' } })).headers, { allow: 'GET' }
  )
})

t.test('proxies, revoked proxies, throwing getters, cycles', async t => {
  const cycle: Record<string, unknown> = { status: 500 }
  Object.assign(cycle, { error: cycle, cause: cycle, errors: [cycle], message: cycle, body: cycle, details: [cycle] })
  const keys = [
    'status', 'statusCode', 'headers', 'error', 'message', 'body', 'response', 'rawResponse', 'cause', 'errors', '$metadata', 'name',
    'code', 'detail'
  ]
  const getters = Object.defineProperties({}, Object.fromEntries(keys.map(key => [key, { get: no, enumerable: true }])))
  const named = Object.defineProperties(Object.create(new Proxy({}, traps)), Object.fromEntries(keys.map(key => [key, { value: {} }])))
  for (const value of [
    new Proxy({}, traps), new Proxy(no, traps), new Proxy([], traps), revoked({}), revoked([]), cycle, getters, named, Object.create(null),
    [cycle],
    Symbol('x'), 1n,
    NaN,
    no,
    new Error('x', { cause: revoked([]) }),
    { errors: revoked([]) },
    { status: 429, headers: revoked({}), error: revoked({}) }
  ]) {
    for (const error of [
      toContractError(value),
      toContractError(value, { origin: 'openai' }),
      fromResponse('openai', { status: 400, body: value, headers: value }),
      fromResponse('openai', { body: [value] }), await withOrigin('openai', no).catch(toContractError)
    ]) {
      const { detail } = error
      t.ok(
        errorCodes.includes(detail.code) && typeof detail.message === 'string' && detail.message !== '' && typeof detail.origin === 'string'
      )
    }
  }
})
