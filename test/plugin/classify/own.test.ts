/** This service's own failures: CONTRACT §3, status by status. */
import t from 'tap'
import { toContractError } from '../../../plugin/index.js'
import { meanings } from '../../support/app.js'

t.test('every status becomes its row', async t => {
  const named: Readonly<Record<number, number>> = {
    401: 401,
    402: 401,
    403: 401,
    407: 401,
    451: 401,
    511: 401,
    404: 404,
    405: 404,
    410: 404,
    409: 422,
    412: 422,
    422: 422,
    423: 422,
    424: 422,
    429: 429,
    500: 500,
    501: 500,
    505: 500,
    508: 500,
    502: 503,
    503: 503,
    507: 503,
    408: 504,
    504: 504,
    529: 529
  }
  for (let status = 400; status <= 599; status++) {
    const code = named[status] ?? (status < 500 ? 400 : 500)
    for (const value of [
      { statusCode: status, message: 'Said.' }, { status, message: 'Said.' }, { output: { statusCode: status }, message: 'Said.' }
    ]) {
      const { detail } = toContractError(value)
      t.equal(detail.code, code, String(status))
      t.equal(detail.message, code < 500 ? 'Said.' : meanings[code])
      t.equal(detail.origin, 'Humanloop')
    }
  }
})

t.test('an error of ours stays the same object', async t => {
  const error = toContractError(null)
  t.equal(toContractError(error), error)
  t.equal(toContractError(new Error('while chatting', { cause: error })), error)
})

t.test('who wraps a failure in an error with a status has decided', async t => {
  const cause = toContractError({ statusCode: 429 })
  t.equal(
    toContractError(Object.assign(new Error('No such project.', { cause: new Error('x', { cause }) }), { statusCode: 404 })).detail.message,
    'No such project.'
  )
})

t.test('an error of another copy of the package is read field by field', async t => {
  const copy = await t.mockImport('../../../plugin/errors.js', {}) as typeof import('../../../plugin/index.js')
  const theirs = new copy.RateLimitError('Slow.', {
    origin: 'groq', retryAfter: 3, retryable: false, headers: { a: 'b' }, upstream: { status: 429 }
  })
  const ours = toContractError(theirs)
  t.not(ours, theirs)
  t.match(ours, { origin: 'Groq', retryAfter: 3, retryable: false, headers: { a: 'b' }, upstream: { status: 429 } })
  t.equal(ours.message, 'Slow.')
  const bare = new copy.ContractError(404, 'x')
  t.match(toContractError(bare, { origin: 'openai' }).detail, { code: 404, origin: 'OpenAI', message: 'x' })
  Object.defineProperty(bare, 'statusCode', { value: 200 })
  Object.defineProperty(bare, 'retryable', { value: 'yes' })
  t.match(toContractError(bare), { statusCode: 500, retryable: true })
})

t.test('a failed call to no provider is ours, and its sentence is not for our callers', async t => {
  const answer = (status: number): object => Object.assign(new Error('internal detail'), {
    isAxiosError: true,
    response: { status, data: { message: 'internal detail' } },
    config: { url: '/users/7', baseURL: 'http://users.internal' },
    status
  })
  const unanswered = (code: string): object => Object.assign(new Error('internal detail'), { code })
  for (const [value, code] of [
    [answer(404), 500], [answer(401), 500], [answer(429), 500], [answer(500), 500],
    [answer(502), 503], [answer(503), 503], [answer(504), 503], [answer(529), 503],
    [unanswered('ECONNREFUSED'), 503], [unanswered('ENOTFOUND'), 503], [unanswered('CERT_HAS_EXPIRED'), 503],
    [unanswered('ETIMEDOUT'), 504], [unanswered('UND_ERR_HEADERS_TIMEOUT'), 504],
    [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 504],
    [new DOMException('This operation was aborted', 'AbortError'), 504],
    [new TypeError('fetch failed', { cause: unanswered('ECONNRESET') }), 503],
    [Object.assign(new Error('internal detail'), { code: 'UND_ERR_RESPONSE', statusCode: 404, headers: {}, body: 'internal detail' }), 500],
    [Object.assign(new Error('internal detail'), { response: { statusCode: 503, body: 'internal detail' } }), 503],
    [Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client', $metadata: { httpStatusCode: 400 } }), 500],
    [Object.assign(new Error('duplicate key value violates unique constraint'), { code: '23505', severity: 'ERROR' }), 500],
    [unanswered('ENOENT'), 500]
  ] as const) {
    const { detail } = toContractError(value)
    t.same(detail, { type: detail.type, message: meanings[code], code, origin: 'Humanloop' })
  }
})
