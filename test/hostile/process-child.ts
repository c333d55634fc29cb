/** Child process: serves the cases one by one from the one it is told. Nothing here keeps the process from ending. */
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import humanloopErrors, { serverOptions } from '../../plugin/index.js'
import { cases, type Case } from './process-cases.js'

for (let at = Number(process.argv[2]); at < cases.length; at++) {
  process.send!({ at })
  await perform(cases[at]!)
}
process.send!({ at: cases.length })
process.disconnect()

async function perform ({ options = {}, server = {}, routes, isAborted }: Case): Promise<void> {
  const app = Fastify(serverOptions({ forceCloseConnections: true, ...server })) as unknown as FastifyInstance
  await app.register(humanloopErrors, options)
  routes(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  if (isAborted) {
    for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) await abort(port, how)
    await sendMalformed(port)
  } else {
    await Promise.all(['/', '/sent', '/unknown'].map(path => ask(port, path)))
  }
  await app.close()
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

async function ask (port: number, path: string): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => { socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`) })
  socket.resume().on('error', () => {}) // 'close' follows
  await once(socket, 'close')
}

async function abort (port: number, how: 'end' | 'destroy' | 'resetAndDestroy'): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.resume().on('error', () => {}) // 'close' follows
  await once(socket, 'connect')
  socket.write(
    `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"a":${' '.repeat(1000)}`,
    () => socket[how]()
  )
  await once(socket, 'close')
}

/** An upload in chunks, of which the second is none; the server ends the connection. */
async function sendMalformed (port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.resume().on('error', () => {}) // 'close' follows
  await once(socket, 'connect')
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\nzz\r\n')
  await once(socket, 'close')
}
