/** The violations of the contract in an error response: one row for each demand. */
import { Value } from '@sinclair/typebox/value'
import { contentHeaders, errorHeaderRows } from '../../schemas/headers.js'
import { errorCodes, isErrorCode, responseSchemas } from '../../schemas/index.js'
import type { Answer } from './connection.js'

/** Headers that no error response has; `content-length` is its own. */
const foreign = [...contentHeaders].filter(name => name !== 'content-length')

type Demand = (answer: Answer, method: string) => string | undefined

const demands: readonly Demand[] = [
  ({ status }) => isErrorCode(status) ? undefined : `status ${status} is not one of ${errorCodes.join(', ')}`,
  ...errorHeaderRows.map(([name, { value }]): Demand =>
    ({ headers }) => value === undefined ? undefined : differs(name, headers[name], value)),
  ({ headers: { 'content-length': length = 'missing' }, body }, method) => {
    if (method !== 'HEAD') return differs('content-length', length, String(body.length))
    return /^[1-9]\d*$/.test(length) ? undefined : `content-length is ${length}, not that of the same answer to GET`
  },
  ({ headers }) => {
    const sent = foreign.filter(name => name in headers)
    return sent.length === 0 ? undefined : `${sent.join(', ')} does not belong to an error answer`
  },
  ({ status, body }, method) => {
    if (method === 'HEAD') return body.length === 0 ? undefined : 'an answer to HEAD has a body'
    return violationInBody(status, body.toString())
  }
]

function differs (name: string, value: string | undefined, wanted: string): string | undefined {
  return value === wanted ? undefined : `${name} is ${value ?? 'missing'}, not ${wanted}`
}

function violationInBody (status: number, text: string): string | undefined {
  if (!isErrorCode(status)) return undefined // there is no body for it
  if (text === '') return 'the body is empty'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return 'the body is no JSON'
  }
  const error = Value.Errors(responseSchemas[status], body).First()
  return error === undefined ? undefined : `body${error.path}: ${error.message}`
}

/** @returns an empty list for an answer that is the contract */
export function violationsOf (answer: Answer, method: string): string[] {
  return demands.map(demand => demand(answer, method)).filter(violation => violation !== undefined)
}
