/** What can be thrown, and what everything thrown becomes: one class for each of the nine answers. */
import { errorCodes, errorStatuses, isErrorCode, type ErrorCode } from '../schemas/statuses.js'
import type { ErrorDetail } from '../schemas/envelope.js'
import { cleanMessage } from './message/clean.js'
import { displayName } from './providers/index.js'

/** The longest wait that an answer asks for, in seconds. */
const longestRetryAfter = 3600

/** The name of this service where no option says another. */
export const defaultOrigin = 'Humanloop'

/** What a model provider said of a failure, for logs and metrics. */
export interface Upstream {
  /** The HTTP status of the provider's answer; absent when none came. */
  readonly status?: number | undefined
  /** The provider's id of the request, when it sent one. */
  readonly requestId?: string | undefined
}

export interface ContractErrorOptions {
  /** Who failed: a provider's name or id. Default: this service. */
  origin?: string | undefined
  /** Seconds until a retry may succeed; sent as `retry-after`, rounded up, at most one hour. */
  retryAfter?: number | undefined
  /** Whether waiting may help. Default: the table's. */
  retryable?: boolean | undefined
  /** More headers of the answer. */
  headers?: Readonly<Record<string, string | number | readonly string[]>> | undefined
  /** What the provider said. */
  upstream?: Upstream | undefined
  /** The error behind this one; it goes to the log only. */
  cause?: unknown
}

/** Marks the errors of every copy of this package, so that `instanceof` holds between them. */
const brand = Symbol.for('fastify-humanloop-errors.ContractError')

/**
 * An error answer. It cannot hold anything but one of the nine rows and a well-formed message.
 *
 * @example
 * ```ts
 * import { ContractError, RateLimitError } from 'fastify-humanloop-errors'
 *
 * const error = new RateLimitError('Slow down.', { retryAfter: 7 })
 * error.detail // { type: 'rate_limit_error', message: 'Slow down.', code: 429, origin: 'Humanloop' }
 * error instanceof ContractError // true
 * ```
 */
export class ContractError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly #detail: ErrorDetail
  /** Whether an origin was given; where not, it becomes the name of the service whose server answers. */
  readonly hasOrigin: boolean
  /** Whole seconds, 0 to 3,600. */
  readonly retryAfter: number | undefined
  /** Whether waiting may help. */
  readonly retryable: boolean
  /** More headers of the answer. */
  readonly headers: ContractErrorOptions['headers']
  readonly upstream: Upstream | undefined

  /**
   * @param code one of the nine statuses
   * @param message what went wrong, for a human; default: the table's meaning. Control characters, secrets and what is
   *   longer than 4,096 code units are taken out.
   * @throws RangeError when `code` is none of the nine
   */
  constructor (code: Code, message?: string, options: ContractErrorOptions = {}) {
    if (!isErrorCode(code)) {
      throw new RangeError(`ContractError: ${String(code)} is not a status of the contract; use one of ${errorCodes.join(', ')}`)
    }
    // The stack is what costs: an expected 4xx is thrown without, and an error with a cause has its cause's.
    const limit = Error.stackTraceLimit
    const bare = code < 500 || options.cause !== undefined
    if (bare) Reflect.set(Error, 'stackTraceLimit', 0) // does not throw where Error is frozen
    super(messageOf(code, message), options.cause === undefined ? undefined : { cause: options.cause })
    if (bare) Reflect.set(Error, 'stackTraceLimit', limit)

    const { type, retryable } = errorStatuses[code]
    const origin = typeof options.origin === 'string' ? cleanMessage(displayName(options.origin.trim())) : ''
    this.#detail = Object.freeze({ type, message: this.message, code, origin: origin || defaultOrigin } as ErrorDetail)
    this.hasOrigin = origin !== ''
    this.retryAfter = wholeSeconds(options.retryAfter)
    this.retryable = options.retryable ?? retryable
    this.headers = options.headers
    this.upstream = upstreamOf(options.upstream)
  }

  /** The four fields. */
  get detail (): ErrorDetail<Code> { return this.#detail as ErrorDetail<Code> }

  /** One of the nine. */
  get statusCode (): Code { return this.#detail.code as Code }

  /** The display name of the model provider that failed, or of this service. */
  get origin (): string { return this.#detail.origin }

  /** The same error with another origin, message or status; the original stands behind it as its cause. */
  with ({ origin, message, code }: { origin?: string | undefined, message?: string | undefined, code?: ErrorCode | undefined }): ContractError {
    const { retryAfter, headers, upstream } = this
    return new errorClasses[code ?? this.statusCode](message ?? this.message, {
      origin: origin ?? this.origin,
      retryAfter,
      retryable: code === undefined ? this.retryable : undefined,
      headers,
      upstream,
      cause: this.cause ?? this
    })
  }

  /** The body of the answer. */
  toJSON (): { detail: ErrorDetail<Code> } { return { detail: this.detail } }

  get [brand] (): ErrorCode { return this.#detail.code }

  /** Whether a value is an error of this copy, and so valid by construction. */
  static isOwn (value: unknown): value is ContractError {
    return typeof value === 'object' && value !== null && #detail in value
  }

  /** Holds for errors of another installed copy of this package, too; false for a value that cannot be looked at. */
  static override [Symbol.hasInstance] (this: Function, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    try {
      if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
      const code: unknown = Reflect.get(value, brand)
      return isErrorCode(code) && (this === ContractError || this === errorClasses[code])
    } catch {
      return false // a proxy that throws is none of ours
    }
  }
}

/** A request id is sent as a header: visible ASCII, at most 200 characters; anything else is none. */
function upstreamOf (given: ContractErrorOptions['upstream']): Upstream | undefined {
  if (given?.requestId === undefined) return given
  const { status, requestId } = given
  return typeof requestId === 'string' && /^[\x21-\x7e]{1,200}$/.test(requestId) ? given : { status }
}

function messageOf (code: ErrorCode, given: unknown): string {
  const clean = typeof given === 'string' ? cleanMessage(given) : ''
  return clean === '' ? errorStatuses[code].description : clean
}

/** Seconds as `retry-after` has them: whole, rounded up, none negative, at most one hour. */
function wholeSeconds (seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) return undefined
  return Math.min(Math.max(Math.ceil(seconds), 0), longestRetryAfter)
}

/** 400: the request was improperly formatted or presented. */
export class BadRequestError extends ContractError<400> {
  constructor (message?: string, options?: ContractErrorOptions) { super(400, message, options) }
}

/** 401: the API key is incorrect or missing, or the user has no right to the resource. */
export class AuthenticationError extends ContractError<401> {
  constructor (message?: string, options?: ContractErrorOptions) { super(401, message, options) }
}

/** 404: the requested resource could not be located. */
export class NotFoundError extends ContractError<404> {
  constructor (message?: string, options?: ContractErrorOptions) { super(404, message, options) }
}

/** 422: properly formatted, but with invalid instructions, or not matching the fields that the endpoint requires. */
export class UnprocessableEntityError extends ContractError<422> {
  constructor (message?: string, options?: ContractErrorOptions) { super(422, message, options) }
}

/** 429: more requests than allowed in a period of time. */
export class RateLimitError extends ContractError<429> {
  constructor (message?: string, options?: ContractErrorOptions) { super(429, message, options) }
}

/** 500: an unexpected issue occurred on the server. */
export class UnknownError extends ContractError<500> {
  constructor (message?: string, options?: ContractErrorOptions) { super(500, message, options) }
}

/** 503: the service is temporarily overloaded. */
export class ServiceUnavailableError extends ContractError<503> {
  constructor (message?: string, options?: ContractErrorOptions) { super(503, message, options) }
}

/** 504: the server did not respond in time. */
export class TimeoutError extends ContractError<504> {
  constructor (message?: string, options?: ContractErrorOptions) { super(504, message, options) }
}

/** 529: the server is overloaded and cannot process the request. */
export class OverloadedError extends ContractError<529> {
  constructor (message?: string, options?: ContractErrorOptions) { super(529, message, options) }
}

/** The class of each status. */
export const errorClasses: { readonly [Code in ErrorCode]: new (message?: string, options?: ContractErrorOptions) => ContractError<Code> } = {
  400: BadRequestError,
  401: AuthenticationError,
  404: NotFoundError,
  422: UnprocessableEntityError,
  429: RateLimitError,
  500: UnknownError,
  503: ServiceUnavailableError,
  504: TimeoutError,
  529: OverloadedError
}

for (const ErrorClass of [ContractError, ...Object.values(errorClasses)]) {
  // on the prototype, as Node's own errors have it: no field of each error
  Object.defineProperty(ErrorClass.prototype, 'name', { value: ErrorClass.name, writable: true, configurable: true })
}
