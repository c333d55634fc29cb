/** An error response that belongs to no request: for a socket, or for a response that Node writes by itself. */
import type { FastifyInstance } from 'fastify'
import type { ContractError } from '../errors.js'
import { report } from '../response/report.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { settingsOf } from '../scope.js'

export interface RawAnswer {
  readonly code: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Makes the response and logs it. */
export function responseWithoutRequest (app: FastifyInstance, error: ContractError): ErrorResponse {
  const settings = settingsOf(app)
  const response = responseTo(error, settings)
  report(response, { thrown: error }, { settings, log: app.log })
  return response
}

export function rawAnswer (app: FastifyInstance, error: ContractError): RawAnswer {
  const response = responseWithoutRequest(app, error)
  return { code: response.status, reason: response.reasonPhrase, headers: response.headers as Record<string, string>, body: response.body }
}
