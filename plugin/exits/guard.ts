/** Exit: an error answer that a handler or another plugin sends by itself. What is not the contract becomes it. */
import { Readable } from 'node:stream'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { responseSchemas } from '../../schemas/responses.js'
import { readBody } from '../classify/body.js'
import { isErrorStatus, isObject, read } from '../classify/read.js'
import { ownCode } from '../classify/status.js'
import { unreadBody } from '../classify/unread.js'
import { errorClasses } from '../errors.js'
import { settingsOf } from '../scope.js'
import { prepareAnswer } from './answer.js'
import { hasOtherErrorHandler } from './error-handler.js'
import { isAnswer } from './marks.js'

const contract = TypeCompiler.Compile(Type.Union(Object.values(responseSchemas)))

type Done<T> = (error: null, payload: T) => void

/** Objects are looked at before they are serialized: a serializer may drop fields, rewrite them or fail. */
export function guardObject (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  if (reply.statusCode < 400 || !isObject(payload) || isAllowed(request, reply, payload)) return done(null, payload)
  const body = replaced(request, reply, payload, payload)
  if (body !== undefined) reply.serializer(() => body)
  done(null, payload)
}

/** Everything else is looked at as it leaves. */
export function guardPayload (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done<unknown>): void {
  if (reply.statusCode < 400) {
    if (isObject(payload) && isFailedResponse(payload)) guardResponse(request, reply, payload, done)
    else done(null, payload)
    return
  }
  if (isAnswer(reply, payload) || isAllowed(request, reply, parsed(payload))) return done(null, payload)
  done(null, replaced(request, reply, payload, textIn(reply, payload)) ?? payload)
}

/** A fetch Response has its own status, which Fastify takes over after the last hook. */
function isFailedResponse (payload: object): payload is Response {
  return isErrorStatus(read(payload, 'status')) && Object.prototype.toString.call(payload) === '[object Response]'
}

function guardResponse (request: FastifyRequest, reply: FastifyReply, response: Response, done: Done<unknown>): void {
  reply.code(response.status)
  if (isAllowed(request, reply, undefined)) return done(null, response)
  if (settingsOf(request.server).guard === 'warn') {
    replaced(request, reply, response, undefined)
    return done(null, response)
  }
  unreadBody(response).then(text => {
    const passes = isContract(parsed(text), response.status)
    if (passes) reply.header('content-type', 'application/json; charset=utf-8')
    done(null, passes ? text : replaced(request, reply, undefined, text))
  })
}

/** Whether an answer is left as it is: it is the contract, or a decision of the user's. */
function isAllowed (request: FastifyRequest, reply: FastifyReply, body: unknown): boolean {
  const { guard } = settingsOf(request.server)
  return guard === 'off' || isContract(body, reply.statusCode) || isDeclared(request, reply.statusCode)
}

function isContract (body: unknown, status: number): boolean {
  try {
    return contract.Check(body) && body.detail.code === status
  } catch {
    return false // a body that cannot be read cannot be sent
  }
}

/** A status that the route declares with a schema of its own, or a route that is to be left alone. */
export function isDeclared (request: FastifyRequest, status: number): boolean {
  const { config, schema } = request.routeOptions
  if (read(config, 'errors') === false) return true
  // references to our own schemas were taken out when the route was registered
  const declared = read(schema, 'response')
  return [String(status), `${Math.floor(status / 100)}xx`, `${Math.floor(status / 100)}XX`, 'default']
    .some(key => read(declared, key) !== undefined)
}

/**
 * The contract in place of what was sent.
 *
 * @param said what may hold a message for the caller
 * @returns undefined where the guard only warns
 */
function replaced (request: FastifyRequest, reply: FastifyReply, payload: unknown, said: unknown): string | undefined {
  const status = reply.statusCode
  const route = `${request.method} ${request.routeOptions.url ?? request.url.split('?', 1)[0]}`
  if (settingsOf(request.server).guard === 'warn') {
    warnOnce(request, route, status)
    return undefined
  }
  discard(payload)
  // an error handler of the app's tends to send the message of the error, and a 5xx's is for the log
  const message = status >= 500 && hasOtherErrorHandler(request, reply) ? undefined : readBody(said).message
  return prepareAnswer(request, reply, new errorClasses[ownCode(status)](message), { route, status })
}

const warned = new WeakMap<object, Set<string>>()

function warnOnce (request: FastifyRequest, route: string, status: number): void {
  const settings = settingsOf(request.server)
  const seen = warned.get(settings) ?? new Set()
  warned.set(settings, seen)
  if (seen.has(`${route} ${status}`)) return
  seen.add(`${route} ${status}`)
  request.log.warn({ route, status }, "an error answer outside the contract was sent; with guard: 'enforce' it would be replaced")
}

/** A payload as it was meant: text for bytes, JSON opened. */
function parsed (payload: unknown): unknown {
  const text = Buffer.isBuffer(payload) ? payload.toString('utf8') : payload
  if (typeof text !== 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text // no JSON: the text is what there is
  }
}

/** What a payload says to a reader: nothing where its bytes are encoded, or no text. */
function textIn (reply: FastifyReply, payload: unknown): unknown {
  const said = parsed(payload)
  return reply.hasHeader('content-encoding') || (typeof said === 'string' && said.includes('\ufffd')) ? undefined : said
}

/**
 * A stream that will not be sent is released; what fails in it from now on concerns nobody. Only a stream: another object's
 * `destroy` may delete what it stands for.
 */
function discard (payload: unknown): void {
  if (payload instanceof ReadableStream) {
    payload.cancel().catch(() => {})
  } else if (payload instanceof Readable) {
    payload.on('error', () => {})
    payload.destroy()
  }
}
