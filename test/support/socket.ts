/** HTTP as text over a socket: what a server sends, byte for byte. */
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Answer {
  /** Such as `HTTP/1.1 200 OK`. */
  readonly status: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Without the chunks' frames. */
  readonly body: string
  /** Whether the body is all there: it has its length, or its last chunk. */
  readonly whole: boolean
}

export async function listening (app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** A connection on which a request was sent. */
export async function request (port: number, path: string, { method = 'GET', headers = '' } = {}): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`)
  return socket
}

/** What has come when the text is there, or the connection ends. */
export async function until (socket: Socket, text: string): Promise<string> {
  const received: string[] = []
  let end = ''
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    received.push(chunk)
    end = end.slice(-text.length) + chunk
    if (end.includes(text)) break
  }
  return received.join('')
}

/** The answer to one request, on a connection of its own. */
export async function ask (port: number, path: string, { method = 'GET', headers = '' } = {}): Promise<Answer> {
  return answerIn(await until(await request(port, path, { method, headers: `connection: close\r\n${headers}` }), '\0'))
}

export function answerIn (text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [status = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(lines.map(line => [
    line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()
  ]))
  const rest = text.slice(end + 4)
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, ...unchunked(rest) }
  return {
    status,
    headers,
    body: rest,
    whole: headers['content-length'] === undefined || Number(headers['content-length']) === Buffer.byteLength(rest)
  }
}

function unchunked (text: string): { body: string, whole: boolean } {
  let rest = Buffer.from(text)
  let body = ''
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = parseInt(rest.subarray(0, line).toString(), 16)
    if (line === -1 || !(size > 0)) return { body, whole: size === 0 }
    body += rest.subarray(line + 2, line + 2 + size).toString()
    rest = rest.subarray(line + 2 + size + 2)
  }
}
