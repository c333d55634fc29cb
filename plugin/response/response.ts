/** From a ContractError to the response: a value, which the exits write each in their way. */
import { STATUS_CODES } from 'node:http'
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import type { ContractError } from '../errors.js'
import type { Settings } from '../options.js'
import { displayName } from '../providers/index.js'
import { headersOf, type ResponseHeaders } from './headers.js'

/** An error response, complete. */
export interface ErrorResponse {
  /** The error as it leaves: with its origin, its message through the option `redact`. */
  readonly error: ContractError
  /** True if this service failed, not a provider. */
  readonly isService: boolean
  readonly status: ErrorCode
  readonly reasonPhrase: string
  readonly headers: ResponseHeaders
  readonly body: string
  /** What the option `redact` threw; the message is withheld then. */
  readonly redactFailure: unknown
}

/**
 * Makes the response to an error.
 *
 * @param given what is to be told; it is not changed
 * @param settings those of the scope that responds
 * @param requestId absent where there was no request
 */
export function responseTo (given: ContractError, settings: Settings, requestId?: string): ErrorResponse {
  const { redaction, authenticate: challenge } = settings
  const { message, failure } = redaction === undefined ? noRedaction : redacted(given.detail.message, redaction)
  const origin = originOf(given, settings)
  const error = given.origin === origin && message === undefined ? given : given.with({ origin, message })
  const isService = origin === settings.origin
  const status = error.statusCode
  const body = bodyOf(error)
  return {
    error,
    isService,
    status,
    reasonPhrase: reasonPhraseOf(status),
    headers: headersOf({ error, isService, bodyBytes: Buffer.byteLength(body), challenge, requestId }),
    body,
    redactFailure: failure
  }
}

/** Finds the name of who failed: this service where no other is known; an id that only this scope knows becomes its display name. */
function originOf ({ hasOrigin, origin }: ContractError, settings: Settings): string {
  if (!hasOrigin) return settings.origin
  return settings.registry === undefined ? origin : displayName(origin, settings.registry)
}

const noRedaction: { message?: string, failure?: unknown } = {}

/** A text through the user's own redaction; nothing of it where that fails. */
export function redacted (given: string, redact: NonNullable<Settings['redact']>): { message: string, failure?: unknown } {
  try {
    const text: unknown = redact(given)
    if (typeof text === 'string') return { message: text }
    forgetPromise(text)
    return { message: '', failure: new TypeError(`it returned no string but ${typeof text}`) }
  } catch (failure) {
    return { message: '', failure: failure ?? new TypeError('it threw nothing') }
  }
}

/** Takes a promise that a function returned which may return none: that it rejects must not end the process. */
export function forgetPromise (value: unknown): void {
  if (value instanceof Promise) value.catch(() => {})
}

/** JSON.stringify(error), in a third of its time: `type` and `code` are of the table and need no escaping. */
function bodyOf ({ detail: { type, message, code, origin } }: ContractError): string {
  return `{"detail":{"type":"${type}","message":${JSON.stringify(message)},"code":${code},"origin":${JSON.stringify(origin)}}}`
}

/** RFC 9110 §15; Node knows none for 529. */
function reasonPhraseOf (code: ErrorCode): string {
  return STATUS_CODES[code] ?? errorStatuses[code].title
}
