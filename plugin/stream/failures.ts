/** What fails in a stream, as one of the nine: attributed as by `withOrigin`, logged and told as every error answer. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { read } from '../classify/read.js'
import { responseError } from '../classify/response.js'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { hostOfFailure } from '../detect-origin.js'
import { UnknownError, type ContractError } from '../errors.js'
import { report } from '../response/report.js'
import { responseTo } from '../response/response.js'
import { errorOfThrown } from '../response/thrown-error.js'
import { providerAt } from '../providers/index.js'
import { settingsOf } from '../scope.js'
import { contractErrorOf, errorEventIn, type ErrorEvent } from './error-events.js'
import type { Event } from './event.js'
import type { Failures } from './event-stream.js'

/** @param origin the provider that is called, where the caller says it */
export function failuresOf (request: FastifyRequest, reply: FastifyReply, origin: string | undefined): Failures {
  return {
    unfit: thrown => new UnknownError(undefined, { origin: settingsOf(request.server).origin, cause: thrown }),
    told: event => {
      const found = errorEventIn(event, settingsOf(request.server).registry)
      return found === undefined ? undefined : errorIn(event, found, origin, request)
    },
    cut: () => new ConnectionLost(providerOf(request, origin)),
    begun: async thrown => {
      const settings = settingsOf(request.server)
      const response = responseTo(await explained(thrown, request, origin), settings, request.id)
      report(response, { thrown, begun: true }, { settings, log: request.log, request, isDisconnected: reply.raw.destroyed })
      return response.error.detail
    }
  }
}

/** A provider's stream that ended before it was complete; told by its code as a connection that was lost. */
class ConnectionLost extends Error {
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE'

  constructor (provider: string | undefined) {
    super(`The connection to ${provider ?? 'the source'} was lost before its response was complete.`)
  }
}

function errorIn ({ data }: Event, found: ErrorEvent, origin: string | undefined, request: FastifyRequest): Error {
  // of the AI SDK's parts, or AWS's exception behind its name; as text they are empty
  const error = ['error', ...Object.keys(Object(found.body)).slice(0, 1)].map(key => read(data, key)).find(isError)
  if (error !== undefined) return error
  const provider = providerOf(request, origin) ?? found.provider
  return contractErrorOf(found) ??
    (provider === undefined
      ? new UnknownError(undefined, { cause: found.body })
      : responseError(provider, { body: found.body }, settingsOf(request.server).registry))
}

function isError (value: unknown): value is Error {
  try {
    return value instanceof Error
  } catch {
    return false // a proxy that does not tell
  }
}

function providerOf (request: FastifyRequest, origin: string | undefined): string | undefined {
  const host = origin === undefined ? hostOfFailure(request, undefined) : undefined
  return origin ?? (host === undefined ? undefined : providerAt(host, settingsOf(request.server).registry))
}

/** Anything that was thrown, with what is known of it here. */
export async function explained (thrown: unknown, request: FastifyRequest, origin: string | undefined): Promise<ContractError> {
  const response = unreadResponse(thrown)
  return errorOfThrown(thrown, request, { origin, unread: response && await unreadBody(response) })
}
