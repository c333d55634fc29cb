/** Writing an error response through a reply: past the route's serializers, through the hooks, and past them where they fail. */
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { statedStatus } from '../classify/own.js'
import { ContractError } from '../errors.js'
import { mayStay, valueFor, yieldsToApp } from '../response/headers.js'
import { report, type Happened } from '../response/report.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { errorOfThrown } from '../response/thrown-error.js'
import { settingsOf } from '../scope.js'
import { interceptSend, releaseSend } from './intercept-send.js'
import { markSealed, payloadOf, remember, responseOf } from './reply-state.js'

type Headers = ReturnType<FastifyReply['getHeaders']>

/** Sends an error response: finished, so that no serializer, schema or hook of the route can change or break it. */
export function sendError (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): void {
  const headers = reply.getHeaders()
  const response = prepare(request, reply, error, happened)
  if (reply.raw.headersSent) { // a second head would be read as the body that has begun
    reply.raw.destroy()
    return
  }
  const { send } = reply
  // What is sent after this response, and before it has left, is sent because it could not leave: a hook threw, or a header
  // is illegal. (An async handler that has sent without `return` ends with nothing, while hooks are still at work.)
  interceptSend(reply, payload => {
    if (payload === undefined) return
    releaseSend(reply)
    if (reply.sent) reply.send(payload)
    else sendInPlace(request, reply, payload, headers)
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
  const response = isMeant ? prepare(request, reply, errorOfThrown(thrown, request), { thrown }) : responseOf(reply)!
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

/** Makes and reports the response, and sets its status and headers. */
export function prepare (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): ErrorResponse {
  const response = responseTo(error, settingsOf(request.server), request.id)
  report(response, happened, { settings: settingsOf(request.server), log: request.log, request, isDisconnected: reply.raw.destroyed })
  remember(reply, response)
  setHead(request, reply, response, reply.getHeaders())
  dropTrailers(reply)
  return response
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

/** Trailers belong to the content that failed. Fastify announces those of a reply after the last hook, and chunks the response for them. */
function dropTrailers (reply: FastifyReply): void {
  const { header } = reply
  reply.header = function (name, value) {
    if (name === 'Trailer') return header.call(this, 'content-length', Buffer.byteLength(payloadOf(this) as string | Buffer))
    return name === 'Transfer-Encoding' ? this : header.call(this, name, value)
  }
}

/**
 * Writes a response past all hooks.
 *
 * Other payloads of the reply may still be on their way, and hooks may fail on them. Fastify has an error handler left for
 * each of two failures, and crashes at a third, unless an error was sent through it: so one is, while the raw response takes
 * nothing.
 */
function writePastHooks (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, before: Headers): void {
  const { raw, log } = reply
  if (raw.headersSent) {
    raw.destroy()
    return
  }
  const headers = headHeaders(request, reply, response, before)
  releaseSend(reply)
  markSealed(reply)
  const unseal = seal(raw)
  reply.log = silent
  reply.send(new Error('written past the hooks'))
  reply.log = log
  unseal()
  raw.writeHead(response.status, headers).end(response.body)
  seal(raw)
  reply.hijack()
}

function headHeaders (request: FastifyRequest, reply: FastifyReply, response: ErrorResponse, before: Headers): Record<string, string> {
  for (const name in reply.getHeaders()) reply.removeHeader(name)
  for (const name in before) reply.header(name, before[name])
  setHead(request, reply, response, before)
  return reply.getHeaders() as Record<string, string>
}

const nothing = (): void => {}
const silent = {
  level: 'silent', silent: nothing, fatal: nothing, error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing, child: () => silent
} as FastifyBaseLogger

const passive = ['writeHead', 'write', 'end', 'setHeader', 'removeHeader', 'destroy'] as const

/** Makes a raw response take nothing. Returns what makes it take again. */
function seal (raw: FastifyReply['raw']): () => void {
  for (const method of passive) Object.defineProperty(raw, method, { configurable: true, writable: true, value: () => raw })
  return () => {
    for (const method of passive) Reflect.deleteProperty(raw, method)
  }
}
