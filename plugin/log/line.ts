/** One line for each error answer: what a person needs at three in the morning, and nothing that must not be in a log. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { chainOf } from '../classify/chain.js'
import { noAnswer } from '../classify/network.js'
import type { ContractError } from '../errors.js'
import { safeError } from './safe-error.js'

/**
 * Our 5xx at `error` with the error and its causes, a provider's failure at `warn` with what the provider said, our 4xx at
 * `info`. A call that was aborted because its client left is no failure: `info`.
 *
 * @param error the answer
 * @param ours whether this service failed, not a provider
 * @param thrown what happened, where it is not the answer itself
 */
export function logAnswer (request: FastifyRequest, reply: FastifyReply, error: ContractError, ours: boolean, thrown: unknown): void {
  const { type, code, message, origin } = error.detail
  if (reply.raw.destroyed && noAnswer(chainOf(thrown)) === 'aborted') {
    request.log.info({ origin }, 'the client left before it had an answer')
  } else if (!ours) {
    const { status, requestId } = error.upstream ?? {}
    const line = { origin, type, code, upstreamStatus: status, upstreamRequestId: requestId }
    request.log.warn(status === undefined ? { ...line, err: safeError(thrown) } : line, message)
  } else if (code >= 500) {
    request.log.error({ origin, type, code, err: safeError(thrown) }, message)
  } else {
    request.log.info({ origin, type, code }, message)
  }
}
