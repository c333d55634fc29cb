/** Exit: no route for this method and path. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { NotFoundError } from '../errors.js'
import { sendError } from './send.js'
import { guardPayload } from './guard.js'

/** Fastify gives an unknown route the hooks of these options, as it does for a route; its types name two of them only. */
const options: object = { onSend: guardPayload }

export function notFoundHandler (request: FastifyRequest, reply: FastifyReply): void {
  // the path alone: a query may hold what is no one else's business
  const path = request.url.split('?', 1)[0]
  const error = new NotFoundError(`Route ${request.method}:${path} not found`)
  sendError(request, reply, error, { thrown: error })
}

/**
 * Sets the handler of this scope. Where the app has set one of its own, that one stays, and the guard brings what it
 * answers inside the contract.
 */
export function setNotFound (app: FastifyInstance): void {
  try {
    app.setNotFoundHandler(options, notFoundHandler)
  } catch (error) {
    app.log.info({ reason: (error as Error).message }, 'humanloopErrors: the not-found handler of the app stays; the guard watches its answers')
  }
}
