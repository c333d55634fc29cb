/** From a ContractError to the status, headers and body of an answer. Every exit of the server ends here. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { codesWithRetryAfter } from '../../schemas/responses.js'
import { read } from '../classify/read.js'
import type { ContractError } from '../errors.js'
import { logAnswer, type Happened } from '../log/line.js'
import { safeError } from '../log/safe-error.js'
import { settingsOf } from '../scope.js'
import type { Settings } from '../options.js'
import { markAnswered } from './marks.js'

/** RFC 9110 §8: headers that describe the content of the answer that failed, and framing that is no longer true. */
const contentHeaders: ReadonlySet<string> = new Set([
  'etag', 'last-modified', 'expires', 'content-encoding', 'content-disposition', 'content-range', 'accept-ranges',
  'transfer-encoding', 'content-length'
])

/** Headers that an error may not set: the contract's own, and the connection's. */
const reserved: ReadonlySet<string> = new Set([
  ...contentHeaders, 'content-type', 'cache-control', 'retry-after', 'connection', 'keep-alive', 'proxy-connection', 'http2-settings',
  'upgrade', 'trailer', 'te', 'host', 'date'
])

/** RFC 9110 §5.6.2 and §5.5. */
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** Sends an error answer: finished, so that no serializer, schema or hook of the route can change or break it. */
export function sendAnswer (request: FastifyRequest, reply: FastifyReply, error: ContractError, happened: Happened = { thrown: error }): void {
  const body = prepareAnswer(request, reply, error, happened)
  reply.serializer(identity).send(body)
}

function identity (body: string): string {
  return body
}

/**
 * Sets status and headers of an error answer, logs it, tells `onError`.
 *
 * @param happened what was thrown or replaced, for the log
 * @returns the body
 */
export function prepareAnswer (request: FastifyRequest, reply: FastifyReply, answer: ContractError, happened: Happened): string {
  const settings = settingsOf(request.server)
  const error = inScope(answer, settings, request)
  const ours = !answer.hasOrigin || answer.origin === settings.origin
  setHeaders(request, reply, error, ours ? settings.authenticate : undefined)
  logAnswer(request, reply, error, happened, ours, settings.redact)
  if (settings.onError !== undefined) tell(settings.onError, error, request)
  const body = bodyOf(error)
  markAnswered(reply, body)
  return body
}

/** JSON.stringify(error), in a third of its time: `type` and `code` are of the table and need no escaping. */
function bodyOf ({ detail: { type, message, code, origin } }: ContractError): string {
  return `{"detail":{"type":"${type}","message":${JSON.stringify(message)},"code":${code},"origin":${JSON.stringify(origin)}}}`
}

/** The error with the name of this service where it has no origin, its message through the user's `redact`. */
function inScope (error: ContractError, { origin, redact }: Settings, request: FastifyRequest): ContractError {
  if (redact === undefined && (error.hasOrigin || error.origin === origin)) return error
  return error.with({ origin: error.hasOrigin ? undefined : origin, message: redact === undefined ? undefined : redacted() })

  function redacted (): string {
    try {
      const message: unknown = redact!(error.detail.message)
      if (typeof message !== 'string') throw new TypeError(`it returned no string but ${typeof message}`)
      return message
    } catch (failure) {
      request.log.error({ err: safeError(failure) }, "humanloopErrors: option 'redact' failed; the message is withheld")
      return ''
    }
  }
}

function setHeaders (request: FastifyRequest, reply: FastifyReply, error: ContractError, authenticate: string | undefined): void {
  const set = reply.getHeaders()
  for (const name in set) if (contentHeaders.has(name)) reply.removeHeader(name)
  if (error.headers !== undefined) setOwnHeaders(reply, error.headers)
  const { code } = error.detail
  reply.code(code).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store')
  // RFC 9110 §15: Node knows no reason phrase for 529; HTTP/2 has none at all
  if (code === 529 && request.raw.httpVersionMajor === 1) reply.raw.statusMessage = 'Overloaded'
  if (error.retryAfter !== undefined && codesWithRetryAfter.has(code)) setUnlessSet(reply, 'retry-after', String(error.retryAfter))
  if (code === 429 && !error.retryable) reply.header('x-should-retry', 'false')
  if (code === 401 && authenticate !== undefined) setUnlessSet(reply, 'www-authenticate', authenticate)
  if (!('x-request-id' in set)) setUnlessSet(reply, 'x-request-id', request.id)
  if (error.upstream?.requestId !== undefined) reply.header('x-provider-request-id', error.upstream.requestId)
}

function setUnlessSet (reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name) && fieldValue.test(value)) reply.header(name, value)
}

function setOwnHeaders (reply: FastifyReply, headers: object): void {
  for (const [name, value] of entriesOf(headers)) {
    const field = name.toLowerCase()
    if (reserved.has(field) || !fieldName.test(field)) continue
    const values = (Array.isArray(value) ? value : [value]).map(one => typeof one === 'number' ? String(one) : one)
    if (values.every(one => typeof one === 'string' && fieldValue.test(one))) reply.header(field, values.length === 1 ? values[0] : values)
  }
}

function entriesOf (headers: object): Array<[string, unknown]> {
  try {
    return Object.keys(headers).map(name => [name, read(headers, name)])
  } catch {
    return [] // a proxy that does not list its keys
  }
}

/** Calls the user's `onError`; what fails in it changes no answer. */
function tell (onError: NonNullable<Settings['onError']>, error: ContractError, request: FastifyRequest): void {
  const log = (failure: unknown): void => {
    request.log.error({ err: safeError(failure) }, "humanloopErrors: option 'onError' failed")
  }
  try {
    Promise.resolve(onError(error, request)).catch(log)
  } catch (failure) {
    log(failure)
  }
}
