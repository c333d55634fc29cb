/** A raw HTTP/1.1 connection: what is written is said byte by byte, and what comes back is read as it stands. */
import { once } from 'node:events'
import { connect, Socket } from 'node:net'

/** An answer as it came. */
export interface Answer {
  /** `HTTP/1.1 404 Not Found`; absent where there is none (HTTP/2, inject). */
  statusLine?: string | undefined
  status: number
  headers: Record<string, string>
  /** As text; in Latin 1, a character for each byte, where it is encoded. */
  body: string
}

export class Wire {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #ended = false

  private constructor (socket: Socket) {
    this.#socket = socket
    socket.on('data', data => { this.#received = Buffer.concat([this.#received, data]) })
    socket.on('close', () => { this.#ended = true })
    socket.on('error', () => { this.#ended = true }) // a reset is an end, too
  }

  static async to (port: number, host = '127.0.0.1'): Promise<Wire> {
    const socket = connect(port, host)
    await once(socket, 'connect')
    return new Wire(socket)
  }

  /** The same over a socket of one's own, which is connected. */
  static over (socket: Socket): Wire {
    return new Wire(socket)
  }

  /** The same for what came over a connection that is over. */
  static past (received: Buffer): Wire {
    const wire = new Wire(new Socket())
    wire.#received = received
    wire.#ended = true
    return wire
  }

  write (text: string): this {
    this.#socket.write(text, 'latin1')
    return this
  }

  /** Closes the writing side. */
  finish (): this {
    this.#socket.end()
    return this
  }

  close (): void {
    this.#socket.destroy()
  }

  /** Leaves without a word: the server sees a reset. */
  reset (): void {
    this.#socket.resetAndDestroy()
  }

  /** The next answer on the connection; undefined where the connection ends without one. */
  async answer (method = 'GET'): Promise<Answer | undefined> {
    for (;;) {
      const parsed = parse(this.#received, method)
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length)
        return parsed.answer
      }
      if (this.#ended) return undefined
      await this.#more()
    }
  }

  /** Everything that comes until the connection is closed. */
  async rest (): Promise<string> {
    while (!this.#ended) await this.#more()
    return this.#received.toString()
  }

  async #more (): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    await Promise.race([
      once(this.#socket, 'data', { signal }), once(this.#socket, 'close', { signal }), once(this.#socket, 'error', { signal })
    ]).catch(() => {})
    controller.abort()
  }
}

function parse (received: Buffer, method: string): { answer: Answer, length: number } | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine, ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(lines.map(line => [
    line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()
  ]))
  const status = Number(statusLine!.split(' ')[1])
  const from = end + 4
  const complete = (body: Buffer, length: number) => ({
    answer: { statusLine, status, headers, body: body.toString('content-encoding' in headers ? 'latin1' : 'utf8') }, length
  })
  if (method === 'HEAD' || status === 204 || status === 304 || status === 100) return complete(Buffer.alloc(0), from)
  if (headers['transfer-encoding'] === 'chunked') {
    const chunks: Buffer[] = []
    for (let at = from; ;) {
      const line = received.indexOf('\r\n', at)
      if (line === -1) return undefined
      const size = parseInt(received.subarray(at, line).toString(), 16)
      if (received.length < line + 4 + size) return undefined
      if (size === 0) return complete(Buffer.concat(chunks), line + 4)
      chunks.push(received.subarray(line + 2, line + 2 + size))
      at = line + 4 + size
    }
  }
  const length = Number(headers['content-length'] ?? 0)
  return received.length < from + length ? undefined : complete(received.subarray(from, from + length), from + length)
}

/** A request as text, with a Host. */
export function request (method: string, url: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const fields = { host: 'test', ...body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }, ...headers }
  return `${method} ${url} HTTP/1.1\r\n${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
