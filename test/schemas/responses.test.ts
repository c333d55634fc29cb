import { TypeCompiler } from '@sinclair/typebox/compiler'
import t from 'tap'
import {
  ErrorDetail, ErrorEnvelope, errorCodes, errorResponses, errorStatuses, responseSchemas, sharedSchemas, type ErrorCode
} from '../../schemas/index.js'
import { envelope } from '../support/app.js'

t.test('errorResponses gives a reference for each status, all nine without arguments', async t => {
  t.same(errorResponses(404, 422), {
    404: { $ref: 'HumanloopNotFoundError#' },
    422: { $ref: 'HumanloopUnprocessableEntityError#' }
  })
  t.same(Object.keys(errorResponses()), errorCodes.map(String))
})

t.test('a status that the contract does not have is named', async t => {
  t.throws(() => errorResponses(418 as ErrorCode),
    new RangeError('errorResponses: 418 is not a status of the contract; use some of 400, 401, 404, 422, 429, 500, 503, 504, 529'))
})

t.test('the shared schemas have the ids that documents and generated clients show, and titles equal to them', async t => {
  t.same(sharedSchemas.map(({ $id }) => $id), [
    'HumanloopErrorDetail', 'HumanloopError', 'HumanloopBadRequestError', 'HumanloopAuthenticationError',
    'HumanloopNotFoundError', 'HumanloopUnprocessableEntityError', 'HumanloopRateLimitError', 'HumanloopUnknownError',
    'HumanloopServiceUnavailableError', 'HumanloopTimeoutError', 'HumanloopOverloadedError'
  ])
  t.ok(sharedSchemas.every(({ $id, title, description }) => title === $id && description))
})

t.test('each schema takes its own row and nothing else', async t => {
  for (const code of errorCodes) {
    const check = TypeCompiler.Compile(responseSchemas[code])
    t.ok(check.Check(envelope(code, 'What happened.')), String(code))
    for (const body of [
      ...errorCodes.filter(other => other !== code).map(other => envelope(other, 'What happened.')),
      { detail: { ...(envelope(code, 'x') as { detail: object }).detail, type: 'another' } },
      { detail: { ...(envelope(code, 'x') as { detail: object }).detail, code: String(code) } },
      { detail: { ...(envelope(code, 'x') as { detail: object }).detail, more: 1 } },
      { ...envelope(code, 'x'), more: 1 },
      envelope(code, ''),
      envelope(code, 'x', ''),
      (envelope(code, 'x') as { detail: object }).detail,
      null
    ]) t.notOk(check.Check(body), JSON.stringify(body))
  }
})

t.test('the envelope refers to the detail, and the detail takes the fields of any of the nine', async t => {
  t.match(ErrorEnvelope, { properties: { detail: { $ref: 'HumanloopErrorDetail#' } }, additionalProperties: false })
  const check = TypeCompiler.Compile(ErrorDetail)
  for (const code of errorCodes) t.ok(check.Check((envelope(code, 'x') as { detail: object }).detail))
  t.match(ErrorDetail, { properties: { type: { enum: Object.values(errorStatuses).map(({ type }) => type) }, code: { enum: errorCodes } } })
})
