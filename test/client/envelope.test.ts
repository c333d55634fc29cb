/** What counts as the contract's body, and what the one error of the client holds. */
import fc from 'fast-check'
import t from 'tap'
import { ApiError, isErrorEnvelope, type ErrorCode } from '../../client/index.js'
import { errorCodes, errorStatuses, isErrorCode } from '../../schemas/index.js'
import { envelope } from '../support/app.js'

t.test('the nine bodies are the contract', async t => {
  for (const code of errorCodes) t.ok(isErrorEnvelope(envelope(code, 'No.')), String(code))
})

t.test('anything else is not', async t => {
  const detail = { type: 'rate_limit_error', message: 'Slow down.', code: 429, origin: 'OpenAI' }
  const others = {
    nothing: undefined,
    null: null,
    text: 'Slow down.',
    list: [detail],
    'the fields without their wrapper': detail,
    'another field beside detail': { detail, status: 429 },
    'a fifth field': { detail: { ...detail, param: null } },
    'a missing field': { detail: { type: detail.type, message: detail.message, code: 429, other: 1 } },
    'the type of another code': { detail: { ...detail, type: 'overloaded_error' } },
    'a status that is none of the nine': { detail: { ...detail, code: 418 } },
    'a code as text': { detail: { ...detail, code: '429' } },
    'an empty message': { detail: { ...detail, message: '' } },
    'an empty origin': { detail: { ...detail, origin: '' } },
    'an origin that is no text': { detail: { ...detail, origin: 7 } },
    'a sentence as detail, as FastAPI has it': { detail: 'Not Found' },
    'an empty detail': { detail: null }
  }
  for (const [name, value] of Object.entries(others)) t.notOk(isErrorEnvelope(value), name)
})

t.test('no value makes the check throw', async t => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.anything(), value => !isErrorEnvelope(value))))
})

t.test('an error holds its row: the type and whether waiting may help are the table’s', async t => {
  for (const code of errorCodes) {
    const error = new ApiError(code)
    const { type, retryable } = errorStatuses[code]
    t.match(error, { name: 'ApiError', message: type, type, code, origin: 'unknown', status: undefined, retryAfter: undefined, retryable })
    t.equal(isErrorCode(error.code), true)
    t.ok(error instanceof ApiError && error instanceof Error)
    t.match(error.stack, /^ApiError: /)
  }
})

t.test('the type narrows the code', async t => {
  const codeOf = (error: ApiError): ErrorCode => {
    if (error.type === 'rate_limit_error') {
      const code: 429 = error.code
      return code
    }
    const code: Exclude<ErrorCode, 429> = error.code
    return code
  }
  t.equal(codeOf(new ApiError(429)), 429)
  t.equal(codeOf(new ApiError(529)), 529)
})
