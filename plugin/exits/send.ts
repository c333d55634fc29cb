/** Writing an error response through a reply: past the route's serializers, through the hooks, and past them where they fail. */
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { statedStatus } from '../classify/own.js'
import { read } from '../classify/read.js'
import { ContractError } from '../errors.js'
import { mayStay, valueFor, yieldsToApp } from '../response/headers.js'
import { logFailure, report, type Happened } from '../response/report.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { errorOfThrown } from '../response/thrown-error.js'
import { settingsOf } from '../scope.js'
import { interceptSend, releaseSend } from './intercept-send.js'
import { happenedOf, markSealed, remember, responseOf, setHappened } from './reply-state.js'

type Headers = ReturnType<FastifyReply['getHeaders']>

/** Sends an error response: finished, so that no serializer, schema or hook of the route can change or break it. */
export function sendError (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): void {
  const headers = reply.getHeaders()
  const response = prepare(request, reply, error, happened, headers)
  if (reply.raw.headersSent) return cut(request, reply)
  reply.log = hookLog(reply.log)
  const { send } = reply
  // What is sent after this response, and before it has left, is sent because it could not leave: a hook threw, or a header
  // is illegal. (An async handler that has sent without `return` ends with nothing, while hooks are still at work.)
  interceptSend(reply, payload => {
    if (payload === undefined) return
    if (reply.sent) return absorb(reply)
    releaseSend(reply)
    sendInPlace(request, reply, payload, headers)
  })
  send.call(reply.serializer(identity), response.body)
}

/**
 * Sends a response past the hooks, after one of them has thrown on the way out of another: the response to the hook's
 * error, if that states what it means (a circuit breaker's 503), else the one that was on its way.
 *
 * @param before the headers that were there when the response was prepared
 */
export function sendInPlace (request: FastifyRequest, reply: FastifyReply, thrown: unknown, before: Headers = reply.getHeaders()): void {
  const error = meantBy(thrown, request)
  const response = error === undefined ? responseOf(reply)! : prepare(request, reply, error, { thrown, inPlaceOf: happenedOf(reply) })
  writePastHooks(request, reply, response, before)
}

/** The error that a hook's own error means; undefined for one that says nothing but that something failed. */
function meantBy (thrown: unknown, request: FastifyRequest): ContractError | undefined {
  if (!(thrown instanceof ContractError) && statedStatus(thrown) === undefined) return undefined
  const error = errorOfThrown(thrown, request)
  return thrown instanceof ContractError || error.statusCode !== 500 ? error : undefined
}

/** Sends an error response past the hooks, where it cannot wait for them: the handler's time is up. */
export function sendPastHooks (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): void {
  const headers = reply.getHeaders()
  writePastHooks(request, reply, prepare(request, reply, error, happened, headers), headers)
}

function identity (body: string): string {
  return body
}

/**
 * Makes the response, and sets its status and headers, for hooks to see. It is reported when it leaves, or when its
 * connection closes before.
 */
export function prepare (
  request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened, before = reply.getHeaders()
): ErrorResponse {
  const { raw } = reply
  const { httpVersionMajor } = request.raw
  const response = responseTo(error, settingsOf(request.server), request.id)
  if (responseOf(reply) === undefined) raw.once('close', () => { reportOnce(request, reply) })
  remember(reply, response)
  setHappened(reply, happened)
  for (const name in before) if (!mayStay(name, before[name], httpVersionMajor)) reply.removeHeader(name)
  reply.code(response.status)
  // one may have been set for the response that failed; HTTP/2 has none at all
  if (httpVersionMajor === 1) raw.statusMessage = response.reasonPhrase
  for (const name in response.headers) if (!yieldsToApp(name) || !reply.hasHeader(name)) reply.header(name, response.headers[name])
  return response
}

/** Reports the response that leaves. */
function reportOnce (request: FastifyRequest, reply: FastifyReply): void {
  const happened = happenedOf(reply)
  if (happened === undefined) return
  setHappened(reply, null)
  const { raw } = reply
  const isDisconnected = raw.destroyed && !raw.writableFinished
  report(responseOf(reply)!, happened, { settings: settingsOf(request.server), log: request.log, request, isDisconnected })
}

/** Writes a response past all hooks. */
function writePastHooks (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, before: Headers): void {
  const { raw } = reply
  if (raw.headersSent) return cut(request, reply)
  takeError(reply) // sets a head of its own
  const cookies = [before['set-cookie'] ?? [], response.headers['set-cookie'] ?? []].flat() as string[]
  write(request, reply, response, response.body, { ...before, ...cookies.length > 0 && { 'set-cookie': cookies } })
  silence(reply)
  reply.hijack()
}

/**
 * Writes an error response, and reports it.
 *
 * @param payload its body, or that encoded by a hook
 * @param headers those of the reply, which are changed: what describes the response that failed goes, and what Node would refuse
 */
export function write (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, payload: unknown, headers: Headers): void {
  reportOnce(request, reply)
  const { raw } = reply
  const encoding = Buffer.isBuffer(payload) ? headers['content-encoding'] : undefined
  const final = finalHeaders(headers, response, request.raw.httpVersionMajor)
  if (encoding !== undefined) final['content-encoding'] = encoding
  if (Buffer.isBuffer(payload)) final['content-length'] = payload.length
  for (const name of raw.getHeaderNames()) if (!(name in final)) raw.removeHeader(name)
  // one that began to write a 304, and failed at a header, keeps that it has no body
  if (read(raw, '_hasBody') === false && request.method !== 'HEAD') Reflect.set(raw, '_hasBody', true)
  if (request.raw.httpVersionMajor === 1) raw.writeHead(response.status, response.reasonPhrase, final as OutgoingHttpHeaders)
  else raw.writeHead(response.status, final as OutgoingHttpHeaders)
  raw.end(payload ?? undefined)
}

function finalHeaders (headers: Headers, response: ErrorResponse, httpVersionMajor: number): Headers {
  for (const name in headers) {
    const value = headers[name]
    if (!mayStay(name, value, httpVersionMajor)) delete headers[name]
    else if (httpVersionMajor === 2) headers[name] = valueFor(name, value) as string
  }
  for (const name in response.headers) {
    // what the app has set, and cookies, which Fastify adds up, are there already
    if (name !== 'set-cookie' && !(yieldsToApp(name) && name in headers)) headers[name] = response.headers[name]
  }
  return headers
}

/** Cuts a response that has begun: a second head would be read as its body. */
export function cut (request: FastifyRequest, reply: FastifyReply): void {
  reportOnce(request, reply)
  reply.raw.destroy()
}

/**
 * A log for a reply whose error response is on its way. Fastify writes there of a hook that fails, with the whole error and its
 * message; it has the reply in its lines. Those of hooks stay as they are.
 */
function hookLog (log: FastifyBaseLogger): FastifyBaseLogger {
  const line = (level: 'error' | 'info') => (...given: unknown[]): void => {
    const [fields, msg] = given
    const failure = read(fields, 'err')
    if (failure === undefined || read(fields, 'res') === undefined) Reflect.apply(log[level], log, given)
    else if (msg === read(failure, 'message')) logHookFailure(log, failure)
    else logFailure(log, failure, String(msg))
  }
  return new Proxy(log, {
    get: (_log, name) => {
      if (name === 'error' || name === 'info') return line(name)
      const value: unknown = Reflect.get(log, name)
      return typeof value === 'function' ? value.bind(log) : value // one bound to the proxy would make children that write here
    }
  })
}

/** Logs a hook that failed on the way out of an error response. */
export function logHookFailure (log: FastifyBaseLogger, failure: unknown): void {
  logFailure(log, failure, 'a hook failed while an error answer was sent; the answer is sent without it')
}

/** Keeps what Fastify still does with a reply from a response that is out: hooks of another payload may be at work. */
export function absorb (reply: FastifyReply): void {
  takeError(reply)
  silence(reply)
}

/** Makes a raw response, which is out, take nothing more. */
export function silence (reply: FastifyReply): void {
  seal(reply.raw, methods)
}

/** Sent through Fastify when the response is out. */
export const responseIsOut = new Error('the response is out')

/**
 * Sends an error through Fastify while the raw response takes nothing.
 *
 * A handler may have sent more than once, and hooks may fail on each payload. Fastify has an error handler left for each of
 * two failures, and crashes at a third, unless an error was sent through it before.
 */
function takeError (reply: FastifyReply): void {
  const { raw, log } = reply
  releaseSend(reply)
  markSealed(reply)
  const unseal = seal(raw, { ...methods, writableEnded: false })
  reply.log = silent
  reply.send(responseIsOut)
  reply.log = log
  unseal()
}

const nothing = (): void => {}
const silent = {
  level: 'silent', silent: nothing, fatal: nothing, error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing, child: () => silent
} as FastifyBaseLogger

/** The methods by which Fastify writes a response, without their effect. */
const methods = Object.fromEntries(['writeHead', 'write', 'end', 'setHeader', 'removeHeader', 'destroy'].map(name => [name, self])) as object

function self (this: unknown): unknown {
  return this
}

/** Puts properties before those of a raw response. Returns what takes them away. */
function seal (raw: FastifyReply['raw'], properties: object): () => void {
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(raw, name, { configurable: true, writable: true, value })
  return () => {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(raw, name)
  }
}
