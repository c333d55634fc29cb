/** Exit: answers that do not come through Fastify. Node's own, Fastify's while it closes and, when asked for, handlers' raw ones. */
import { validateHeaderName, validateHeaderValue, type OutgoingHttpHeaders, type OutgoingHttpHeader, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { readBody } from '../classify/body.js'
import { read } from '../classify/read.js'
import { ownCode } from '../classify/status.js'
import { mostBytes } from '../classify/unread.js'
import { BadRequestError, errorClasses, ServiceUnavailableError, type ContractError } from '../errors.js'
import { contentHeaders } from './answer.js'
import { appAt, isDropped } from './connection.js'
import { isContract } from './contract-body.js'
import { isLeftAlone, leaveAlone } from './marks.js'
import { textOf } from './payload.js'
import { rawAnswer } from './raw-answer.js'

/** What becomes of raw and hijacked responses with an error status. */
export type Hijacked = 'leave' | 'contract'

type WriteHeadArguments = [reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[], headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]]
type Callback = (error?: Error | null) => void

/** Fastify's answer to requests that arrive while it closes. */
const closing = '{"error":"Service Unavailable","message":"Service Unavailable","statusCode":503}'

/** An answer that is held back until it is complete. */
interface Held {
  readonly app: FastifyInstance
  readonly chunks: Buffer[]
  size: number
  /** What stands in its place, where that does not depend on its body. */
  readonly instead: ContractError | undefined
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
      if (status < 400 || isLeftAlone(this)) return super.writeHead(status, ...rest as [OutgoingHttpHeaders])
      const headers = rest.length > 1 || typeof rest[0] === 'string' ? rest[1] : rest[0]
      this[kHeld] ??= held(this, status, headers, hijacked)
      if (this[kHeld] === undefined) return super.writeHead(status, ...rest as [OutgoingHttpHeaders])
      this.statusCode = status
      setHeaders(this, headers)
      return this
    }

    override flushHeaders (): void {
      if (!this.#isHeld()) super.flushHeaders()
    }

    override write (chunk: unknown, ...rest: Array<BufferEncoding | Callback | undefined>): boolean {
      if (!this.#isHeld()) return super.write(chunk, ...rest as [BufferEncoding, Callback])
      collect(this[kHeld]!, chunk, rest)
      return true
    }

    override end (chunk?: unknown, ...rest: Array<BufferEncoding | Callback | undefined>): this {
      if (!this.#isHeld()) return super.end(chunk, ...rest as [BufferEncoding, Callback])
      if (typeof chunk === 'function') rest.push(chunk as Callback)
      else if (chunk !== undefined && chunk !== null) collect(this[kHeld]!, chunk, rest.filter(argument => typeof argument === 'string'))
      const { app, chunks, size, instead } = this[kHeld]!
      this[kHeld] = undefined
      leaveAlone(this)
      const bytes = Buffer.concat(chunks)
      const text = size > mostBytes ? undefined : textOf(bytes, this.getHeader('content-encoding'))
      const body = parsed(text)
      const callback = rest.find((argument): argument is Callback => typeof argument === 'function')
      if (instead === undefined && isContract(body, this.statusCode)) return super.end(bytes, callback)
      const answer = instead === undefined
        ? rawAnswer(app, new errorClasses[ownCode(this.statusCode)](readBody(body).message), { route: routeOf(this), status: this.statusCode })
        : rawAnswer(app, instead)
      for (const name of contentHeaders) this.removeHeader(name)
      super.writeHead(answer.code, this.req.httpVersionMajor === 1 ? answer.reason : undefined, answer.headers)
      return super.end(answer.body, callback)
    }

    /** Also for a response whose status was set, but whose head was not written by hand. */
    #isHeld (): boolean {
      if (this[kHeld] !== undefined) return true
      if (hijacked === 'leave' || this.statusCode < 400 || this.headersSent || isLeftAlone(this)) return false
      this[kHeld] = held(this, this.statusCode, undefined, hijacked)
      return this[kHeld] !== undefined
    }
  }
  return ContractResponse as unknown as typeof ServerResponse
}

function held (response: ServerResponse, status: number, headers: unknown, hijacked: Hijacked): Held | undefined {
  const app = appAt(read(response.req.socket, 'server') as object | undefined)
  if (app === undefined) return undefined
  const instead = refusalOf(response, status, headers)
  return instead === undefined && hijacked === 'leave' ? undefined : { app, chunks: [], size: 0, instead }
}

/** What Node's HTTP server, or Fastify while it closes, refuses by itself, with an answer that no handler can have given. */
function refusalOf ({ req }: ServerResponse, status: number, headers: unknown): ContractError | undefined {
  if (status === 400 && req.headers.host === undefined && req.httpVersion === '1.1' && read(read(req.socket, 'server'), 'requireHostHeader') === true) {
    return new BadRequestError('The request has no Host header.')
  }
  if (status === 503 && isDropped(req)) return new ServiceUnavailableError('The connection has had its last request; open another one.')
  if (status === 503 && read(headers, 'Content-Length') === String(closing.length)) return new ServiceUnavailableError('The server is closing.')
}

function collect (answer: Held, chunk: unknown, rest: Array<BufferEncoding | Callback | undefined>): void {
  const encoding = rest.find((argument): argument is BufferEncoding => typeof argument === 'string')
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array)
  answer.size += bytes.length
  if (answer.size <= mostBytes) answer.chunks.push(bytes)
  const callback = rest.find((argument): argument is Callback => typeof argument === 'function')
  if (callback !== undefined) process.nextTick(callback)
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
  return `${req.method} ${String(req.url).split('?', 1)[0]}`
}
