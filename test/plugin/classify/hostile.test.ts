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

t.test('proxies, revoked proxies, throwing getters, cycles', async t => {
  const cycle: Record<string, unknown> = { status: 500 }
  Object.assign(cycle, { error: cycle, cause: cycle, errors: [cycle], message: cycle, body: cycle, details: [cycle] })
  const keys = ['status', 'statusCode', 'headers', 'error', 'message', 'body', 'response', 'rawResponse', 'cause', 'errors', '$metadata', 'name', 'code', 'detail']
  const getters = Object.defineProperties({}, Object.fromEntries(keys.map(key => [key, { get: no, enumerable: true }])))
  const named = Object.defineProperties(Object.create(new Proxy({}, traps)), Object.fromEntries(keys.map(key => [key, { value: {} }])))
  for (const value of [
    new Proxy({}, traps), new Proxy(no, traps), new Proxy([], traps), revoked({}), revoked([]), cycle, getters, named, Object.create(null),
    [cycle], Symbol('x'), 1n, NaN, no, new Error('x', { cause: revoked([]) }), { errors: revoked([]) }, { status: 429, headers: revoked({}), error: revoked({}) }
  ]) {
    for (const error of [
      toContractError(value), toContractError(value, { origin: 'openai' }), fromResponse('openai', { status: 400, body: value, headers: value }),
      fromResponse('openai', { body: [value] }), await withOrigin('openai', no).catch(toContractError)
    ]) {
      const { detail } = error
      t.ok(errorCodes.includes(detail.code) && typeof detail.message === 'string' && detail.message !== '' && typeof detail.origin === 'string')
    }
  }
})
