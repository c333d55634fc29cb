/** This service's own failures as one of the nine. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError, type ContractErrorOptions } from '../errors.js'
import { isObject, read, readList, readStatus, readText } from './read.js'
import { headerReader } from './headers.js'
import type { NoAnswer } from './network.js'
import { retryAfter } from './retry.js'
import { ownCode } from './status.js'

/** Fastify's errors whose status means something else in the contract. */
const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_VALIDATION: 422,
  FST_ERR_HANDLER_TIMEOUT: 504
}

/** Statuses by which another service says that it is not there. */
const unavailable: ReadonlySet<number> = new Set([502, 503, 504, 529])

/** How many violations a message lists. */
const mostViolations = 50

/**
 * What is thrown by this service, its framework and its libraries: `http-errors`, `@fastify/error`, `@fastify/sensible`,
 * `@hapi/boom`, anything with a `statusCode` or `status`, and anything at all.
 *
 * @param replyStatus the status that the reply had, for an error that says none itself
 */
export function ownError (value: unknown, replyStatus?: number): ContractError {
  const boom = read(value, 'output')
  const stated = statedStatus(value)
  const status = stated ?? replyStatus ?? 500
  // a response that does not fit its schema (@fastify/response-validation) has violations, too, and is a 500
  const violations = stated === undefined || stated < 500 ? violationsOf(value) : undefined
  const code = fastifyCodes[readText(value, 'code') ?? ''] ?? (violations === undefined ? ownCode(status) : 422)
  const header = headerReader(read(value, 'headers') ?? read(boom, 'headers'))
  return new errorClasses[code](code < 500 ? messageOf(value) ?? violations : undefined, {
    headers: (read(value, 'headers') ?? read(boom, 'headers')) as ContractErrorOptions['headers'],
    retryAfter: retryAfter(header),
    cause: value
  })
}

/** A status that an error states itself, in one of the fields that libraries use. */
export function statedStatus (value: unknown): number | undefined {
  return readStatus(value, 'statusCode') ?? readStatus(value, 'status') ?? readStatus(read(value, 'output'), 'statusCode')
}

/**
 * A failed call to something that is no model provider: its 404 is not ours, and its sentence is not for our callers.
 *
 * @param status of its answer
 * @param reason why there was none
 */
export function downstreamError (status: number | undefined, reason: NoAnswer, cause: unknown): ContractError {
  return new errorClasses[downstreamCode(status, reason)](undefined, { cause })
}

function downstreamCode (status: number | undefined, reason: NoAnswer): ErrorCode {
  if (status !== undefined) return unavailable.has(status) ? 503 : 500
  return reason === 'unreachable' ? 503 : 504
}

/** The violations that a validator reported, said where and what. */
function violationsOf (value: unknown): string | undefined {
  const validation = read(value, 'validation')
  if (!isObject(validation)) return undefined
  const context = readText(value, 'validationContext') ?? 'request'
  return readList(validation, mostViolations)
    .map(violation => `${context}${readText(violation, 'instancePath') ?? ''} ${readText(violation, 'message') ?? 'is invalid'}`)
    .join(', ') || `${context} is invalid`
}

function messageOf (value: unknown): string | undefined {
  return typeof value === 'string' ? value : readText(value, 'message')
}
