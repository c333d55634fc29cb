/** From any HTTP status that a service with this contract may meet to one of the nine. */
import { isErrorCode, type ErrorCode } from './codes.js'

/** CONTRACT §3, without those that are one of the nine themselves. Any other 4xx is 400, any other 5xx 500. */
const answers: Readonly<Record<number, ErrorCode>> = {
  402: 401,
  403: 401,
  407: 401,
  451: 401,
  511: 401,
  405: 404,
  410: 404,
  409: 422,
  412: 422,
  423: 422,
  424: 422,
  502: 503,
  507: 503,
  408: 504
}

/** @param status of the answer; what is no error status says nothing: 500 */
export function ownCode (status: number): ErrorCode {
  return isErrorCode(status) ? status : answers[status] ?? (status >= 400 && status < 500 ? 400 : 500)
}
