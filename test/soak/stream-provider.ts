/** The stand-in for a provider: it streams what a plan says, and counts the calls and connections that are open. */
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import type { DialectName } from '../../plugin/index.js'
import { dataAt, errorEvent, piece, terminal, type Plan } from './stream-plan.js'

export class Provider {
  readonly url: string
  /** All that came. */
  calls = 0
  /** Bytes of floods that the network took. */
  produced = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #calls = new Set<ServerResponse>()
  readonly #sockets = new Set<Socket>()
  readonly #left = new EventEmitter()

  private constructor (server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.#left.emit('left')
      })
    })
    server.on('request', (request, response) => {
      this.calls++
      this.#calls.add(response)
      response.once('close', () => {
        this.#calls.delete(response)
        this.#left.emit('left')
      })
      const answered = request.url!.startsWith('/flood') ? this.#flood(request, response) : answer(request, response)
      answered.catch(() => response.destroy()) // the caller has gone while it was asking
    })
  }

  static async start (): Promise<Provider> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Provider(server)
  }

  /** Waits until nobody calls. @returns how many calls are open nevertheless after some milliseconds */
  async callsLeft (deadline: number): Promise<number> {
    return this.#settled(this.#calls, deadline)
  }

  /** Waits until no connection is open: those without a call are closed by the client after some seconds. */
  async connectionsLeft (deadline: number): Promise<number> {
    return this.#settled(this.#sockets, deadline)
  }

  async #flood (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { model } = await json(request) as { model: string }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let n = 0; n < Number(model) && !response.destroyed; n++) {
      await written(response, framed(piece, 'openai-chat'))
      this.produced += piece.text.length
    }
    response.end('data: [DONE]\n\n')
  }

  async #settled (open: ReadonlySet<unknown>, deadline: number): Promise<number> {
    const signal = AbortSignal.timeout(deadline)
    while (open.size > 0 && !signal.aborted) await once(this.#left, 'left', { signal }).catch(() => {}) // the size tells
    return open.size
  }

  close (): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model } = await json(request) as { model: string }
  const plan = JSON.parse(model) as Plan
  if (plan.ending === 'limited') {
    response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(errorEvent))
    return
  }
  const bytes = request.url === '/bytes'
  const send = async (data: unknown): Promise<void> => {
    const frame = framed(data, bytes ? plan.dialect : 'openai-chat')
    const at = Math.floor(Math.random() * frame.length)
    for (const part of [frame.slice(0, at), frame.slice(at)]) {
      await written(response, part)
      if (plan.pace !== 'none') await turn()
    }
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  for (let n = 0; n < plan.events && !response.destroyed; n++) await send(dataAt(plan, n))
  switch (plan.ending) {
    case 'cut': response.destroy(); break
    case 'event': await send(errorEvent); break
    case 'silence': case 'waits': return
    default: {
      const last = bytes ? terminal[plan.dialect] : '[DONE]'
      if (last !== undefined) await send(last)
    }
  }
  if (plan.ending === 'goes on') await send(dataAt(plan, -1))
  else response.end()
}

/** @throws where the caller goes before it took it */
async function written (response: ServerResponse, text: string): Promise<void> {
  if (response.write(text)) return
  const closed = new AbortController()
  const close = (): void => closed.abort()
  response.once('close', close)
  await once(response, 'drain', { signal: closed.signal })
  response.off('close', close)
}

/** Where events have names, these are their types. */
function framed (data: unknown, dialect: DialectName): string {
  if (dialect === 'ndjson') return `${JSON.stringify(data === errorEvent ? { error: 'Too many at once.' } : data)}\n`
  const event = dialect === 'anthropic' || dialect === 'openai-responses' ? `event: ${(data as { type: string }).type}\n` : ''
  return `${event}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
