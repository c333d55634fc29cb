/** Exit: no route for this method and path. Gives way to a handler that the app or a framework sets, before the plugin or after it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { read } from '../classify/read.js'
import { NotFoundError } from '../errors.js'
import { settingsAround } from '../scope.js'
import { guardLast } from './guard.js'
import { sendError } from './send.js'

/** The prefixes for which a handler of ours was set, by server. */
const prefixes = new WeakMap<object, Set<string>>()

/** The scopes for which a handler of ours stands. */
const ours = new WeakSet<object>()

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
  const holder = holderOf(app)
  try {
    app.setNotFoundHandler(guarded(), notFoundHandler)
    taken.add(app.prefix)
    ours.add(holder)
  } catch (error) {
    app.log.info(
      { reason: (error as Error).message }, 'humanloopErrors: the not-found handler of the app stays; the guard watches its responses'
    )
  }
  watchLater(holder)
}

/**
 * Lets a handler that is set later replace ours, and makes the guard its last hook. Fastify has no option or event for either, so that
 * this is done where it is set:
 *
 * - Fastify takes one handler for each prefix and refuses the second; so it is told that there is none. Ours cannot wait until nobody
 *   sets one: that a scope is complete is told nobody before it is too late.
 * - In a scope with a prefix it would declare the routes of the prefix again, and the process would end. It replaces the handler alone
 *   where it reads no prefix; so it reads none.
 * - Routes get the guard in `onRoute`, which unknown ones do not have.
 */
function watchLater (holder: FastifyInstance): void {
  const { setNotFoundHandler, prefix } = holder
  holder.setNotFoundHandler = function (this: FastifyInstance, ...given: unknown[]) {
    const [options, handler] = typeof given[0] === 'function' ? [undefined, given[0]] : given
    const isReplaced = holderOf(this) === holder && ours.delete(holder)
    if (isReplaced) {
      Reflect.set(holder, keyOf(holder, 'canSetNotFoundHandler'), true)
      Reflect.set(this, keyOf(this, 'routePrefix'), '')
    }
    try {
      return Reflect.apply(setNotFoundHandler, this, [
        settingsAround(this) === undefined ? { ...options as object } : guarded(options), handler
      ])
    } finally {
      if (isReplaced) Reflect.set(this, keyOf(this, 'routePrefix'), prefix)
    }
  }
}

/** The options of a handler with the guard behind their hooks: an unknown route has them all. Fastify's types name two of them only. */
function guarded (options?: unknown): object {
  return { ...options as object, onSend: [read(options, 'onSend') ?? [], guardLast].flat() }
}

/** The scope for which a handler holds that is set in `scope`: the nearest around it that has a prefix, or the root. */
function holderOf (scope: FastifyInstance): FastifyInstance {
  return keyOf(scope, 'canSetNotFoundHandler') === undefined ? holderOf(Object.getPrototypeOf(scope)) : scope
}

/** A property that Fastify keeps to itself, of this very scope. */
function keyOf (scope: FastifyInstance, name: string): symbol {
  return Object.getOwnPropertySymbols(scope).find(({ description }) => description === `fastify.${name}`)!
}
