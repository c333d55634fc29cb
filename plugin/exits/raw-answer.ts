/** An error answer where there is no reply: for a socket, or for a response that Node or a handler writes by itself. */
import type { FastifyInstance } from 'fastify'
import type { ContractError } from '../errors.js'
import { logAnswer, type Happened } from '../log/line.js'
import type { LineLog } from '../log/refusal-log.js'
import { settingsOf } from '../scope.js'
import { bodyOf, contractHeaders, inScope, isOurs, reasonOf } from './answer.js'

export interface RawAnswer {
  readonly code: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Logs the answer, too, without a request. */
export function rawAnswer (app: FastifyInstance, given: ContractError, happened: Happened, log: LineLog = app.log): RawAnswer {
  const settings = settingsOf(app)
  const error = inScope(given, settings, app.log)
  logAnswer(log, error, happened, { ours: isOurs(given, settings), left: false, redact: settings.redact })
  const code = error.statusCode
  const body = bodyOf(error)
  return {
    code,
    reason: reasonOf(code),
    headers: { ...contractHeaders, 'content-length': String(Buffer.byteLength(body)) },
    body
  }
}
