/** Exit: no route for this method and path. Gives way to a handler that the app or a framework sets, before the plugin or after it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { read } from '../classify/read.js'
import { NotFoundError } from '../errors.js'
import { sendAnswer } from './answer.js'
import { guardPayload } from './guard.js'

/** The prefixes that have a handler of ours, by server. */
const prefixes = new WeakMap<object, Set<string>>()

export function notFoundHandler (request: FastifyRequest, reply: FastifyReply): void {
  // the path alone: a query may hold what is no one else's business
  const path = request.url.split('?', 1)[0]
  sendAnswer(request, reply, new NotFoundError(`Route ${request.method}:${path} not found`))
}

/**
 * Sets the handler of this scope's prefix. Where the app has one of its own, or sets one later, that one stays, and the guard
 * brings its responses inside the contract.
 */
export function setNotFound (app: FastifyInstance): void {
  const taken = prefixes.get(app.server) ?? new Set()
  prefixes.set(app.server, taken)
  if (taken.has(app.prefix)) return
  try {
    // Fastify takes one handler for each prefix, and none in its place as often as it is called (its types do not know). So ours is a
    // hook, the last before the default handler. An unknown route has all hooks that stand here, as a route has.
    Reflect.apply(app.setNotFoundHandler, app, [{ preHandler: notFoundHandler, onSend: guardPayload }])
    taken.add(app.prefix)
  } catch (error) {
    app.log.info({ reason: (error as Error).message }, 'humanloopErrors: the not-found handler of the app stays; the guard watches its responses')
  }
  watchLater(app)
}

/**
 * Makes the guard the last hook of handlers that are set later, and lets one replace ours. No option or event of Fastify's does either:
 *
 * - An unknown route has no `onRoute`, at which routes get the guard, and hooks that are added later run after that of the scope.
 * - In a scope with a prefix Fastify would declare the routes of the prefix a second time, and the process would end. It replaces a
 *   handler where it reads no prefix; so it reads none. Ours cannot wait until nobody sets one: a scope has no end that is told.
 */
function watchLater (app: FastifyInstance): void {
  const { setNotFoundHandler, prefix, server } = app
  const kPrefix = Object.getOwnPropertySymbols(app).find(({ description }) => description === 'fastify.routePrefix')!
  app.setNotFoundHandler = function (this: FastifyInstance, ...given: unknown[]) {
    const [options, handler] = typeof given[0] === 'function' ? [undefined, given[0]] : given
    const onSend = [read(options, 'onSend') ?? [], guardPayload].flat()
    const isOurs = this.prefix === prefix && prefixes.get(server)!.has(prefix) // a scope within may have a prefix of its own
    if (isOurs) Reflect.set(this, kPrefix, '')
    try {
      return Reflect.apply(setNotFoundHandler, this, [{ ...options as object, onSend }, handler]) as FastifyInstance
    } finally {
      if (isOurs) Reflect.set(this, kPrefix, prefix)
    }
  }
}
