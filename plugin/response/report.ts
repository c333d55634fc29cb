/** Tells of an error response: one line in the log, and the user's `onError`. */
import type { FastifyRequest } from 'fastify'
import { chainOf } from '../classify/chain.js'
import { noAnswer } from '../classify/network.js'
import type { ContractError } from '../errors.js'
import type { LineLog } from '../log/refusal-log.js'
import { safeError, type SafeError } from '../log/safe-error.js'
import type { Happened as HappenedForUsers, OnError, Settings } from '../options.js'
import type { ErrorResponse } from './response.js'

/** What led to a response: something was thrown, or a handler sent an error response by itself. */
export type Happened = Thrown | Sent

export interface Thrown {
  readonly thrown: unknown
  /** True if a stream had begun by then. */
  readonly begun?: boolean
  /** What had led to another error response, which a hook kept from leaving by what it threw. */
  readonly inPlaceOf?: Happened | undefined
}

export interface Sent {
  readonly sentStatus: number
  /** True if it had the contract's shape; else it was replaced. */
  readonly isContract: boolean
  /** Such as `GET /projects/:id`. */
  readonly route: string
  /** The message that the caller is not told. */
  readonly withheld?: string | undefined
}

/** Where to tell of it. */
export interface Listeners {
  readonly settings: Settings
  readonly log: LineLog
  /** Absent where there was none, as with malformed HTTP: `onError` is not called then. */
  readonly request?: FastifyRequest | undefined
  /** True if the client is gone. */
  readonly isDisconnected?: boolean
}

type Level = 'info' | 'warn' | 'error'

/** A line of the log: built of named fields, for the level that is on. */
interface Line { readonly level: Level, readonly fields: () => object, readonly msg: string }

/** Logs an error response and calls `onError`. Neither can change the response, whatever they do. */
export function report (response: ErrorResponse, happened: Happened, { settings, log, request, isDisconnected = false }: Listeners): void {
  const { error, redactFailure } = response
  if (redactFailure !== undefined) logFailure(log, redactFailure, "humanloopErrors: option 'redact' failed; the message is withheld")
  const line = isDisconnected && isOfClient(happened, request)
    ? disconnected({ origin: error.origin })
    : lineOf(response, happened, settings.redact)
  write(log, line)
  if (request === undefined || settings.onError === undefined) return
  const told: HappenedForUsers = 'thrown' in happened
    ? { begun: happened.begun === true, thrown: happened.thrown, sentStatus: undefined }
    : { begun: false, thrown: undefined, sentStatus: happened.sentStatus }
  for (const onError of listOf(settings.onError)) tell(onError, error, request, told)
}

function listOf (onError: OnError | readonly OnError[]): readonly OnError[] {
  return typeof onError === 'function' ? [onError] : onError
}

/** True if a client that is gone is what failed: its upload broke off, or the call that was made for it was aborted. */
function isOfClient (happened: Happened, request: FastifyRequest | undefined): boolean {
  return 'thrown' in happened && (request?.raw.complete === false || noAnswer(chainOf(happened.thrown)) === 'aborted')
}

/**
 * Our 5xx at `error` with the error and its causes, a provider's failure at `warn` with its status and request id, our 4xx
 * at `info`; a response that was replaced at `warn` at the least, with the route.
 */
function lineOf ({ error, isService }: ErrorResponse, happened: Happened, redact: Settings['redact']): Line {
  const { type, code, message, origin } = error.detail
  const level = !isService ? 'warn' : code >= 500 ? 'error' : 'info'
  if ('thrown' in happened) {
    const { thrown, begun, inPlaceOf } = happened
    const { status, requestId } = error.upstream ?? {}
    return {
      level,
      fields: () => ({
        origin,
        type,
        code,
        begun,
        ...!isService && { upstreamStatus: status, upstreamRequestId: requestId },
        ...level !== 'info' && status === undefined && { err: safeErrorOf(thrown, redact) },
        ...inPlaceOf !== undefined && 'thrown' in inPlaceOf && { inPlaceOf: safeErrorOf(inPlaceOf.thrown, redact) }
      }),
      msg: message
    }
  }
  const { isContract, sentStatus, route, withheld } = happened
  if (isContract) return { level, fields: () => ({ origin, type, code }), msg: message }
  return {
    level: level === 'error' ? 'error' : 'warn',
    fields: () => ({
      origin, type, code, route, status: sentStatus, ...withheld !== undefined && { withheld: withRedact(withheld, redact) }
    }),
    msg: 'an error answer outside the contract was replaced'
  }
}

/** Logs that the client is gone, so that nothing can be sent. */
export function logDisconnected (log: LineLog, fields: { origin: string | undefined, begun?: boolean }): void {
  write(log, disconnected(fields))
}

/** @param fields `begun` says that a part of a stream was sent */
function disconnected (fields: object): Line {
  return { level: 'info', fields: () => fields, msg: 'the client left before it had an answer' }
}

/** Logs what failed beside a response: an option of the user's, or a hook. */
export function logFailure (log: LineLog, failure: unknown, msg: string): void {
  write(log, { level: 'error', fields: () => ({ err: safeError(failure) }), msg })
}

/** Writes a line. A logger that throws (a serializer of the user's that fails) costs the line its fields, not the response. */
function write (log: LineLog, { level, fields, msg }: Line): void {
  try {
    if (isOn(log, level)) log[level](fields(), msg)
  } catch (failure) {
    writeBare(log, level, msg, failure)
  }
}

function writeBare (log: LineLog, level: Level, msg: string, failure: unknown): void {
  try {
    log[level](msg)
  } catch {
    process.emitWarning(`humanloopErrors: the logger failed: ${safeError(failure).message}`, { code: 'HUMANLOOP_ERRORS_LOGGER' })
  }
}

/** True unless a logger says that it drops the line; not every logger tells (`isLevelEnabled` is pino's). */
function isOn (log: LineLog & { isLevelEnabled?: (level: string) => boolean }, level: Level): boolean {
  return log.isLevelEnabled?.(level) ?? true
}

/** Puts a text through the user's redaction; one for which it fails is withheld. */
function withRedact (text: string, redact: Settings['redact']): string {
  try {
    return redact === undefined ? text : String(redact(text))
  } catch {
    return '[withheld]' // the response's own line says that it failed
  }
}

function safeErrorOf (thrown: unknown, redact: Settings['redact']): SafeError {
  const error = safeError(thrown)
  return redact === undefined ? error : redacted(error, redact)
}

function redacted ({ cause, ...fields }: SafeError, redact: Settings['redact']): SafeError {
  const error: SafeError = Object.assign(Object.create(null), fields, {
    message: withRedact(fields.message, redact), stack: withRedact(fields.stack, redact)
  })
  if (cause !== undefined) error.cause = redacted(cause, redact)
  return error
}

/** Calls the user's `onError`; what fails in it changes no response. */
function tell (onError: OnError, error: ContractError, request: FastifyRequest, happened: HappenedForUsers): void {
  const failed = (failure: unknown): void => logFailure(request.log, failure, "humanloopErrors: option 'onError' failed")
  try {
    Promise.resolve(onError(error, request, happened)).catch(failed)
  } catch (failure) {
    failed(failure)
  }
}
