/** What a row of the table of clients says, and the connection that those of HTTP/1.1 have. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import type { Run } from './ledger.js'
import type { Response } from './wire.js'

/** How long a response may take, in milliseconds. */
export const longestMs = 20_000

/** How long a client that is about to leave waits for what may never come, in milliseconds. */
export const patienceMs = 100

export interface Request {
  readonly method: string
  readonly path: string
  readonly contentType: string | undefined
  readonly body: string
}

export interface Call {
  readonly port: number
  readonly isTls: boolean
  readonly run: Run
  readonly request: Request
}

/** What a client has seen. */
export interface Observed {
  readonly responses: readonly Response[]
  /** The request that each response belongs to; `garbage` for what was no request. */
  readonly asked: ReadonlyArray<'target' | 'good' | 'garbage'>
  /** What is no HTTP. */
  readonly violations: readonly string[]
  /** True if the client went before it had all. */
  readonly hasLeft: boolean
  /** True if it waited until its time was up. */
  readonly isLate: boolean
  /** All that came, for a person to read. */
  readonly text: string
}

export interface Client {
  readonly name: string
  readonly protocol: 'h1' | 'h2'
  /** True if it goes before it has all. */
  readonly leaves: boolean
  /** True if it breaks off its upload. */
  readonly aborts?: true
  readonly call: (call: Call) => Promise<Observed>
}

/** A connection that keeps all that comes. */
export class Connection {
  readonly socket: Socket
  readonly signal = AbortSignal.timeout(longestMs)
  #chunks: Buffer[] = []
  hasEnded = false

  private constructor (socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => { this.#chunks.push(chunk) })
    socket.on('error', () => {}) // 'close' follows
    socket.once('end', () => { this.hasEnded = true })
  }

  static async open ({ port, isTls, run }: Pick<Call, 'port' | 'isTls' | 'run'>): Promise<Connection> {
    const socket = isTls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1')
    const connection = new Connection(socket)
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal: connection.signal })
    run.ports.add(socket.localPort!)
    return connection
  }

  get bytes (): Buffer {
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!
  }

  /** Leaves with an RST; TLS has none. */
  reset (): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  write (text: string): this {
    if (this.socket.writable) this.socket.write(text, 'latin1')
    return this
  }

  /** Waits for something that a socket tells; for its end, or the end of the time, in any case. */
  async next (event: 'data' | 'close', limit = this.signal): Promise<void> {
    if (this.socket.closed || limit.aborted) return
    const done = new AbortController()
    const signal = AbortSignal.any([limit, done.signal])
    await Promise.race(['close', event].map(name => once(this.socket, name, { signal }))).catch(() => {}) // the time is up
    done.abort()
  }

  /** Waits until the server closes. */
  async untilClosed (): Promise<void> {
    while (!this.socket.closed && !this.signal.aborted) await this.next('close')
  }

  /** Waits until something is there: so many bytes, or a whole head. */
  async until (isThere: (bytes: Buffer) => boolean, limit = this.signal): Promise<void> {
    while (!isThere(this.bytes) && !this.socket.closed && !limit.aborted) await this.next('data', limit)
  }
}

export function textOf ({ method, path, contentType, body }: Request, { close = false, length = Buffer.byteLength(body) } = {}): string {
  const hasBody = method === 'POST'
  const fields = [
    'host: test', ...hasBody ? [`content-type: ${contentType}`, `content-length: ${length}`] : [], ...close ? ['connection: close'] : []
  ]
  return `${method} ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${hasBody ? body : ''}`
}
