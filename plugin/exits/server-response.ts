/** Exit: answers that do not come through Fastify. Node's own, Fastify's while it closes and, when asked for, handlers' raw ones. */
import { validateHeaderName, validateHeaderValue, type OutgoingHttpHeaders, type OutgoingHttpHeader, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { readBody } from '../classify/body.js'
import { read } from '../classify/read.js'
import { ownCode } from '../classify/status.js'
import { mostBytes } from '../classify/unread.js'
import { BadRequestError, errorClasses, ServiceUnavailableError, type ContractError } from '../errors.js'
import { shownPath } from '../log/path.js'
import { contentHeaders, contractHeaders, reasonOf } from './answer.js'
import { refusal } from './client-error.js'
import { appAt, isDropped } from './connection.js'
import { isContract } from './contract-body.js'
import { isLeftAlone, leaveAlone } from './marks.js'
import { textOf } from './payload.js'
import { rawAnswer, type RawAnswer } from './raw-answer.js'

/** What becomes of raw and hijacked responses with an error status. */
export type Hijacked = 'leave' | 'contract'

type HeadArguments = [status: number, ...WriteHeadArguments]
type WriteHeadArguments = [reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[], headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]]
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
        return this.#answer(refusal(app, refused.error, this.req.socket), callback)
      }
      if (hijacked === 'leave') {
        super.writeHead(...head as [status: number])
        return super.end(bytes, callback)
      }
      setHeaders(this, headersIn(head))
      const encoding = this.getHeader('content-encoding')
      const body = parsed(size > mostBytes ? undefined : textOf(bytes, encoding))
      const code = this.statusCode
      if (!isContract(body, code)) return this.#answer(rawAnswer(app, new errorClasses[ownCode(code)](readBody(body).message), { route: routeOf(this), status: code }), callback)
      return this.#answer({
        code, reason: reasonOf(body.detail.code), body: bytes, headers: { ...contractHeaders, 'content-length': String(bytes.length), ...encoding !== undefined && { 'content-encoding': String(encoding) } }
      }, callback)
    }

    #answer ({ code, reason, headers, body }: Omit<RawAnswer, 'body'> & { body: string | Buffer }, callback: Callback | undefined): this {
      for (const name of contentHeaders) this.removeHeader(name)
      super.writeHead(code, this.req.httpVersionMajor === 1 ? reason : undefined, headers)
      return super.end(body, callback)
    }

    /** Also for a response whose status was set, but whose head was not written by hand. */
    #held (): Held | undefined {
      if (isLeftAlone(this)) return undefined
      if (this[kHeld] === undefined && hijacked === 'contract' && this.statusCode >= 400 && !this.headersSent) this[kHeld] = held(this, [this.statusCode], hijacked)
      return this[kHeld]
    }
  }
  return ContractResponse as unknown as typeof ServerResponse
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
  if (status === 400 && req.headers.host === undefined && req.httpVersion === '1.1' && read(read(req.socket, 'server'), 'requireHostHeader') === true) {
    return { body: '', error: new BadRequestError('The request has no Host header.') }
  }
  if (status === 503 && isDropped(req)) return { body: '', error: new ServiceUnavailableError('The connection has had its last request; open another one.') }
  if (status === 503 && read(headersIn(head), 'Content-Length') === String(closing.length)) return { body: closing, error: new ServiceUnavailableError('The server is closing.') }
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

function parsed (text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return text // no JSON: the text is what there is
  }
}

function routeOf ({ req }: ServerResponse): string {
  return `${req.method} ${shownPath(String(req.url))}`
}
