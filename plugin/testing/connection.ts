/** The wire: bytes out, bytes in. Nothing of the check is sent but through here, to the app's own server. */
import { once } from 'node:events'
import { Server } from 'node:http'
import { connect, type NetConnectOpts } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** An answer as it arrived. */
export interface Answer {
  /** 0 where what arrived is no HTTP. */
  readonly status: number
  /** By lower-case name; those that came more than once joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Wire {
  /** The value of `Host`. */
  readonly host: string
  /**
   * Sends bytes on a connection of their own.
   *
   * @param last whether nothing follows: our side of the connection is closed
   * @returns what arrived until the server closed the connection or the time was over; undefined for nothing
   */
  readonly send: (text: string, last?: boolean) => Promise<Answer | undefined>
  readonly close: () => Promise<void>
}

/**
 * Opens the app's server on a free port of 127.0.0.1, unless it listens already. `close` undoes that: it is the server that
 * is opened and closed, not the app, which can still be used and be made to listen.
 *
 * @param timeout milliseconds that an answer may take
 * @throws TypeError for a server that does not speak plain HTTP/1.1
 */
export async function openWire (app: FastifyInstance, timeout: number): Promise<Wire> {
  const server: unknown = app.server
  if (!(server instanceof Server)) {
    throw new TypeError('checkErrorContract: it speaks plain HTTP/1.1; build the app without https and http2 for the check')
  }
  await app.ready()
  const opened = !server.listening
  if (opened) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const target = targetOf(server.address()!)
  return {
    host: 'port' in target ? `${target.host}:${target.port}` : 'localhost',
    send: async (text, last = false) => answerIn(await received(target, text, last, timeout)),
    close: async () => {
      if (!opened) return
      const closed = once(server, 'close')
      server.close()
      await closed
    }
  }
}

function targetOf (address: NonNullable<ReturnType<Server['address']>>): NetConnectOpts & { host?: string } {
  if (typeof address === 'string') return { path: address }
  const loopback: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  return { host: loopback[address.address] ?? address.address, port: address.port }
}

async function received (target: NetConnectOpts, text: string, last: boolean, timeout: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  const socket = connect({ ...target, allowHalfOpen: true })
  const timer = setTimeout(() => { socket.destroy() }, timeout)
  socket.on('data', chunk => { chunks.push(chunk) })
  socket.on('end', () => { socket.end() })
  // a server that answers before it has read everything may reset the connection: what arrived is what counts
  socket.on('error', () => { socket.destroy() })
  socket.write(text)
  if (last) socket.end()
  await new Promise(resolve => { socket.once('close', resolve) })
  clearTimeout(timer)
  return Buffer.concat(chunks)
}

function answerIn (bytes: Buffer): Answer | undefined {
  if (bytes.length === 0) return undefined
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})\b/.exec(first)?.[1]
  if (status === undefined) return { status: 0, headers: {}, body: bytes }
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  const body = bytes.subarray(end + 4)
  return { status: Number(status), headers, body: headers['transfer-encoding'] === 'chunked' ? joined(body) : body }
}

/** The chunks of a body, joined; as far as they arrived. */
function joined (body: Buffer): Buffer {
  const chunks: Buffer[] = []
  let at = 0
  for (let size = sizeAt(body, at); size > 0; size = sizeAt(body, at)) {
    const start = body.indexOf('\r\n', at) + 2
    chunks.push(body.subarray(start, start + size))
    at = start + size + 2
  }
  return Buffer.concat(chunks)
}

/** @returns NaN where no chunk begins */
function sizeAt (body: Buffer, at: number): number {
  return Number.parseInt(body.toString('latin1', at, at + 8), 16)
}
