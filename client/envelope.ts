/** Tells whether a value is the body of an error answer. */
import type { ErrorDetail, ErrorEnvelope } from '../schemas/envelope.js'
import { errorTypes, isErrorCode } from '../schemas/codes.js'
import { field } from './field.js'

export type { ErrorDetail, ErrorEnvelope } from '../schemas/envelope.js'
export type { ErrorCode, ErrorType } from '../schemas/codes.js'

/**
 * Whether a value is the body of an error answer: `{ detail: { type, message, code, origin } }`, nothing more, `type` and
 * `code` of one row, `message` and `origin` not empty.
 *
 * @param value anything, such as a parsed body
 * @example
 * ```ts
 * import { isErrorEnvelope } from 'fastify-humanloop-errors/client'
 *
 * isErrorEnvelope({ detail: { type: 'rate_limit_error', message: 'Slow down.', code: 429, origin: 'Humanloop' } }) // true
 * isErrorEnvelope({ detail: 'Not Found' }) // false
 * ```
 */
export function isErrorEnvelope (value: unknown): value is ErrorEnvelope {
  const detail = field(value, 'detail')
  return holdsDetail(detail) && Object.keys(detail).length === 4 && Object.keys(value as object).length === 1
}

/** Whether a value has the four fields; it may have more, as frames of streams do. */
export function holdsDetail (value: unknown): value is ErrorDetail {
  const code = field(value, 'code')
  return isErrorCode(code) && field(value, 'type') === errorTypes[code] && holdsText(value, 'message') && holdsText(value, 'origin')
}

function holdsText (value: unknown, name: string): boolean {
  const text = field(value, name)
  return typeof text === 'string' && text !== ''
}
