import t from 'tap'
import { errorCodes, errorStatuses, isErrorCode } from '../../schemas/index.js'
import { meanings } from '../support/app.js'

t.test('the table has the nine rows of the contract', async t => {
  t.same(errorCodes, [400, 401, 404, 422, 429, 500, 503, 504, 529])
  t.same(Object.values(errorStatuses).map(({ type, title, retryable }) => [type, title, retryable]), [
    ['bad_request_error', 'Bad request', false],
    ['authentication_error', 'Authentication issue', false],
    ['not_found_error', 'Not found', false],
    ['unprocessable_entity_error', 'Unprocessable entity', false],
    ['rate_limit_error', 'Rate limit reached', true],
    ['unknown_error', 'Unknown exception', true],
    ['service_unavailable_error', 'Service unavailable', true],
    ['timeout_error', 'Server timeout', true],
    ['overloaded_error', 'Overloaded', true]
  ])
  t.same(Object.fromEntries(Object.values(errorStatuses).map(({ code, description }) => [code, description])), meanings)
})

t.test('some say when to come back, after some a POST may have taken effect; all of these are worth retrying', async t => {
  const codesWith = (column: 'retryable' | 'retryAfter' | 'mayHaveTakenEffect'): number[] => errorCodes.filter(code => errorStatuses[code][column])
  t.same(codesWith('retryAfter'), [429, 503, 504, 529])
  t.same(codesWith('mayHaveTakenEffect'), [500, 504])
  t.ok([...codesWith('retryAfter'), ...codesWith('mayHaveTakenEffect')].every(code => codesWith('retryable').includes(code)))
})

t.test('a provider raises all but 400, which is our 422', async t => {
  t.same(errorCodes.filter(code => 'providerExample' in errorStatuses[code]), [401, 404, 422, 429, 500, 503, 504, 529])
})

t.test('only the nine numbers are codes', async t => {
  t.ok(errorCodes.every(isErrorCode))
  t.notOk([418, 200, '429', NaN, null, undefined, 'toString'].some(isErrorCode))
})
