/** The connections of a server that are open, to be waited for. */
import { EventEmitter, once } from 'node:events'
import type { Server, Socket } from 'node:net'

export class Connections {
  readonly open = new Set<Socket>()
  readonly #changed = new EventEmitter()

  /** @param server HTTP or HTTPS, before its first connection */
  constructor (server: Server) {
    server.on('connection', (socket: Socket) => {
      this.open.add(socket)
      this.#changed.emit('change')
      socket.once('close', () => {
        this.open.delete(socket)
        this.#changed.emit('change')
      })
    })
  }

  /** Waits until as many are open. */
  async count (count: number): Promise<void> {
    while (this.open.size !== count) await once(this.#changed, 'change')
  }
}
