/** Clients that leave at any moment, over HTTP/1.1 and HTTP/2: each source is released once, and nothing stays open. */
import { once } from 'node:events'
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { appWith, envelope, levels, meanings, type Log } from '../../support/app.js'
import { ask, listening, request, until } from '../../support/socket.js'
import { silent, Watch } from './silent.js'

interface Client {
  readonly server: FastifyServerOptions
  /**
   * Asks for the stream, and leaves.
   *
   * @param text after which it leaves; none for before any came, once the handler was called
   */
  readonly visit: (port: number, text: string | undefined, asked: Promise<unknown>) => Promise<void>
}

async function over2 (
  port: number, text: string | undefined, asked: Promise<unknown>, leave: (session: ClientHttp2Session) => void
): Promise<void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const call = session.request({ ':path': '/' })
  call.on('error', () => {})
  await asked
  if (text !== undefined) {
    let received = ''
    call.setEncoding('utf8').on('data', piece => { received += piece })
    while (!received.includes(text)) await once(call, 'data')
  }
  const closed = once(session, 'close')
  call.close(constants.NGHTTP2_CANCEL)
  leave(session)
  await closed
}

const clients: Readonly<Record<string, Client>> = {
  'HTTP/1.1': {
    server: {},
    visit: async (port, text, asked) => {
      const socket = await request(port, '/')
      await asked
      if (text !== undefined) await until(socket, text)
      socket.destroy()
    }
  },
  'HTTP/1.1, a reset': {
    server: {},
    visit: async (port, text, asked) => {
      const socket = await request(port, '/', { headers: 'connection: close\r\n' })
      await asked
      if (text !== undefined) await until(socket, text)
      socket.resetAndDestroy()
    }
  },
  'HTTP/2, the call': {
    server: { http2: true } as FastifyServerOptions,
    visit: async (port, text, asked) => over2(port, text, asked, session => { session.close() })
  },
  'HTTP/2, the connection': {
    server: { http2: true } as FastifyServerOptions,
    visit: async (port, text, asked) => over2(port, text, asked, session => { session.destroy() })
  }
}

const moments: Readonly<Record<string, { readonly items: readonly unknown[], readonly text: string | undefined }>> = {
  'before the first event': { items: [], text: undefined },
  'after the first': { items: ['x'], text: 'data: x\n\n' },
  'in the middle': { items: ['x', { n: 1 }, { data: 'y', event: 'z' }], text: 'data: y\n\n' },
  'at the end': { items: ['x', '[DONE]'], text: 'data: [DONE]\n\n' }
}

/** Connections that a server has. */
async function connections ({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => { server.getConnections((error, count) => error === null ? resolve(count) : reject(error)) })
}

function failuresIn (log: Log): unknown[] {
  return log.lines.filter(({ level }) => level > levels.info)
}

for (const [client, { server, visit }] of Object.entries(clients)) {
  for (const [moment, { items, text }] of Object.entries(moments)) {
    t.test(`${client}: a client that leaves ${moment} releases every kind of source`, async t => {
      for (const [kind, source] of Object.entries(silent)) {
        const watch = new Watch()
        const { app, log } = await appWith(t, app => {
          app.get('/', async (_request, reply) => {
            reply.raw.once('close', () => { watch.tell('closed') })
            watch.tell('asked')
            return reply.sendEvents(source(watch, items))
          })
        }, {}, server)
        const port = await listening(app)
        const [asked, released, closed] = [once(watch, 'asked'), once(watch, 'released'), once(watch, 'closed')]
        await Promise.all([visit(port, text, asked), released, closed])
        await new Promise(setImmediate)
        t.equal(watch.seen.filter(what => what === 'released').length, 1, kind)
        t.same(failuresIn(log), [])
        for (let turn = 0; turn < 1000 && await connections(app) > 0; turn++) await new Promise(setImmediate)
        t.equal(await connections(app), 0, 'nothing is open')
      }
    })
  }
}

t.test('a source that is over before it is read', async t => {
  const destroyed = (error?: Error): Readable => new PassThrough().on('error', () => {}).destroy(error)
  const ended = async (): Promise<Readable> => {
    const stream = Readable.from([])
    await stream.toArray()
    return stream
  }
  const cancelled = async (): Promise<ReadableStream> => {
    const stream = new ReadableStream()
    await stream.cancel()
    return stream
  }
  const { app } = await appWith(t, app => {
    app.get('/destroyed', async (_request, reply) => reply.sendEvents(destroyed()))
    app.get('/failed', async (_request, reply) => reply.sendEvents(destroyed(Object.assign(new Error('No.'), { status: 404 }))))
    app.get('/ended', async (_request, reply) => reply.sendEvents(await ended()))
    app.get('/cancelled', async (_request, reply) => reply.sendEvents(await cancelled()))
    app.get('/errored', async (_request, reply) => reply.sendEvents(new ReadableStream({
      start: controller => controller.error(new Error('x'))
    })))
  })
  const port = await listening(app)
  for (const [path, code, body] of [
    ['/destroyed', 503, envelope(503, meanings[503]!)],
    ['/failed', 404, envelope(404, 'No.')],
    ['/errored', 500, envelope(500, meanings[500]!)]
  ] as const) {
    const answer = await ask(port, path)
    t.match(answer.status, String(code), path)
    t.same(JSON.parse(answer.body), body)
  }
  for (const path of ['/ended', '/cancelled']) t.match(await ask(port, path), { status: 'HTTP/1.1 200 OK', body: '', whole: true }, path)
})
