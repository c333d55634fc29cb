/** The table of nine: every error answer is one of these rows, and everything else is derived from them. */

/** One row of the table: what an error answer with this status means. */
export interface ErrorStatus {
  /** HTTP status, and the `code` of the body. */
  readonly code: number
  /** The `type` of the body; fixed by `code`. */
  readonly type: string
  /** Id of the shared schema: the component's name in OpenAPI documents, the class's in generated clients. */
  readonly schemaId: string
  readonly title: string
  /** What the answer means; the message of an error that says nothing fit to be shown. */
  readonly description: string
  /** Whether waiting may help (not: whether repeating is harmless). */
  readonly retryable: boolean
  /** A message as a caller might see it, raised by this service. */
  readonly example: string
}

/**
 * The nine answers by HTTP status.
 *
 * Titles and meanings follow Humanloop's API reference; so does the `type` of 422. The other eight types follow the
 * titles in the same manner.
 *
 * @example
 * ```ts
 * import { errorStatuses } from 'fastify-humanloop-errors/schemas'
 *
 * errorStatuses[429].type // 'rate_limit_error'
 * errorStatuses[429].retryable // true
 * ```
 */
export const errorStatuses = {
  400: {
    code: 400,
    type: 'bad_request_error',
    schemaId: 'HumanloopBadRequestError',
    title: 'Bad request',
    description: 'The request was improperly formatted or presented.',
    retryable: false,
    example: "Body is not valid JSON but content-type is set to 'application/json'"
  },
  401: {
    code: 401,
    type: 'authentication_error',
    schemaId: 'HumanloopAuthenticationError',
    title: 'Authentication issue',
    description: 'The API key is incorrect or missing, or the user has no right to the resource.',
    retryable: false,
    example: 'Invalid API key.'
  },
  404: {
    code: 404,
    type: 'not_found_error',
    schemaId: 'HumanloopNotFoundError',
    title: 'Not found',
    description: 'The requested resource could not be located.',
    retryable: false,
    example: 'Route GET:/v4/chats not found'
  },
  422: {
    code: 422,
    type: 'unprocessable_entity_error',
    schemaId: 'HumanloopUnprocessableEntityError',
    title: 'Unprocessable entity',
    description: 'Properly formatted, but with invalid instructions, or not matching the fields that the endpoint requires.',
    retryable: false,
    example: 'body/messages/0/role must be equal to one of the allowed values'
  },
  429: {
    code: 429,
    type: 'rate_limit_error',
    schemaId: 'HumanloopRateLimitError',
    title: 'Rate limit reached',
    description: 'More requests than allowed in a period of time.',
    retryable: true,
    example: 'Rate limit exceeded, retry in 1 minute'
  },
  500: {
    code: 500,
    type: 'unknown_error',
    schemaId: 'HumanloopUnknownError',
    title: 'Unknown exception',
    description: 'An unexpected issue occurred on the server.',
    retryable: true,
    example: 'An unexpected issue occurred on the server.'
  },
  503: {
    code: 503,
    type: 'service_unavailable_error',
    schemaId: 'HumanloopServiceUnavailableError',
    title: 'Service unavailable',
    description: 'The service is temporarily overloaded: try again.',
    retryable: true,
    example: 'The service is temporarily overloaded: try again.'
  },
  504: {
    code: 504,
    type: 'timeout_error',
    schemaId: 'HumanloopTimeoutError',
    title: 'Server timeout',
    description: 'The server did not respond in time.',
    retryable: true,
    example: 'The server did not respond in time.'
  },
  529: {
    code: 529,
    type: 'overloaded_error',
    schemaId: 'HumanloopOverloadedError',
    title: 'Overloaded',
    description: 'The server is overloaded and cannot process the request.',
    retryable: true,
    example: 'The server is overloaded and cannot process the request.'
  }
} as const satisfies Record<number, ErrorStatus>

/** One of the nine HTTP statuses. */
export type ErrorCode = keyof typeof errorStatuses

/** One of the nine `type` strings. */
export type ErrorType = (typeof errorStatuses)[ErrorCode]['type']

/** Id of the shared schema of the four fields, whatever their row. */
export const errorDetailId = 'HumanloopErrorDetail'

/** Id of the shared schema of any of the nine bodies. */
export const errorEnvelopeId = 'HumanloopError'

/** The nine statuses in ascending order. */
export const errorCodes = Object.keys(errorStatuses).map(Number) as ErrorCode[]

/** Whether a value is one of the nine statuses. */
export function isErrorCode (value: unknown): value is ErrorCode {
  return typeof value === 'number' && Object.hasOwn(errorStatuses, value)
}
