/** Writing an error response through a reply: past the route's serializers, through the hooks, and past them where they fail. */
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
  const response = prepare(request, reply, error, happened)
  if (reply.raw.headersSent) return cut(request, reply)
  reply.log = hookLog(request.log)
  const { send } = reply
  // What is sent after this response, and before it has left, is sent because it could not leave: a hook threw, or a header
  // is illegal. (An async handler that has sent without `return` ends with nothing, while hooks are still at work.)
  interceptSend(reply, payload => {
    if (payload === undefined) return
    if (reply.sent) return takeError(reply)
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
  const isMeant = thrown instanceof ContractError || statedStatus(thrown) !== undefined
  const response = isMeant
    ? prepare(request, reply, errorOfThrown(thrown, request), { thrown, inPlaceOf: happenedOf(reply) })
    : responseOf(reply)!
  writePastHooks(request, reply, response, before)
}

/** Sends an error response past the hooks, where it cannot wait for them: the handler's time is up. */
export function sendPastHooks (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): void {
  const headers = reply.getHeaders()
  writePastHooks(request, reply, prepare(request, reply, error, happened), headers)
}

function identity (body: string): string {
  return body
}

/** Makes the response, and sets its status and headers. It is reported when it leaves, or when its connection closes before. */
export function prepare (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): ErrorResponse {
  const response = responseTo(error, settingsOf(request.server), request.id)
  if (responseOf(reply) === undefined) reply.raw.once('close', () => { reportOnce(request, reply) })
  remember(reply, response)
  setHappened(reply, happened)
  setHead(request, reply, response, reply.getHeaders())
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

/**
 * Sets status and headers of an error response.
 *
 * @param before the headers that the reply has: what describes the response that failed goes, and what Node would refuse
 * @param isAgain true where they were set already, and hooks have been at work since
 */
export function setHead (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, before: Headers, isAgain = false): void {
  const { httpVersionMajor } = request.raw
  for (const name in before) {
    const value = before[name]
    const kept = mayStay(name, value, httpVersionMajor) ? valueFor(name, value, httpVersionMajor) : undefined
    if (kept !== value) reply.removeHeader(name)
    if (kept !== value && kept !== undefined) reply.header(name, kept)
  }
  reply.code(response.status)
  // one may have been set for the response that failed; HTTP/2 has none at all
  if (httpVersionMajor === 1) reply.raw.statusMessage = response.reasonPhrase
  for (const name in response.headers) {
    if (isAgain && name === 'set-cookie') continue // Fastify adds to it
    if (!yieldsToApp(name) || !reply.hasHeader(name)) reply.header(name, valueFor(name, response.headers[name], httpVersionMajor))
  }
}

/** Writes a response past all hooks. */
function writePastHooks (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, before: Headers): void {
  const { raw } = reply
  if (raw.headersSent) return cut(request, reply)
  for (const name in reply.getHeaders()) reply.removeHeader(name)
  for (const name in before) reply.header(name, before[name])
  setHead(request, reply, response, before)
  markSealed(reply)
  takeError(reply)
  write(request, reply, response.body)
  seal(raw, methods)
  reply.hijack()
}

/** Writes the error response that a reply remembers, with the reply's headers, and reports it. */
export function write (request: FastifyRequest, reply: FastifyReply, payload: string | Buffer | undefined): void {
  reportOnce(request, reply)
  const { raw } = reply
  // one that began to write a 304, and failed at a header, keeps that it has no body
  if (read(raw, '_hasBody') === false && request.method !== 'HEAD') Reflect.set(raw, '_hasBody', true)
  raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>).end(payload)
}

/** Cuts a response that has begun: a second head would be read as its body. */
export function cut (request: FastifyRequest, reply: FastifyReply): void {
  reportOnce(request, reply)
  reply.raw.destroy()
}

/**
 * A log for a reply whose error response is on its way. What Fastify says there of a hook that fails, it says with the whole
 * error and its message.
 */
function hookLog (log: FastifyBaseLogger): FastifyBaseLogger {
  const hookFailed = (fields: unknown): void => logHookFailure(log, read(fields, 'err'))
  return Object.assign(Object.create(log), { error: hookFailed, info: hookFailed })
}

/** Logs a hook that failed on the way out of an error response. */
export function logHookFailure (log: FastifyBaseLogger, failure: unknown): void {
  logFailure(log, failure, 'a hook failed while an error answer was sent; the answer is sent without it')
}

/**
 * Sends an error through Fastify while the raw response takes nothing.
 *
 * A handler may have sent more than once, and hooks may fail on each payload. Fastify has an error handler left for each of
 * two failures, and crashes at a third, unless an error was sent through it before.
 */
export function takeError (reply: FastifyReply): void {
  const { raw, log } = reply
  releaseSend(reply)
  const unseal = seal(raw, { ...methods, writableEnded: false })
  reply.log = silent
  reply.send(new Error('the response is out'))
  reply.log = log
  unseal()
}

const nothing = (): void => {}
const silent = {
  level: 'silent',
  silent: nothing,
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  child: () => silent
} as FastifyBaseLogger

/** The methods by which Fastify writes a response, without their effect. */
const methods = Object.fromEntries([
  'writeHead', 'write', 'end', 'setHeader', 'removeHeader', 'destroy'
].map(name => [name, self])) as object

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
