/** What fails in a stream, as one of the nine: attributed as by `withOrigin`, logged and told as every error answer. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { read } from '../classify/read.js'
import { fromResponse } from '../classify/response.js'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { hostOfFailure } from '../detect-origin.js'
import { UnknownError, type ContractError } from '../errors.js'
import { report } from '../response/report.js'
import { responseTo } from '../response/response.js'
import { errorOfThrown } from '../response/thrown-error.js'
import { providerAt } from '../providers/index.js'
import { settingsOf } from '../scope.js'
import type { DialectName } from './dialects.js'
import { errorEventsIn, type ErrorEvent } from './error-events.js'
import type { Event } from './event.js'
import type { Failures } from './event-stream.js'

/** @param origin the provider that is called, where the caller says it */
export function failuresOf (request: FastifyRequest, reply: FastifyReply, dialect: DialectName, origin: string | undefined): Failures {
  const errorEvents = errorEventsIn(dialect)
  return {
    unfit: thrown => new UnknownError(undefined, { origin: settingsOf(request.server).origin, cause: thrown }),
    told: event => {
      const found = errorEvents.find(({ matches }) => matches(event))
      return found === undefined ? undefined : errorIn(event, found, origin, request)
    },
    begun: async thrown => {
      const settings = settingsOf(request.server)
      const response = responseTo(await explained(thrown, request, origin), settings, request.id)
      report(response, { thrown, begun: true }, { settings, log: request.log, request, isDisconnected: reply.raw.destroyed })
      return response.error.detail
    }
  }
}

function errorIn ({ data }: Event, { family }: ErrorEvent, origin: string | undefined, request: FastifyRequest): Error {
  const error = read(data, 'error')
  if (error instanceof Error) return error
  const host = hostOfFailure(request, undefined)
  const provider = origin ?? (host === undefined ? undefined : providerAt(host)?.name) ?? family
  return provider === undefined ? new UnknownError(undefined, { cause: error }) : fromResponse(provider, { body: data })
}

/** Anything that was thrown, with what is known of it here. */
export async function explained (thrown: unknown, request: FastifyRequest, origin: string | undefined): Promise<ContractError> {
  const response = unreadResponse(thrown)
  return errorOfThrown(thrown, request, { origin, unread: response && await unreadBody(response) })
}
