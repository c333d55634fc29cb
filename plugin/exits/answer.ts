/** From a ContractError to the status, headers and body of an answer. Every exit of the server ends here. */
import { STATUS_CODES } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { codesWithRetryAfter } from '../../schemas/responses.js'
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { read } from '../classify/read.js'
import type { ContractError } from '../errors.js'
import { logAnswer, type Happened } from '../log/line.js'
import { safeError } from '../log/safe-error.js'
import { settingsOf } from '../scope.js'
import type { Settings } from '../options.js'
import { fitLength, markFit, markSending } from './marks.js'

/** RFC 9110 §8: headers that describe the content of the answer that failed, and framing that is no longer true. */
export const contentHeaders: ReadonlySet<string> = new Set([
  'etag', 'last-modified', 'expires', 'content-encoding', 'content-disposition', 'content-range', 'accept-ranges',
  'transfer-encoding', 'content-length', 'trailer'
])

/** Headers that an error may not set: the contract's own, and the connection's. */
const reserved: ReadonlySet<string> = new Set([
  ...contentHeaders, 'content-type', 'cache-control', 'retry-after', 'connection', 'keep-alive', 'proxy-connection', 'http2-settings',
  'upgrade', 'te', 'host', 'date'
])

/** CONTRACT §1. */
export const contractHeaders = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } as const

/** RFC 9110 §5.6.2 and §5.5. */
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** Sends an error answer: finished, so that no serializer, schema or hook of the route can change or break it. */
export function sendAnswer (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened = { thrown: error }): void {
  const before = reply.getHeaders()
  const body = prepareAnswer(request, reply, error, happened, before)
  if (reply.raw.headersSent) { // a second head would be read as the body that has begun
    reply.raw.destroy()
    return
  }
  markSending(reply)
  const { send } = reply
  // What is sent after this answer, and before it has left, is sent because it could not leave: a hook threw, or a header
  // is illegal. Fastify would go on to its own handler, with the message of what was thrown.
  reply.send = function (payload) {
    if (this.sent) return send.call(this, payload)
    // an async handler that has sent without `return` ends with nothing, while hooks are still at work
    return payload === undefined ? this : writeAnswer(request, this, error, body, before)
  }
  send.call(reply.serializer(identity), body)
}

/** The same past all hooks, for an answer that cannot wait for them. */
export function sendPastHooks (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened): void {
  const before = reply.getHeaders()
  writeAnswer(request, reply, error, prepareAnswer(request, reply, error, happened, before), before)
}

function identity (body: string): string {
  return body
}

/** The last line of defence: writes the answer past all hooks, with the headers that were there when it was prepared. */
function writeAnswer (request: FastifyRequest, reply: FastifyReply, error: ContractError, body: string, before: Headers): FastifyReply {
  for (const name in reply.getHeaders()) reply.removeHeader(name)
  for (const name in before) if (!contentHeaders.has(name) && isHeader(name, before[name])) reply.header(name, before[name])
  setHeaders(request, reply, error, isOurs(error, settingsOf(request.server)))
  const { raw } = reply.hijack()
  if (raw.headersSent) {
    raw.destroy()
  } else {
    raw.writeHead(error.statusCode, { ...reply.getHeaders() as Record<string, string>, 'content-length': Buffer.byteLength(body) }).end(body)
  }
  return reply
}

type Headers = ReturnType<FastifyReply['getHeaders']>

/**
 * Sets status and headers of an error answer, logs it, tells `onError`.
 *
 * @param happened what was thrown or replaced, for the log
 * @param before the headers that the reply has
 * @returns the body
 */
export function prepareAnswer (
  request: FastifyRequest, reply: FastifyReply, answer: ContractError, happened: Happened, before: Headers = reply.getHeaders()
): string {
  const settings = settingsOf(request.server)
  const ours = isOurs(answer, settings)
  const error = inScope(answer, settings, request.log)
  for (const name in before) if (contentHeaders.has(name) || !isHeader(name, before[name])) reply.removeHeader(name)
  setHeaders(request, reply, error, ours)
  tellOf(request, reply, error, ours, happened)
  const body = bodyOf(error)
  markFit(reply, body)
  dropTrailers(reply)
  return body
}

/** Trailers belong to the content that failed. Fastify announces those of a reply after the last hook, and chunks the answer for them. */
function dropTrailers (reply: FastifyReply): void {
  const { header } = reply
  reply.header = function (name, value) {
    if (name === 'Trailer') return header.call(this, 'content-length', fitLength(this))
    return name === 'Transfer-Encoding' ? this : header.call(this, name, value)
  }
}

/** Logs an error answer and tells `onError`. */
export function tellOf (request: FastifyRequest, reply: FastifyReply, error: ContractError, ours: boolean, happened: Happened): void {
  const { redact, onError } = settingsOf(request.server)
  logAnswer(request.log, error, happened, { ours, left: reply.raw.destroyed, redact })
  const begun = typeof happened === 'object' && 'begun' in happened
  if (onError !== undefined) tell(onError, error, request, begun)
}

/** Whether this service failed, not a provider. */
export function isOurs (error: ContractError, { origin }: Settings): boolean {
  return !error.hasOrigin || error.origin === origin
}

/** JSON.stringify(error), in a third of its time: `type` and `code` are of the table and need no escaping. */
export function bodyOf ({ detail: { type, message, code, origin } }: ContractError): string {
  return `{"detail":{"type":"${type}","message":${JSON.stringify(message)},"code":${code},"origin":${JSON.stringify(origin)}}}`
}

/** The error with the name of this service where it has no origin, its message through the user's `redact`. */
export function inScope (error: ContractError, { origin, redact }: Settings, log: FastifyBaseLogger): ContractError {
  if (redact === undefined && (error.hasOrigin || error.origin === origin)) return error
  return error.with({ origin: error.hasOrigin ? undefined : origin, message: redact === undefined ? undefined : redacted() })

  function redacted (): string {
    try {
      const message: unknown = redact!(error.detail.message)
      if (typeof message !== 'string') throw new TypeError(`it returned no string but ${typeof message}`)
      return message
    } catch (failure) {
      log.error({ err: safeError(failure) }, "humanloopErrors: option 'redact' failed; the message is withheld")
      return ''
    }
  }
}

/** RFC 9110 §15; Node knows none for 529. */
export function reasonOf (code: ErrorCode): string {
  return STATUS_CODES[code] ?? errorStatuses[code].title
}

/** Status and headers of CONTRACT §1 and §7. */
export function setHeaders (request: FastifyRequest, reply: FastifyReply, error: ContractError, ours: boolean): void {
  if (error.headers !== undefined) setOwnHeaders(reply, error.headers)
  const { code } = error.detail
  reply.code(code).headers(contractHeaders)
  // one may have been set for the answer that failed; HTTP/2 has none at all
  if (request.raw.httpVersionMajor === 1) reply.raw.statusMessage = reasonOf(code)
  if (error.retryAfter !== undefined && codesWithRetryAfter.has(code)) setUnlessSet(reply, 'retry-after', String(error.retryAfter))
  if (code === 429 && !error.retryable) reply.header('x-should-retry', 'false')
  if (code === 401 && ours) authenticate(request, reply)
  setUnlessSet(reply, 'x-request-id', request.id)
  if (error.upstream?.requestId !== undefined) reply.header('x-provider-request-id', error.upstream.requestId)
}

function authenticate ({ server }: FastifyRequest, reply: FastifyReply): void {
  const { authenticate: challenge } = settingsOf(server)
  if (challenge !== undefined) setUnlessSet(reply, 'www-authenticate', challenge)
}

/** Sets a header, where it is legal and the app has not set it. */
export function setUnlessSet (reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name) && fieldValue.test(value)) reply.header(name, value)
}

function setOwnHeaders (reply: FastifyReply, headers: object): void {
  for (const [name, value] of entriesOf(headers)) {
    const field = name.toLowerCase()
    if (reserved.has(field)) continue
    const values = (Array.isArray(value) ? value : [value]).map(one => typeof one === 'number' ? String(one) : one)
    if (isHeader(field, values)) reply.header(field, values.length === 1 ? values[0] : values)
  }
}

/** Whether Node would send a header; for one that is illegal it throws. */
export function isHeader (name: string, value: unknown): boolean {
  if (typeof value === 'string') return fieldValue.test(value) && fieldName.test(name)
  return typeof value === 'number' || (Array.isArray(value) && value.every(one => isHeader(name, one)))
}

function entriesOf (headers: object): Array<[string, unknown]> {
  try {
    return Object.keys(headers).map(name => [name, read(headers, name)])
  } catch {
    return [] // a proxy that does not list its keys
  }
}

/** Calls the user's `onError`; what fails in it changes no answer. */
function tell (onError: NonNullable<Settings['onError']>, error: ContractError, request: FastifyRequest, begun: boolean): void {
  const log = (failure: unknown): void => {
    request.log.error({ err: safeError(failure) }, "humanloopErrors: option 'onError' failed")
  }
  try {
    Promise.resolve(onError(error, request, { begun })).catch(log)
  } catch (failure) {
    log(failure)
  }
}
