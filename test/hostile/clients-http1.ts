/** Clients of HTTP/1.1, with or without TLS. */
import { setImmediate } from 'node:timers/promises'
import { Connection, patienceMs, textOf, type Call, type Client, type Observed, type Request } from './client.js'
import { readConversation } from './wire.js'

const good: Request = { method: 'GET', path: '/good', contentType: undefined, body: '' }
const garbage = '\u0001\u0002 garbage\r\n\r\n'

interface Script {
  /** What is asked, in order. */
  readonly asked: Observed['asked']
  readonly leaves?: boolean
  readonly aborts?: true
  /** Writes, waits and leaves; what comes is kept. Where it returns, the rest is waited for, unless the client has left. */
  readonly play: (connection: Connection, call: Call) => Promise<void> | void
}

const scripts: Readonly<Record<string, Script>> = {
  'patient, for one response': {
    asked: ['target'], play: (connection, { request }) => { connection.write(textOf(request, { close: true })) }
  },
  'patient, on a kept connection': {
    asked: ['target', 'good'],
    play: async (connection, { request }) => {
      connection.write(textOf(request))
      await connection.until(bytes => readConversation(bytes, [request.method], false).responses[0]?.isWhole === true)
      connection.write(textOf(good, { close: true }))
    }
  },
  'three requests at once': {
    asked: ['target', 'good', 'target'],
    play: (connection, { request }) => { connection.write(textOf(request) + textOf(good) + textOf(request, { close: true })) }
  },
  'three requests at once, in two pieces': {
    asked: ['good', 'target', 'good'],
    play: async (connection, { request }) => {
      const text = textOf(good) + textOf(request) + textOf(good, { close: true })
      connection.write(text.slice(0, 70))
      await setImmediate()
      connection.write(text.slice(70))
    }
  },
  'a slow reader': {
    asked: ['target'],
    play: async (connection, { request, run }) => {
      connection.socket.pause()
      connection.write(textOf(request, { close: true }))
      await run.arrived(connection.signal)
      for (let turns = 0; turns < 20; turns++) await setImmediate()
      connection.socket.resume()
    }
  },
  'garbage behind its request': {
    asked: ['target', 'garbage'], play: (connection, { request }) => { connection.write(textOf(request) + garbage) }
  },
  'garbage a little later': {
    asked: ['target', 'garbage'],
    play: async (connection, { request, run }) => {
      connection.write(textOf(request))
      await run.arrived(connection.signal)
      connection.write(garbage)
    }
  },
  'a request that comes byte by byte': {
    asked: ['target'],
    play: async (connection, { request }) => {
      connection.socket.setNoDelay()
      for (const character of textOf(request, { close: true }).slice(0, 24)) {
        connection.write(character)
        await setImmediate()
      }
      connection.write(textOf(request, { close: true }).slice(24))
    }
  },

  'leaves at once (FIN)': leaver(connection => { connection.socket.destroy() }, 'nothing'),
  'leaves at once (RST)': leaver(connection => { connection.reset() }, 'nothing'),
  'leaves when it was heard (FIN)': leaver(connection => { connection.socket.destroy() }, 'arrival'),
  'leaves when it was heard (RST)': leaver(connection => { connection.reset() }, 'arrival'),
  'leaves at the first byte': leaver(connection => { connection.socket.destroy() }, 'byte'),
  'leaves within the body (RST)': leaver(connection => { connection.reset() }, 'head'),
  'closes its half': leaver(async connection => { connection.socket.end(); await connection.untilClosed() }, 'nothing'),
  'closes its half when it was heard': leaver(async connection => { connection.socket.end(); await connection.untilClosed() }, 'arrival'),
  'garbage behind its request, and leaves': leaver(connection => { connection.write(garbage).socket.end() }, 'arrival'),

  'leaves in its upload (FIN)': aborter(async connection => { connection.socket.end(); await connection.untilClosed() }),
  'leaves in its upload (destroyed)': aborter(connection => { connection.socket.destroy() }),
  'leaves in its upload (RST)': aborter(connection => { connection.reset() }),
  'a malformed chunk in its upload': {
    asked: ['target'],
    aborts: true,
    play: async (connection, { request, run }) => {
      const head =
        `POST ${request.path} HTTP/1.1\r\nhost: test\r\ncontent-type: ${request.contentType}\r\ntransfer-encoding: chunked\r\n\r\n`
      connection.write(`${head}400\r\n${'u'.repeat(1024)}\r\n`)
      await run.arrived(connection.signal)
      connection.write('zz\r\n')
    }
  }
}

function leaver (leave: (connection: Connection) => Promise<void> | void, when: 'nothing' | 'arrival' | 'byte' | 'head'): Script {
  return {
    asked: ['target'],
    leaves: true,
    async play (connection, { request, run }) {
      connection.write(textOf(request))
      if (when === 'nothing') await new Promise<void>(resolve => { connection.socket.write('', () => resolve()) })
      const soon = AbortSignal.any([connection.signal, AbortSignal.timeout(patienceMs)])
      if (when === 'arrival') await run.arrived(soon)
      if (when === 'byte') await connection.until(bytes => bytes.length > 0, soon)
      if (when === 'head') await connection.until(bytes => bytes.includes('\r\n\r\n'), soon)
      await leave(connection)
    }
  }
}

function aborter (leave: (connection: Connection) => Promise<void> | void): Script {
  return {
    asked: ['target'],
    leaves: true,
    aborts: true,
    async play (connection, { request, run }) {
      connection.write(textOf(request, { length: 1_000_000 }))
      await run.arrived(connection.signal)
      await leave(connection)
    }
  }
}

export const http1Clients: readonly Client[] = Object.entries(scripts).map(([name, { asked, leaves = false, aborts, play }]) => ({
  name,
  protocol: 'h1',
  leaves,
  ...aborts && { aborts },
  async call (call) {
    const connection = await Connection.open(call)
    await play(connection, call)
    if (!leaves) await connection.untilClosed()
    const isLate = connection.signal.aborted
    connection.socket.destroy()
    await connection.untilClosed()
    const methods = asked.map(what => what === 'target' ? call.request.method : 'GET')
    const { bytes, hasEnded } = connection
    const { responses, violations } = readConversation(bytes, methods, hasEnded)
    return { responses, violations, asked, hasLeft: leaves, isLate, text: bytes.subarray(0, 2000).toString('latin1') }
  }
}))
