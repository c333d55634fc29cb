/** The column of the table of nine that the client carries, too: it stands alone because browsers load it. */

/** The `type` of each status. Humanloop's API reference gives that of 422; the others follow its titles in the same manner. */
export const errorTypes = {
  400: 'bad_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  422: 'unprocessable_entity_error',
  429: 'rate_limit_error',
  500: 'unknown_error',
  503: 'service_unavailable_error',
  504: 'timeout_error',
  529: 'overloaded_error'
} as const

/** One of the nine HTTP statuses. */
export type ErrorCode = keyof typeof errorTypes

/** One of the nine `type` strings. */
export type ErrorType = (typeof errorTypes)[ErrorCode]

/** Whether a value is one of the nine statuses. */
export function isErrorCode (value: unknown): value is ErrorCode {
  return typeof value === 'number' && Object.hasOwn(errorTypes, value)
}
