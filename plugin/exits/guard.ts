/** Exit: an error answer that a handler or another plugin sends by itself. What is not the contract becomes it. */
import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { ErrorEnvelope } from '../../schemas/envelope.js'
import { readBody } from '../classify/body.js'
import { isErrorStatus, isObject, read } from '../classify/read.js'
import { ownCode } from '../classify/status.js'
import { unreadBody } from '../classify/unread.js'
import { errorClasses } from '../errors.js'
import { settingsOf } from '../scope.js'
import { contentHeaders, contractHeaders, isOurs, prepareAnswer, setHeaders, tellOf } from './answer.js'
import { isContract } from './contract-body.js'
import { hasOtherErrorHandler } from './error-handler.js'
import { isFit, isTold, leaveAlone, markFit } from './marks.js'
import { bytesOf, isStream, textOf } from './payload.js'

/** What hooks of other plugins (@fastify/etag) add to every answer. */
const validators = ['etag', 'last-modified', 'expires'] as const

type Done<T> = (error: null, payload: T) => void

/** Objects are looked at before they are serialized: a serializer may drop fields, rewrite them or fail. */
export function guardObject (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  const status = reply.statusCode
  if (status < 400 || !isObject(payload) || isLeft(request, status) || isContract(payload, status) || onlyWarned(request, status)) return done(null, payload)
  const body = replaced(request, reply, payload)
  reply.serializer(() => body)
  done(null, payload)
}

/** Everything else is looked at as it leaves. */
export function guardPayload (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  if (isObject(payload) && isResponse(payload)) return guardResponse(request, reply, payload, done)
  const status = reply.statusCode
  if (status < 400) return done(null, payload)
  if (isFit(reply, payload) || isHeadOf(request, reply, payload)) {
    for (const name of validators) if (reply.hasHeader(name)) reply.removeHeader(name)
    reply.headers(contractHeaders)
    return done(null, payload)
  }
  if (isLeft(request, status)) {
    leaveAlone(reply.raw)
    return done(null, payload)
  }
  if (!isStream(payload)) {
    done(null, settled(request, reply, payload))
  } else if (settingsOf(request.server).guard === 'warn') { // to read it would be to change it
    if (!isTold(reply)) onlyWarned(request, status)
    done(null, payload)
  } else {
    bytesOf(payload).then(bytes => done(null, settled(request, reply, bytes)))
  }
}

/**
 * The guard as the last of a route's own hooks, whatever other plugins add to them: what they make of an answer is looked
 * at, too. (The hook for all routes remains, for those that were there before the plugin and for unknown ones.)
 */
export function guardLast (options: RouteOptions): void {
  let others = options.onSend
  Object.defineProperty(options, 'onSend', {
    configurable: true,
    enumerable: true,
    get: () => [...listOf(others), guardPayload],
    set: (hooks: RouteOptions['onSend']) => { others = listOf(hooks).filter(hook => hook !== guardPayload) }
  })
}

function listOf (hooks: RouteOptions['onSend']): Array<Exclude<RouteOptions['onSend'], undefined | unknown[]>> {
  return hooks === undefined ? [] : Array.isArray(hooks) ? hooks : [hooks]
}

/** A HEAD route that Fastify made of a GET route drops the body that was found fit, and keeps its length. */
function isHeadOf (request: FastifyRequest, reply: FastifyReply, payload: unknown): boolean {
  return request.method === 'HEAD' && payload === null && isTold(reply)
}

/** A fetch Response has its own status, which Fastify takes over after the last hook. */
function isResponse (payload: object): payload is Response {
  return Object.prototype.toString.call(payload) === '[object Response]'
}

function guardResponse (request: FastifyRequest, reply: FastifyReply, response: Response, done: Done<unknown>): void {
  const { status } = response
  if (!isErrorStatus(status) || isLeft(request, status) || onlyWarned(request, status)) return done(null, response)
  reply.code(status)
  for (const [name, value] of response.headers) if (!contentHeaders.has(name)) reply.header(name, value)
  unreadBody(response).then(text => done(null, settled(request, reply, text)))
}

/** What leaves in place of a payload: itself, where it is the contract. */
function settled (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const body = parsed(textOf(payload, reply.getHeader('content-encoding')))
  if (!isContract(body, reply.statusCode)) return onlyWarned(request, reply.statusCode) ? payload : replaced(request, reply, body)
  if (settingsOf(request.server).guard === 'enforce') complete(request, reply, body)
  markFit(reply, payload)
  return payload
}

/** Headers, log line and `onError` for a body that is the contract already. */
function complete (request: FastifyRequest, reply: FastifyReply, { detail: { code, message, origin } }: ErrorEnvelope): void {
  const error = new errorClasses[code](message, { origin })
  for (const name of contentHeaders) if (name !== 'content-encoding') reply.removeHeader(name)
  const ours = isOurs(error, settingsOf(request.server))
  setHeaders(request, reply, error, ours)
  if (!isTold(reply)) tellOf(request, reply, error, ours, 'sent')
}

function isLeft (request: FastifyRequest, status: number): boolean {
  return settingsOf(request.server).guard === 'off' || isDeclared(request, status)
}

/** Whether an answer is a decision of the user's: a status that the route declares itself, a route to be left alone. */
export function isDeclared (request: FastifyRequest, status: number): boolean {
  const { config, schema } = request.routeOptions
  if (read(config, 'errors') === false) return true
  // references to our own schemas were taken out when the route was registered
  const declared = read(schema, 'response')
  return [String(status), `${Math.floor(status / 100)}xx`, `${Math.floor(status / 100)}XX`, 'default']
    .some(key => read(declared, key) !== undefined)
}

/** The contract in place of what was sent. */
function replaced (request: FastifyRequest, reply: FastifyReply, sent: unknown): string {
  const status = reply.statusCode
  const { message } = readBody(sent)
  // an error handler that is not ours tends to send the message of the error, and a 5xx's is for the log
  const isWithheld = status >= 500 && (hasOtherErrorHandler(request, reply) || isOfFastify(sent, status))
  return prepareAnswer(request, reply, new errorClasses[ownCode(status)](isWithheld ? undefined : message), {
    route: routeOf(request), status, ...isWithheld && { withheld: message }
  })
}

/** The body of Fastify's own error handler, which answers on routes that were there before the plugin. */
function isOfFastify (body: unknown, status: number): boolean {
  return read(body, 'statusCode') === status && read(body, 'error') === STATUS_CODES[status]
}

function routeOf (request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? request.url.split('?', 1)[0]}`
}

const warned = new WeakMap<object, Set<string>>()

/** Under `guard: 'warn'`: says once per route and status that an answer is outside the contract. */
function onlyWarned (request: FastifyRequest, status: number): boolean {
  const settings = settingsOf(request.server)
  if (settings.guard !== 'warn') return false
  const seen = warned.get(settings) ?? new Set()
  warned.set(settings, seen)
  const route = routeOf(request)
  if (!seen.has(`${route} ${status}`)) {
    seen.add(`${route} ${status}`)
    request.log.warn({ route, status }, "an error answer outside the contract was sent; with guard: 'enforce' it would be replaced")
  }
  return true
}

/** JSON opened; any other text as it is. */
function parsed (text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text // no JSON: the text is what there is
  }
}
