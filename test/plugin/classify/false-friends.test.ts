/** What sounds like another failure, and is not. */
import { createError, NotFoundError } from 'http-errors-enhanced'
import t from 'tap'
import { fromResponse, toContractError } from '../../../plugin/index.js'
import { meanings } from '../../support/app.js'

const openai = (message: string, more: object = {}) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null, ...more }
})

t.test('numbers and words in a 400 are what they are', async t => {
  for (const body of [
    openai('Invalid token id 429 at position 401.'),
    openai("Unknown parameter: 'rate_limit'.", { param: 'rate_limit', code: 'unknown_parameter' }),
    openai('Cannot connect to port 503 of your webhook.'),
    openai('Expected at most 401 items, got 429.'),
    openai('The tool "check_rate_limit_exceeded" has no description.', { param: 'tools[0]' }),
    openai('Your message quotes: {"error":{"type":"rate_limit_error","code":"rate_limit_exceeded"}}'),
    openai('Your schema names a field "overloaded_error".'),
    { message: 'model_not_found_handler is not a function name', code: 'bad_function' },
    { detail: [{ loc: ['body', 'rate_limit_exceeded'], msg: 'Field required', type: 'missing' }] },
    { error: { message: 'Said.', param: 'insufficient_quota' } },
    { error: { message: 'Said.', details: [{ message: 'rate_limit_exceeded' }] } }
  ]) t.equal(fromResponse('openai', { status: 400, body }).statusCode, 422, JSON.stringify(body))
})

t.test('codes of one provider mean nothing for another', async t => {
  t.equal(fromResponse('zai', { status: 400, body: { error: { code: '1002', message: 'x' } } }).statusCode, 401)
  t.equal(fromResponse('minimax', { body: { base_resp: { status_code: 1002, status_msg: 'slow' } } }).statusCode, 429)
  t.equal(fromResponse('openai', { status: 400, body: { error: { code: '1002', message: 'x' } } }).statusCode, 422)
  t.equal(fromResponse('cohere', { status: 498, body: { message: 'x' } }).statusCode, 422, '498 is a lack of capacity for Groq alone')
  t.equal(
    fromResponse('xai', { status: 404, body: { error: 'Incorrect API key provided' } }).statusCode,
    404,
    'a sentence counts with its status alone'
  )
})

t.test('a user’s text inside a 200 is no failure of its kind', async t => {
  const error = fromResponse('openai', {
    status: 200, body: { choices: [{ message: { content: 'context length, rate_limit_exceeded, sk-abcdef123456' } }] }
  })
  t.match(error.detail, { code: 500, message: meanings[500] })
})

t.test('what is no provider stays ours', async t => {
  class ApiError extends Error {
    override name = 'ApiError'
    status = 404
  }
  class ThrottlingException extends Error {
    override name = 'ThrottlingException'
    $fault = 'client'
    $metadata = { httpStatusCode: 400, requestId: 'x' }
    $response = { headers: {}, request: { hostname: 'dynamodb.us-east-1.amazonaws.com' } }
  }
  const postgres = Object.assign(new Error('duplicate key value violates unique constraint "users_pkey"'), {
    name: 'error', severity: 'ERROR', code: '23505', detail: 'Key (id)=(7) already exists.', routine: '_bt_check_unique'
  })
  for (const [value, code, message] of [
    [new ApiError('No such thing.'), 404, 'No such thing.'],
    [new ThrottlingException('Throughput exceeds the current capacity of your table.'), 500, meanings[500]],
    [
      {
        isAxiosError: true,
        config: { url: 'http://users.internal/7' },
        response: { status: 404, data: { message: 'no user 7' } },
        status: 404,
        message: 'Request failed with status code 404'
      },
      500,
      meanings[500]
    ],
    [postgres, 500, meanings[500]]
  ] as const) t.same(toContractError(value).detail, { type: toContractError(value).detail.type, message, code, origin: 'Humanloop' })
})

t.test('an error of http-errors-enhanced has what SDKs’ errors have, and is this service’s own', async t => {
  t.match(toContractError(new NotFoundError('There is no project 7.')).detail, {
    code: 404, message: 'There is no project 7.', origin: 'Humanloop'
  })
  t.match(toContractError(createError(409, 'Twice.', { hint: 'x' })).detail, { code: 422, message: 'Twice.', origin: 'Humanloop' })
})
