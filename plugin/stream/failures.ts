/** What fails in a stream, as one of the nine: attributed as by `withOrigin`, logged and told as every error answer. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { classify } from '../classify/index.js'
import { fromResponse } from '../classify/response.js'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { hostOfFailure } from '../detect-origin.js'
import { UnknownError, type ContractError } from '../errors.js'
import { inScope, isOurs, tellOf } from '../exits/answer.js'
import { providerAt } from '../providers/index.js'
import { settingsOf } from '../scope.js'
import type { Dialect } from './dialects.js'
import type { Failures } from './event-stream.js'

/** @param origin the provider that is called, where the caller says it */
export function failuresOf (request: FastifyRequest, reply: FastifyReply, { family }: Dialect, origin: string | undefined): Failures {
  return {
    unfit: thrown => new UnknownError(undefined, { origin: settingsOf(request.server).origin, cause: thrown }),
    told: ({ data }) => {
      const host = hostOfFailure(request, undefined)
      const provider = origin ?? (host === undefined ? undefined : providerAt(host)?.name) ?? family!
      return fromResponse(provider, { body: data })
    },
    begun: async thrown => {
      const settings = settingsOf(request.server)
      const answer = await explained(thrown, request, origin)
      const error = inScope(answer, settings, request.log)
      tellOf(request, reply, error, isOurs(answer, settings), { thrown, begun: true })
      return error.detail
    }
  }
}

/** Anything that was thrown, with what is known of it here. */
export async function explained (thrown: unknown, request: FastifyRequest, origin: string | undefined): Promise<ContractError> {
  const response = unreadResponse(thrown)
  return classify(thrown, {
    origin,
    unread: response && await unreadBody(response),
    hostOfFailure: status => hostOfFailure(request, status)
  })
}
