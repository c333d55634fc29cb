/** The one error that this client throws. */
import { errorTypes, type ErrorCode } from '../schemas/codes.js'
import type { errorStatuses } from '../schemas/statuses.js'
import { retryAfterOf, type HeaderReader } from './retry-after.js'

/** The codes whose rows say that waiting may help. The compiler compares it with the table, which is too large for browsers. */
const retryable = {
  429: 1, 500: 1, 503: 1, 504: 1, 529: 1
} satisfies { [Code in ErrorCode as (typeof errorStatuses)[Code]['retryable'] extends true ? Code : never]: 1 }

/** What is known of a failure beside its row and its message. */
export interface ApiErrorOptions {
  /** Who failed. Default: `'unknown'`. */
  origin?: string | undefined
  /** The answer: its status, and what its headers tell. */
  response?: Pick<Response, 'status' | 'headers'> | undefined
  /** The error behind this one. */
  cause?: unknown
}

/** An `ApiError` of one row of the contract. */
export interface ApiErrorOf<Code extends ErrorCode> extends Error {
  readonly name: 'ApiError'
  /** Tells the nine apart. */
  readonly type: (typeof errorTypes)[Code]
  /** The contract's code; it is the HTTP status, too, unless the answer came from something else. */
  readonly code: Code
  /** Who failed: a model provider's name, the service's, or `'unknown'` where the answer was not the contract. */
  readonly origin: string
  /** The HTTP status: absent where no answer came, 200 where a stream failed that had begun. */
  readonly status: number | undefined
  /** Seconds until a retry may succeed, perhaps a fraction. */
  readonly retryAfter: number | undefined
  /** Whether waiting may help; not: whether repeating is harmless. */
  readonly retryable: boolean
  /** The service's id of the request. */
  readonly requestId: string | undefined
  /** The model provider's id of its request. */
  readonly providerRequestId: string | undefined
  /** Why `withRetry` did not go on with an error that is worth retrying. */
  gaveUp?: 'attempts' | 'wait' | 'budget'
}

/** A failed call, narrowed by `type` or `code`. */
export type ApiError<Code extends ErrorCode = ErrorCode> = { [C in Code]: ApiErrorOf<C> }[Code]

interface ApiErrorConstructor {
  /**
   * @param code one of the nine
   * @param message default: the type
   */
  new <Code extends ErrorCode>(code: Code, message?: string, options?: ApiErrorOptions): ApiError<Code>
  readonly prototype: ApiError
}

/**
 * A failed call: `type` tells which of the nine it is, and TypeScript narrows by it.
 *
 * @example
 * ```ts
 * import { ApiError } from 'fastify-humanloop-errors/client'
 *
 * const error: ApiError = new ApiError(429, 'Slow down.', { origin: 'OpenAI' })
 * error.type // 'rate_limit_error'
 * error.retryable // true
 * error instanceof ApiError // true
 * ```
 */
export const ApiError = class extends Error {
  override get name (): string { return 'ApiError' }

  constructor (code: ErrorCode, message?: string, { origin = 'unknown', response, ...options }: ApiErrorOptions = {}) {
    const type = errorTypes[code]
    const header: HeaderReader = name => response?.headers.get(name) ?? undefined
    super(message || type, options)
    Object.assign(this, {
      type,
      code,
      origin,
      status: response?.status,
      retryAfter: retryAfterOf(header),
      retryable: code in retryable && header('x-should-retry') !== 'false',
      requestId: header('x-request-id'),
      providerRequestId: header('x-provider-request-id')
    })
  }
} as unknown as ApiErrorConstructor
