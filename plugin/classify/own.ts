/** This service's own failures as one of the nine. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError } from '../errors.js'
import type { Registry } from '../providers/index.js'
import { isObject, read, readList, readStatus, readText } from './read.js'
import { copyHeaders, headerReader } from './headers.js'
import { isProgrammingError, type NoAnswer } from './network.js'
import { retryAfter } from './retry.js'
import { providerOfClass } from './sdks.js'
import { ownCode } from './status.js'
import { violationsOf } from './violations.js'

/** Errors of Fastify and of resilience libraries whose code means something else than their status, if they have one. */
const codes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_HANDLER_TIMEOUT: 504,
  // opossum: the circuit is open, the bulkhead full, the breaker shut down; the action took too long
  EOPENBREAKER: 503,
  ESEMLOCKED: 503,
  ESHUTDOWN: 503,
  ETIMEDOUT: 504
}

/** The same, told by a field that is true: cockatiel. */
const marks: ReadonlyArray<readonly [field: string, code: ErrorCode]> = [
  ['isBrokenCircuitError', 503],
  ['isBulkheadRejectedError', 503],
  ['isTaskCancelledError', 504]
]

/** Statuses that mean that a downstream service is not available. */
const unavailable: ReadonlySet<number> = new Set([502, 503, 504, 529])

/** Headers of an error that may be of a response of this service; what else stands there is of no response of ours. */
const allowedHeaders = /^(?:retry-after|x-ratelimit-.+|ratelimit.*|allow|vary|link)$/

/** All fields of an error that states a status itself and has nothing that a call to another service would leave on it. */
const bareFields: ReadonlySet<string> = new Set(['statusCode', 'status', 'code', 'message', 'stack', 'cause', 'details'])

/**
 * True if an error states what it means for this service, so that nothing else need be asked: `http-errors`,
 * `@fastify/error`, `@hapi/boom`, NestJS's exceptions, whatever Fastify's validation found, and any other with a bare status.
 */
export function isServiceError (error: object, registry: Pick<Registry, 'classes'>): boolean {
  if (statedStatus(error) === undefined) return false
  return readText(error, 'name') === 'FastifyError' || typeof read(error, 'expose') === 'boolean' || read(error, 'isBoom') === true ||
    typeof read(error, 'getStatus') === 'function' || readText(error, 'validationContext') !== undefined ||
    (isBare(error) && providerOfClass(error, registry) === undefined)
}

function isBare (error: object): boolean {
  try {
    const fields = Object.keys(error)
    return fields.length > 0 && fields.every(field => bareFields.has(field))
  } catch {
    return false // a proxy that does not list its keys
  }
}

/**
 * What is thrown by this service, its framework and its libraries: anything with a `statusCode` or `status`, and anything at
 * all.
 *
 * @param replyStatus the status that the reply had, for an error that says none itself
 */
export function ownError (value: unknown, replyStatus?: number): ContractError {
  const stated = statedStatus(value)
  const code = codeOf(value, stated, replyStatus)
  const headers = read(value, 'headers') ?? read(read(value, 'output'), 'headers')
  return new errorClasses[code](code < 500 && isShown(value, stated) ? messageOf(value) : undefined, {
    headers: copyHeaders(headers, allowedHeaders),
    retryAfter: headers === undefined ? undefined : retryAfter(headerReader(headers)),
    cause: value
  })
}

/** A status that an error states itself, in one of the fields that libraries use. */
export function statedStatus (value: unknown): number | undefined {
  return readStatus(value, 'statusCode') ?? readStatus(value, 'status') ?? readStatus(read(value, 'output'), 'statusCode')
}

function codeOf (value: unknown, stated: number | undefined, replyStatus: number | undefined): ErrorCode {
  const known = codes[readText(value, 'code') ?? ''] ?? marks.find(([field]) => read(value, field) === true)?.[1]
  if (known !== undefined) return known
  if (isBrokenValidator(value, stated)) return 500
  // a response that does not fit its schema (@fastify/response-validation) has violations, too, and is a 500
  if (isViolation(value) && (stated ?? 400) < 500) return 422
  return ownCode(stated ?? replyStatus ?? 500)
}

function isViolation (value: unknown): boolean {
  return violationsOf(value) !== undefined || readText(value, 'code') === 'FST_ERR_VALIDATION'
}

/**
 * True if a validator threw what it should not have. Fastify hands that over as it does a violation, with the context, and
 * of one that is asynchronous with a 400 as well.
 */
function isBrokenValidator (value: unknown, stated: number | undefined): boolean {
  if (readText(value, 'validationContext') === undefined || violationsOf(value) !== undefined) return false
  return stated === 500 || isProgrammingError(value) || (stated === 400 && readText(value, 'code') !== 'FST_ERR_VALIDATION')
}

/**
 * True if the message of an error that becomes a 4xx was written for callers: it states the 4xx itself, or, where the reply
 * had it, is a text or a plain `Error`. What a language, a system, a database or a library throws by itself is not.
 */
function isShown (value: unknown, stated: number | undefined): boolean {
  if (stated !== undefined || violationsOf(value) !== undefined) return true
  if (typeof value === 'string') return true
  return readText(value, 'name') === 'Error' && read(value, 'constructor') === Error && read(value, 'code') === undefined
}

/** NestJS's exceptions have in their `response` what they say: a text, or a body with one message or several. */
function messageOf (value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const said = typeof read(value, 'getStatus') === 'function' ? read(value, 'response') : undefined
  const message = isObject(said) ? read(said, 'message') : undefined
  // Ajv says of a schema that is `$async` no more than that validation failed
  if (read(value, 'validation') === true) return violationsOf(value)
  const list = readList(message, mostMessages).filter(one => typeof one === 'string')
  return list.length > 0 ? list.join(', ') : readText(said, 'message') ?? readText(value, 'message') ?? violationsOf(value)
}

/** How many messages of one exception are shown. */
const mostMessages = 50

/**
 * A failed call to something that is no model provider: its 404 is not ours, and its message is not for our callers.
 *
 * @param answer its response, if there was one
 * @param reason why there was none
 */
export function downstreamError (
  answer: { readonly status: number | undefined } | undefined, reason: NoAnswer, cause: unknown
): ContractError {
  const code = answer === undefined ? unansweredCode(reason) : unavailable.has(answer.status ?? 500) ? 503 : 500
  return new errorClasses[code](undefined, { cause })
}

/** The status of a call without a response: too late, or not to be had. */
export function unansweredCode (reason: NoAnswer): 503 | 504 {
  return reason === 'timeout' || reason === 'aborted' ? 504 : 503
}
