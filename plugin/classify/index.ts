/**
 * Any value → ContractError. One entry, which finds out in this order: is it one of ours, does it state a status of its
 * own, did a call to a provider fail, is it this service's own.
 */
import { ContractError } from '../errors.js'
import { builtInRegistry, displayName } from '../providers/index.js'
import { failedCall, linksOf } from './call.js'
import { chainOf } from './chain.js'
import type { AttributionOptions, Circumstances } from './circumstances.js'
import { contractErrorIn } from './contract.js'
import { downstreamError, isServiceError, ownError, statedStatus } from './own.js'
import { answeredError, unansweredError } from './provider.js'
import { isObject } from './read.js'

/**
 * Any value as one of the nine errors. Never throws, whatever the value does when it is read.
 *
 * @param value what was thrown: an error of any SDK or library, a string, null, anything
 * @param options `origin`: the model provider that was called, where the caller knows it
 * @returns the value itself where it is a ContractError; else one whose `cause` is the value
 *
 * @example
 * ```ts
 * import { toContractError } from 'fastify-humanloop-errors'
 *
 * toContractError({ statusCode: 409, message: 'Already there.' }).detail
 * // { type: 'unprocessable_entity_error', message: 'Already there.', code: 422, origin: 'Humanloop' }
 * ```
 */
export function toContractError (value: unknown, { origin }: AttributionOptions = {}): ContractError {
  return classify(value, { origin })
}

/** The same with what else is known. */
export function classify (value: unknown, given: Circumstances): ContractError {
  const { replyStatus, unread, hostOfFailure, registry = builtInRegistry() } = given
  if (given.origin === undefined) {
    if (ContractError.isOwn(value)) return value
    if (isObject(value) && !(value instanceof ContractError) && isServiceError(value, registry)) return ownError(value)
  }
  const origin = given.origin === undefined ? undefined : displayName(given.origin, registry)
  const chain = chainOf(value)
  const ours = contractErrorIn(chain, origin)
  if (value instanceof ContractError && ours !== undefined) return ours
  const { links, isMistaken } = linksOf(chain, registry)
  // who wraps a failure in an error that states a status of its own has decided
  const decides = links[0]?.sdk === undefined && links[0]?.provider === undefined && statedStatus(value) !== undefined
  if (ours !== undefined && !decides) return ours
  if (origin === undefined && decides) return ownError(value)

  const call = failedCall(links, isMistaken ? { unread, registry } : { origin, unread, hostOfFailure, registry })
  if (call === undefined) return ownError(value, replyStatus)
  if (call.provider === undefined) return downstreamError(call.answer, call.reason, value)
  if (call.answer !== undefined) return answeredError(call.provider, call.answer, { registry, cause: value })
  return unansweredError(call.provider, call.reason, value)
}
