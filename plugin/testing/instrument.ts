/**
 * What the check sees of an app from inside, and its lock on the handlers. From the import of this module on, every Fastify
 * app that is created gets three hooks by the channel that Fastify publishes for this; a request that is not the check's
 * passes them as if they were not there.
 */
import { subscribe } from 'node:diagnostics_channel'
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'

/** A route as it was declared. Fastify goes on changing `options`: the `url` is what it was for this route. */
export interface DeclaredRoute {
  readonly scope: FastifyInstance
  readonly url: string
  readonly options: RouteOptions & { prefix?: string }
}

/** How far a request of the check came. */
export interface Passage {
  /** Whether it only asks where it would arrive: it is answered before any hook of the app. */
  readonly asks: boolean
  /** As the first hook saw it; undefined where it came to no hook at all. */
  request?: FastifyRequest
  /** Something was thrown for it. */
  thrown: boolean
  /** It stood before the handler, which was not called. */
  letThrough: boolean
}

const declared = new WeakMap<object, DeclaredRoute[]>()

const header = 'x-error-contract-check'

/** Begins the value of that header: nobody else's request is stopped. */
const secret = randomUUID()

const passages = new Map<string, Passage>()

/** The lock of each handler, and of each lock itself: it needs no other. */
const locks = new WeakMap<RouteHandlerMethod, RouteHandlerMethod>()

subscribe('fastify.initialization', message => {
  const { fastify: app } = message as { fastify: FastifyInstance }
  const routes: DeclaredRoute[] = []
  declared.set(app, routes)

  app.addHook('onRoute', function (options) {
    routes.push({ scope: this, url: options.url, options })
    keepLocked(options)
  })

  app.addHook('onRequest', (request, reply, done) => {
    const passage = passageOf(request)
    if (passage === undefined) return done()
    passage.request = request
    if (!passage.asks) return done()
    reply.hijack()
    reply.raw.writeHead(204).end()
  })

  app.addHook('onError', (request, _reply, _error, done) => {
    const passage = passageOf(request)
    if (passage !== undefined) passage.thrown = true
    done()
  })
})

/** Hooks of the app that come after ours may set another handler, or wrap the one they read: whatever is set is locked. */
function keepLocked (options: RouteOptions): void {
  let handler = locked(options.handler)
  Object.defineProperty(options, 'handler', {
    configurable: true,
    enumerable: true,
    get: () => handler,
    set: (given: RouteHandlerMethod) => { handler = locked(given) }
  })
}

/** A handler that is never called for a request of the check. What the hooks before it took is given back as after any answer. */
function locked (handler: RouteHandlerMethod): RouteHandlerMethod {
  const known = locks.get(handler)
  if (known !== undefined) return known
  const lock: RouteHandlerMethod = function (request, reply) {
    const passage = passageOf(request)
    if (passage === undefined) return handler.call(this, request, reply)
    passage.letThrough = true
    return reply.code(204).send()
  }
  locks.set(handler, lock).set(lock, lock)
  return lock
}

/**
 * Read from the raw headers: validation may have removed a header that the schema does not name. A websocket has none.
 *
 * @returns one that nobody reads where nobody waits for the answer any more: the request stays locked out, however late it comes
 */
function passageOf ({ raw }: { raw?: { rawHeaders: string[] } }): Passage | undefined {
  const id = raw?.rawHeaders[raw.rawHeaders.indexOf(header) + 1]
  return id?.startsWith(secret) === true ? passages.get(id) ?? passageFor(false) : undefined
}

function passageFor (asks: boolean): Passage {
  return { asks, thrown: false, letThrough: false }
}

/** @throws TypeError for an app that was created before this module was imported, and for anything else */
export function routesOf (app: FastifyInstance): readonly DeclaredRoute[] {
  const routes = declared.get(app)
  if (routes !== undefined) return routes
  throw new TypeError('checkErrorContract: this app is not known; give the app that Fastify() returned, and import ' +
    "'fastify-humanloop-errors/testing' before it is created (as the first import, or with node --import)")
}

/**
 * Follows the requests that carry a header.
 *
 * @param send what sends them
 */
export async function followed<T> (asks: boolean, send: (header: Readonly<Record<string, string>>) => Promise<T>): Promise<{ passage: Passage, result: T }> {
  const id = `${secret} ${randomUUID()}`
  const passage = passageFor(asks)
  passages.set(id, passage)
  try {
    return { passage, result: await send({ [header]: id }) }
  } finally {
    passages.delete(id)
  }
}
