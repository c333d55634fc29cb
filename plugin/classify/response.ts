/** Providers' answers that a caller has in hand, without an SDK's error around them. */
import type { ContractError } from '../errors.js'
import { displayName, type Registry } from '../providers/index.js'
import { toContractError } from './index.js'
import { answeredError } from './provider.js'
import { isErrorStatus } from './read.js'
import { bodyInTime } from './unread.js'

export interface ProviderResponse {
  /** The HTTP status; 200 or absent for a failure inside a body or an event of a stream. */
  status?: number | undefined
  /** `Headers`, or an object of names and values. */
  headers?: unknown
  /** The body: parsed, or its text. */
  body?: unknown
}

/**
 * A provider's answer that the caller has read already, as one of the nine errors.
 *
 * @param origin the provider's name or id
 * @example
 * ```ts
 * import { fromResponse } from 'fastify-humanloop-errors'
 *
 * const error = fromResponse('mistral', { status: 400, body: { message: 'Invalid model: x' } })
 * error.detail // { type: 'unprocessable_entity_error', message: 'Invalid model: x', code: 422, origin: 'Mistral' }
 * ```
 */
export function fromResponse (origin: string, response: ProviderResponse = {}): ContractError {
  return responseError(origin, response)
}

/** The same for the providers that are known in a scope. */
export function responseError (origin: string, { status, headers, body }: ProviderResponse, registry?: Registry): ContractError {
  return answeredError(displayName(origin, registry), { status: isErrorStatus(status) ? status : undefined, headers, body }, { registry })
}

/**
 * A provider's answer to `fetch`, as one of the nine errors; reads at most 64 KiB of its body, for at most a second, and
 * cancels the rest. A body that cannot be read leaves the status to tell.
 *
 * @param origin the provider's name or id
 * @param response with a body that was not read yet
 * @example
 * ```ts
 * import { fromFetch } from 'fastify-humanloop-errors'
 *
 * app.post('/chat', async () => {
 *   const response = await fetch('https://api.deepseek.com/chat/completions', { method: 'POST' })
 *   if (!response.ok) throw await fromFetch('deepseek', response)
 *   return response.json()
 * })
 * ```
 */
export async function fromFetch (origin: string, response: Response): Promise<ContractError> {
  const { status, headers } = response
  try {
    return fromResponse(origin, { status, headers, body: await bodyInTime(response) })
  } catch (error) {
    return isErrorStatus(status) ? fromResponse(origin, { status, headers }) : toContractError(error, { origin })
  }
}
