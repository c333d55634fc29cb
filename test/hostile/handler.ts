/** What a row of the tables of handlers says, and what a handler is given. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Run } from './ledger.js'

/** What leaves at the least where no hook interferes. */
export type Expected =
  /** The contract, whatever the guard does. `needsServerOptions`: only with these. */
  | { readonly is: 'thrown', readonly code: number, readonly needsServerOptions?: true }
  /** An error response that the handler sends itself: the contract where the guard is on, else the status as it is. */
  | { readonly is: 'sent', readonly code: number, readonly status: number }
  | { readonly is: 'success', readonly status: number, readonly body?: string }
  /** Written past Fastify; `code` where it is brought inside the contract. */
  | { readonly is: 'raw', readonly status: number, readonly code?: number }
  /** A stream whose last frame is an error. */
  | { readonly is: 'frame' }
  /** A body that begins and is cut, or nothing but a closed connection. */
  | { readonly is: 'cut' }
  /** A reply that is sent more than once: whatever is first, and one of it. */
  | { readonly is: 'either', readonly codes: readonly number[] }

export interface Handler {
  readonly name: string
  readonly expects: Expected
  /** Default: GET, and sometimes HEAD. */
  readonly method?: 'POST'
  /** A path that is not the handler's own. */
  readonly path?: string
  readonly query?: string
  readonly body?: string
  readonly contentType?: string
  /** True if the body may be a long upload, so that it can be aborted. */
  readonly isUpload?: true
  /** Of the route. */
  readonly options?: RouteShorthandOptions
  /** True if it has no end before its client leaves. */
  readonly waits?: true
  /** True if it has an end only where the guard cuts it. */
  readonly needsGuard?: true
  /** True if Fastify itself cannot send it over HTTP/2. */
  readonly needsHttp1?: true
  readonly run?: (request: FastifyRequest, reply: FastifyReply, part: Part) => unknown
}

/** A key that never leaves, in a response or a log line. */
export const key = 'sk-proj-Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OWFi'

/** What never leaves in a response. */
export const secret = 'select password_hash from accounts'

/** What a handler may use, and what it opens with it is noted. */
export class Part {
  readonly run: Run
  /** URL of the upstream. */
  readonly upstream: string
  /** Resolves when the client has gone. */
  readonly untilGone: Promise<unknown>

  constructor (run: Run, upstream: string, untilGone: Promise<unknown>) {
    this.run = run
    this.upstream = upstream
    this.untilGone = untilGone
  }

  /** URL of a page of the upstream. */
  page (query: string): string {
    return `${this.upstream}/page?${query}&run=${this.run.id}`
  }

  /** Notes a stream until it is closed. */
  stream<Stream extends Readable> (stream: Stream): Stream {
    stream.once('close', this.run.opened('stream'))
    return stream
  }

  /**
   * Makes a web stream, which is noted until it has ended or was cancelled.
   *
   * @param last what follows the chunks
   */
  webStream (chunks: readonly string[], last: 'end' | 'error' | 'silence' = 'end'): ReadableStream<Uint8Array> {
    const closed = this.run.opened('web stream')
    const rest = [...chunks]
    return new ReadableStream({
      async pull (controller) {
        const chunk = rest.shift()
        if (chunk !== undefined) return controller.enqueue(Buffer.from(chunk))
        if (last === 'silence') return new Promise(() => {})
        closed()
        if (last === 'end') controller.close()
        else controller.error(new Error(`the web stream broke: ${secret}`))
      },
      cancel: closed
    }, { highWaterMark: 0 })
  }

  /** A source of events, which is noted until it is left. */
  async * events (count: number, last: 'end' | 'error' | 'silence', release: () => void = () => {}): AsyncGenerator<object> {
    const closed = this.run.opened('source of events')
    try {
      for (let n = 0; n < count; n++) yield { n }
      if (last === 'error') throw new Error(`the source broke: ${secret}`)
      if (last === 'silence') await this.untilGone
    } finally {
      closed()
      release()
    }
  }
}

/** A stream that gives these chunks one by one, each in a turn of its own, and then ends, breaks or is silent. */
export function inTurns (chunks: readonly string[], last: 'end' | 'error' | 'silence' = 'end'): Readable {
  const rest = [...chunks]
  return new Readable({
    read () {
      setImmediate(() => {
        const chunk = rest.shift()
        if (chunk !== undefined) this.push(chunk)
        else if (last === 'end') this.push(null)
        else if (last === 'error') this.destroy(new Error(`the stream broke: ${secret}`))
      })
    }
  })
}
