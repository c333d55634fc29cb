/**
 * Any value → ContractError. One entry, which finds out in this order: is it one of ours, does it state a status of its
 * own, did a call to a provider fail, is it this service's own.
 */
import { ContractError } from '../errors.js'
import { displayName } from '../providers/index.js'
import { decidesItself, failedCall } from './call.js'
import { chainOf } from './chain.js'
import type { AttributionOptions, Circumstances } from './circumstances.js'
import { contractErrorIn } from './contract.js'
import { clientSentence } from './network.js'
import { downstreamError, ownError } from './own.js'
import { answeredError, unansweredError } from './provider.js'

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
export function classify (value: unknown, { origin: given, replyStatus, unread, hostOfFailure }: Circumstances): ContractError {
  if (given === undefined && ContractError.isOwn(value)) return value
  const origin = given === undefined ? undefined : displayName(given)
  const chain = chainOf(value)
  const ours = contractErrorIn(chain, origin)
  if (ours !== undefined && (value instanceof ContractError || !decidesItself(chain[0]))) return ours
  if (origin === undefined && decidesItself(chain[0])) return ownError(value, replyStatus)

  const call = failedCall(chain, { origin, unread, hostOfFailure })
  if (call === undefined) return ownError(value, replyStatus)
  if (call.provider === undefined) return downstreamError(call.answer?.status, call.reason, value)
  if (call.answer !== undefined) return answeredError(call.provider, call.answer, value)
  return unansweredError(call.provider, call.reason, clientSentence(chain[0]), value)
}
