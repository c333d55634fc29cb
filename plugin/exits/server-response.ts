/** Exit: answers that do not come through Fastify. Node's own, Fastify's while it closes and, when asked for, handlers' raw ones. */
import { validateHeaderName, validateHeaderValue, type OutgoingHttpHeaders, type OutgoingHttpHeader, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { read } from '../classify/read.js'
import { mostBytes } from '../classify/unread.js'
import { BadRequestError, ServiceUnavailableError, type ContractError } from '../errors.js'
import { shownPath } from '../log/path.js'
import { contentHeaders, yieldsToApp } from '../response/headers.js'
import { report } from '../response/report.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { settingsOf } from '../scope.js'
import { refusal } from './client-error.js'
import { appAt, isDropped } from './connection.js'
import { routeOf, verdictOn } from './guard.js'
import { parsed, textOf } from './payload.js'
import { isLeftAlone, leaveAlone, linkRequest, requestOf } from './reply-state.js'
import { sentError } from './sent-error.js'

/** What becomes of raw and hijacked responses with an error status. */
export type Hijacked = 'leave' | 'contract'

type HeadArguments = [status: number, ...WriteHeadArguments]
type WriteHeadArguments = [
  reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[], headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]
]
type Callback = (error?: Error | null) => void

/** Fastify's answer to requests that arrive while it closes. */
const closing = '{"error":"Service Unavailable","message":"Service Unavailable","statusCode":503}'

/** An answer that Node's HTTP server or Fastify gives by itself, and what stands in its place. */
interface Refusal { readonly body: string, readonly error: ContractError }

/** An answer that is held back until it is complete. */
interface Held {
  readonly app: FastifyInstance
  readonly refused: Refusal | undefined
  readonly chunks: Buffer[]
  size: number
  /** As `writeHead` was called, or the status alone where only that was set. */
  head: HeadArguments
}

const kHeld = Symbol('fastify-humanloop-errors.held')

/**
 * A response class that brings error answers inside the contract: for the `ServerResponse` option of `node:http` and
 * `node:https`, and the `Http2ServerResponse` of `node:http2`, whose methods are the same.
 */
export function contractResponse (Base: typeof ServerResponse, hijacked: Hijacked): typeof ServerResponse {
  if (hijacked === 'contract') isAsked = true
  class ContractResponse extends Base {
    declare [kHeld]: Held | undefined

    override writeHead (status: number, ...rest: WriteHeadArguments): this {
      const isLeft = isLeftAlone(this)
      if (status >= 400 && !isLeft && !this.headersSent) this[kHeld] ??= held(this, [status, ...rest], hijacked)
      if (this[kHeld] === undefined) return super.writeHead(status, ...rest as [OutgoingHttpHeaders])
      if (status >= 400 && !isLeft) {
        this[kHeld].head = [status, ...rest]
        this.statusCode = status
        return this
      }
      // it has become a success, or another exit answers in its place
      const { chunks } = this[kHeld]
      this[kHeld] = undefined
      super.writeHead(status, ...rest as [OutgoingHttpHeaders])
      if (!isLeft) for (const chunk of chunks) super.write(chunk)
      return this
    }

    override flushHeaders (): void {
      if (this.#held() === undefined) super.flushHeaders()
    }

    override write (chunk: unknown, ...rest: Array<BufferEncoding | Callback | undefined>): boolean {
      const held = this.#held()
      if (held === undefined) return super.write(chunk, ...rest as [BufferEncoding, Callback])
      collect(held, chunk, rest)
      const callback = callbackIn(rest)
      if (callback !== undefined) process.nextTick(callback)
      return true
    }

    override end (chunk?: unknown, ...rest: Array<BufferEncoding | Callback | undefined>): this {
      const held = this.#held()
      if (held === undefined) return super.end(chunk, ...rest as [BufferEncoding, Callback])
      this[kHeld] = undefined
      leaveAlone(this)
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') collect(held, chunk, rest)
      const callback = typeof chunk === 'function' ? chunk as Callback : callbackIn(rest)
      const bytes = Buffer.concat(held.chunks)
      const { app, refused, size, head } = held
      if (refused !== undefined && bytes.equals(Buffer.from(refused.body))) {
        setHeaders(this, headersIn(head)) // Node closes the connection with some
        return this.#send(refusal(app, refused.error, this.req.socket), callback)
      }
      if (hijacked === 'leave' || isIgnored(this)) {
        super.writeHead(...head as [status: number])
        return super.end(bytes, callback)
      }
      setHeaders(this, headersIn(head))
      const sent = parsed(size > mostBytes ? undefined : textOf(bytes, this.getHeader('content-encoding')))
      return this.#send(rawResponse(this, app, sent), callback)
    }

    #send ({ status, reasonPhrase, headers, body }: ErrorResponse, callback: Callback | undefined): this {
      for (const name of contentHeaders) this.removeHeader(name)
      for (const name in headers) if (!yieldsToApp(name) || !this.hasHeader(name)) this.setHeader(name, headers[name]!)
      super.writeHead(status, ...this.req.httpVersionMajor === 1 ? [reasonPhrase] : [])
      return super.end(body, callback)
    }

    /** Also for a response whose status was set, but whose head was not written by hand. */
    #held (): Held | undefined {
      if (isLeftAlone(this)) return undefined
      if (this[kHeld] === undefined && hijacked === 'contract' && this.statusCode >= 400 && !this.headersSent) {
        this[kHeld] = held(this, [this.statusCode], hijacked)
      }
      return this[kHeld]
    }
  }
  return ContractResponse as unknown as typeof ServerResponse
}

/** True once somebody in this process has asked for the contract in raw responses: an app cannot tell its own server's options. */
let isAsked = false

/** Links raw responses to their requests, for apps of a process that brings raw responses inside the contract. */
export function linkRawResponses (app: FastifyInstance): void {
  if (!isAsked) return // a hook for each request costs
  app.addHook('onRequest', (request, reply, done) => {
    linkRequest(reply.raw, request)
    done()
  })
}

function held (response: ServerResponse, head: HeadArguments, hijacked: Hijacked): Held | undefined {
  const app = appAt(read(response.req.socket, 'server') as object | undefined)
  if (app === undefined) return undefined
  const refused = refusalOf(response, head)
  return refused === undefined && hijacked === 'leave' ? undefined : { app, chunks: [], size: 0, refused, head }
}

/** What Node's HTTP server, or Fastify while it closes, refuses by itself, with an answer that no handler can have given. */
function refusalOf ({ req }: ServerResponse, head: HeadArguments): Refusal | undefined {
  const [status] = head
  if (status === 400 && req.headers.host === undefined && req.httpVersion === '1.1' &&
    read(read(req.socket, 'server'), 'requireHostHeader') === true) {
    return { body: '', error: new BadRequestError('The request has no Host header.') }
  }
  if (status === 503 && isDropped(req)) {
    return { body: '', error: new ServiceUnavailableError('The connection has had its last request; open another one.') }
  }
  if (status === 503 && read(headersIn(head), 'Content-Length') === String(closing.length)) {
    return { body: closing, error: new ServiceUnavailableError('The server is closing.') }
  }
  return undefined
}

function headersIn ([, reason, headers]: HeadArguments): OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined {
  return headers ?? (typeof reason === 'string' ? undefined : reason)
}

function callbackIn (rest: Array<BufferEncoding | Callback | undefined>): Callback | undefined {
  return rest.find((argument): argument is Callback => typeof argument === 'function')
}

function collect (answer: Held, chunk: unknown, rest: Array<BufferEncoding | Callback | undefined>): void {
  const encoding = rest.find((argument): argument is BufferEncoding => typeof argument === 'string')
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array)
  answer.size += bytes.length
  if (answer.size <= mostBytes) answer.chunks.push(bytes)
}

/** Headers as `writeHead` takes them, as far as Node would send them. */
function setHeaders (response: ServerResponse, headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined): void {
  const entries = Array.isArray(headers)
    ? headers.flatMap((name, index) => index % 2 === 0 ? [[name, headers[index + 1]] as const] : [])
    : Object.entries(headers ?? {})
  for (const [name, value] of entries) {
    try {
      validateHeaderName(String(name))
      validateHeaderValue(String(name), String(value))
      response.setHeader(String(name), value!)
    } catch {
      continue // Node would refuse the whole answer for it
    }
  }
}

/** The contract in place of a raw response: reported as what a handler sends through its reply. */
function rawResponse (raw: ServerResponse, app: FastifyInstance, sent: unknown): ErrorResponse {
  const request = requestOf(raw)
  const { error, happened } = sentError(
    sent, raw.statusCode, request === undefined ? `${raw.req.method} ${shownPath(String(raw.req.url))}` : routeOf(request)
  )
  const settings = settingsOf(request?.server ?? app)
  const response = responseTo(error, settings, request?.id)
  report(response, happened, { settings, log: request?.log ?? app.log, request, isDisconnected: raw.destroyed })
  return response
}

/** True if the route or its scope has decided that its error responses are left as they are. */
function isIgnored (raw: ServerResponse): boolean {
  const request = requestOf(raw)
  return request !== undefined && verdictOn(request, raw.statusCode) !== 'enforce'
}
