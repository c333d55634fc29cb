/** An error response that a handler, a plugin or a raw response sent by itself, as one of the contract's errors. */
import { readBody } from '../classify/body.js'
import { ownCode } from '../classify/status.js'
import { errorClasses, type ContractError } from '../errors.js'
import type { Sent } from '../response/report.js'
import { isContract } from './contract-body.js'

/** The error behind a body, and what is to be told of it. */
export interface SentError {
  readonly error: ContractError
  readonly happened: Sent
}

/**
 * Reads what was sent (CONTRACT §2). A body of the contract's shape keeps its four fields; any other keeps the meaning of its
 * status and, for a 4xx, its message. That of a 5xx is for the log: handlers and plugins tend to send `error.message`.
 *
 * @param sent the body: parsed where it is JSON, else its text
 * @param route such as `GET /projects/:id`, for the log
 */
export function sentError (sent: unknown, status: number, route: string): SentError {
  if (isContract(sent, status)) {
    const { code, message, origin } = sent.detail
    return { error: new errorClasses[code](message, { origin }), happened: { sentStatus: status, isContract: true, route } }
  }
  const { message } = readBody(sent)
  const isWithheld = status >= 500
  return {
    error: new errorClasses[ownCode(status)](isWithheld ? undefined : message),
    happened: { sentStatus: status, isContract: false, route, withheld: isWithheld ? message : undefined }
  }
}
