/** Exit: no route for this method and path. Gives way to a handler that the app or a framework sets, before the plugin or after it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { NotFoundError } from '../errors.js'
import { sendError } from './send.js'
import { guardPayload } from './guard.js'

/** The prefixes that have a handler of ours, by server. */
const prefixes = new WeakMap<object, Set<string>>()

export function notFoundHandler (request: FastifyRequest, reply: FastifyReply): void {
  // the path alone: a query may hold what is no one else's business
  const path = request.url.split('?', 1)[0]
  const error = new NotFoundError(`Route ${request.method}:${path} not found`)
  sendError(request, reply, error, { thrown: error })
}

/**
 * Sets the handler of this scope's prefix. Where the app has one of its own, or sets one later, that one stays, and the guard
 * brings its responses inside the contract.
 */
export function setNotFound (app: FastifyInstance): void {
  const taken = prefixes.get(app.server) ?? new Set()
  prefixes.set(app.server, taken)
  if (taken.has(app.prefix)) return
  // Fastify takes one handler for each prefix, and none in its place as often as it is called (its types do not know). So ours is a hook,
  // the last before the default handler. An unknown route has all hooks that stand here, as a route has.
  const options = { preHandler: notFoundHandler, onSend: guardPayload }
  try {
    Reflect.apply(app.setNotFoundHandler, app, [options])
  } catch (error) {
    app.log.info({ reason: (error as Error).message }, 'humanloopErrors: the not-found handler of the app stays; the guard watches its responses')
    return
  }
  taken.add(app.prefix)
  if (app.prefix !== '') replaceLater(app)
}

/**
 * Lets a later handler replace ours in a scope with a prefix. There Fastify would declare the routes of the prefix a second time, and
 * the process would end. It replaces a handler where it reads no prefix; so it reads none. (There is no moment at which a scope is
 * complete, and a handler can still be set: ours cannot wait for it.)
 */
function replaceLater (app: FastifyInstance): void {
  const { setNotFoundHandler, prefix } = app
  const kPrefix = Object.getOwnPropertySymbols(app).find(({ description }) => description === 'fastify.routePrefix')!
  app.setNotFoundHandler = function (this: FastifyInstance, ...given: unknown[]) {
    const isHere = this.prefix === prefix // a scope within may have a prefix, and so a handler, of its own
    if (isHere) Reflect.set(this, kPrefix, '')
    try {
      return Reflect.apply(setNotFoundHandler, this, given) as FastifyInstance
    } finally {
      if (isHere) Reflect.set(this, kPrefix, prefix)
    }
  }
}
