/** Exit: an error response that a handler or another plugin sends by itself. What is not the contract becomes it. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { isErrorStatus, isObject, read } from '../classify/read.js'
import { ownCode } from '../classify/status.js'
import { unreadBody } from '../classify/unread.js'
import { shownPath } from '../log/path.js'
import { mayBeRelayed, mayStay } from '../response/headers.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { settingsOf } from '../scope.js'
import { isContract } from './contract-body.js'
import { bytesOf, isStream, parsed, textOf } from './payload.js'
import { happenedOf, isSealed, leaveAlone, markLeaving, payloadOf, remember, responseOf } from './reply-state.js'
import { cut, prepare, silence, write } from './send.js'
import { sentError } from './sent-error.js'

type Done<T> = (error: null, payload: T) => void

/** Guards every response of the app; as the last of the hooks, too, of each route that is declared from now on. */
export function guardResponses (app: FastifyInstance): void {
  app.addHook('preSerialization', guardObject)
  app.addHook('onSend', guardPayload)
  app.addHook('onRoute', putGuardLast)
}

/** Objects are looked at before they are serialized: a serializer may drop fields, rewrite them or fail. */
function guardObject (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  const status = reply.statusCode
  if (status < 400 || !isObject(payload) || isSealed(reply)) return done(null, payload)
  markLeaving(reply)
  if (verdictOn(request, status) === 'enforce') {
    const { body } = replace(request, reply, payload)
    reply.serializer(() => body)
  }
  done(null, payload)
}

/** Everything else is looked at as it leaves. */
export function guardPayload (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  if (isObject(payload) && isResponse(payload)) return guardResponse(request, reply, payload, done)
  if (isSealed(reply)) return done(null, payload)
  const response = responseOf(reply)
  if (response !== undefined && isPayloadOf(reply, request, payload)) return done(null, payload)
  const status = reply.statusCode
  if (status < 400) return done(null, payload)
  markLeaving(reply)
  const verdict = verdictOn(request, status)
  if (verdict !== 'enforce') {
    leaveAlone(reply.raw)
    if (verdict === 'warn' && !isContractAlready(reply, payload)) warnOnce(request, status)
    return done(null, payload)
  }
  if (isStream(payload)) replaceLater(request, reply, bytesOf(payload), done)
  else done(null, contractOf(request, reply, payload))
}

/**
 * The last of a route's hooks: guards, and writes an error response itself. Fastify would announce the trailers that a handler
 * has set for the content that failed, and there is no way to take them back.
 */
export function guardLast (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  if (reply.statusCode < 400 && !isObject(payload) && responseOf(reply) === undefined) return done(null, payload) // the way of most responses
  if (isSealed(reply)) {
    silence(reply)
    return done(null, payload)
  }
  guardPayload(request, reply, payload, (_error, guarded) => {
    const response = responseOf(reply)
    if (response === undefined || !isPayloadOf(reply, request, guarded) || isRedirect(reply)) return done(null, guarded)
    if (reply.raw.headersSent) return cut(request, reply)
    const final = finalResponse(request, reply, response)
    write(request, reply, final, final === response ? guarded : final.body, reply.getHeaders())
  })
}

/** True if a hook has turned an error into a redirect, which is the app's decision. */
function isRedirect ({ statusCode }: FastifyReply): boolean {
  return statusCode >= 300 && statusCode < 400
}

/** The response that leaves: where a hook has set another error status, the body says the same. */
function finalResponse (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse): ErrorResponse {
  const { statusCode } = reply
  if (statusCode < 400 || statusCode === response.status) return response
  const settings = { ...settingsOf(request.server), redaction: undefined } // the message went through it already
  const final = responseTo(response.error.with({ code: ownCode(statusCode) }), settings, request.id)
  remember(reply, final)
  return final
}

/**
 * Puts `guardLast` at the end of a route's own hooks, whatever other plugins add to them: what they make of a response is
 * looked at, too. Fastify reads a route's hooks when the app is ready, after the last plugin could add one, and has no event
 * between the two: so the list puts the guard at its end when it is read. (The hook for all routes remains, for those that
 * were there before the plugin.)
 */
function putGuardLast (options: RouteOptions): void {
  let hooks = [...listOf(options.onSend)]
  Object.defineProperty(options, 'onSend', {
    configurable: true,
    enumerable: true,
    get: () => { // one list, for other plugins add to it in place
      hooks.splice(0, hooks.length, ...hooks.filter(hook => hook !== guardLast), guardLast)
      return hooks
    },
    set: (given: RouteOptions['onSend']) => { hooks = [...listOf(given)] }
  })
}

function listOf (hooks: RouteOptions['onSend'] | null): Array<Exclude<RouteOptions['onSend'], undefined | unknown[]>> {
  return hooks == null ? [] : Array.isArray(hooks) ? hooks : [hooks]
}

/** True for what the error response of a reply leaves as; a HEAD route that Fastify made of a GET route drops the body. */
function isPayloadOf (reply: FastifyReply, request: FastifyRequest, payload: unknown): boolean {
  return payload == null ? request.method === 'HEAD' : payload === payloadOf(reply)
}

/** A fetch Response has its own status, which Fastify takes over after the last hook. */
function isResponse (payload: object): payload is Response {
  return Object.prototype.toString.call(payload) === '[object Response]'
}

function guardResponse (request: FastifyRequest, reply: FastifyReply, response: Response, done: Done<unknown>): void {
  const { status } = response
  if (!isErrorStatus(status) || isSealed(reply)) return done(null, response)
  const verdict = verdictOn(request, status)
  if (verdict !== 'enforce') {
    leaveAlone(reply.raw)
    if (verdict === 'warn') warnOnce(request, status)
    return done(null, response)
  }
  reply.code(status)
  const isForeign = response.url !== '' // one that was fetched, not made
  for (const [name, value] of response.headers) {
    if (isForeign ? mayBeRelayed(name) : mayStay(name, value, request.raw.httpVersionMajor)) reply.header(name, value)
  }
  replaceLater(request, reply, unreadBody(response), done)
}

/** Once a stream has been read nobody catches what is thrown, and another response may have left meanwhile. */
function replaceLater (request: FastifyRequest, reply: FastifyReply, read: Promise<string | Buffer | undefined>, done: Done<unknown>): void {
  read.then(payload => {
    if (!reply.sent && !reply.raw.headersSent) done(null, contractOf(request, reply, payload))
  }).catch((failure: unknown) => reply.send(failure))
}

/** What leaves in place of a payload: the contract; the payload itself where a hook has encoded an error response of ours. */
function contractOf (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const encoding = reply.getHeader('content-encoding')
  const text = textOf(payload, encoding)
  const response = responseOf(reply)
  if (response === undefined || response.body !== text || response.status !== reply.statusCode) return replace(request, reply, parsed(text)).body
  remember(reply, response, payload)
  return payload
}

/** Makes the contract of what was sent, and sets status and headers. */
function replace (request: FastifyRequest, reply: FastifyReply, sent: unknown): ErrorResponse {
  const { error, happened } = sentError(sent, reply.statusCode, routeOf(request))
  // where a hook has another opinion of an error response, what led to it is told of
  return prepare(request, reply, error, happenedOf(reply) ?? happened)
}

/** What the guard does with an error response that was sent by hand. */
export type Verdict = 'ignore' | 'warn' | 'enforce'

export function verdictOn (request: FastifyRequest, status: number): Verdict {
  const { guard } = settingsOf(request.server)
  return guard === 'off' || isDeclared(request, status) ? 'ignore' : guard
}

/** True if a response is a decision of the user's: a status that the route declares itself, a route to be left alone. */
export function isDeclared (request: FastifyRequest, status: number): boolean {
  const { config, schema } = request.routeOptions
  if (read(config, 'errors') === false) return true
  // references to our own schemas were taken out when the route was registered
  const declared = read(schema, 'response')
  return [String(status), `${Math.floor(status / 100)}xx`, `${Math.floor(status / 100)}XX`, 'default']
    .some(key => read(declared, key) !== undefined)
}

/** Names the route for the log: `GET /projects/:id`. */
export function routeOf (request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? shownPath(request.url)}`
}

/** True if a payload is the contract. A stream is not read, for to read it would be to change it: it is if it encodes a response of ours. */
function isContractAlready (reply: FastifyReply, payload: unknown): boolean {
  if (isStream(payload)) return responseOf(reply) !== undefined
  return isContract(parsed(textOf(payload, reply.getHeader('content-encoding'))), reply.statusCode)
}

const warned = new WeakMap<object, Set<string>>()

/** Says once for each route and status that a response is outside the contract. */
function warnOnce (request: FastifyRequest, status: number): void {
  const settings = settingsOf(request.server)
  const seen = warned.get(settings) ?? new Set()
  warned.set(settings, seen)
  const key = `${request.method} ${request.routeOptions.url ?? 'unknown'} ${status}` // paths are without number
  if (seen.has(key)) return
  seen.add(key)
  request.log.warn({ route: routeOf(request), status }, "an error answer outside the contract was sent; with guard: 'enforce' it would be replaced")
}
