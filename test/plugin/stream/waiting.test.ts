/** Sources that are silent, readers that are slow, clients that leave: who waits for whom, and who is released. */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import OpenAI from 'openai'
import type { FastifyServerOptions } from 'fastify'
import type { EventSource, SendEventsOptions } from '../../../plugin/index.js'
import { appWith, envelope, levels, meanings, type Log } from '../../support/app.js'
import { answerIn, ask, listening, request, until } from '../../support/socket.js'
import { silent, Watch } from './silent.js'

const left = 'the client left before it had an answer'

interface Served {
  port: number
  watch: Watch
  log: Log
}

async function serve (
  t: Parameters<typeof appWith>[0], source: (watch: Watch) => EventSource, options?: SendEventsOptions, server?: FastifyServerOptions
): Promise<Served> {
  const watch = new Watch()
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => {
      watch.tell('asked')
      return reply.sendEvents(source(watch), options)
    })
  }, {}, server)
  return { port: await listening(app), watch, log }
}

const late = (code: string): string =>
  `data: {"error":{"message":"${meanings[504]}","type":"timeout_error","code":${code},"param":null,"origin":"Humanloop"}}\n\n`

for (const [name, source] of Object.entries(silent)) {
  t.test(`${name}: silence before the first event is a 504`, async t => {
    const { port, watch, log } = await serve(t, watch => source(watch, []), { idleTimeout: 30 })
    const answer = await ask(port, '/')
    t.equal(answer.status, 'HTTP/1.1 504 Gateway Timeout')
    t.same(JSON.parse(answer.body), envelope(504, meanings[504]!))
    t.same(watch.seen, ['asked', 'released'])
    t.match(log.lines, [{ level: levels.error, code: 504 }])
  })

  t.test(`${name}: silence later is a 504 frame`, async t => {
    const { port, watch, log } = await serve(t, watch => source(watch, [1, 2]), { idleTimeout: 30 })
    const answer = await ask(port, '/')
    t.equal(answer.status, 'HTTP/1.1 200 OK')
    t.equal(answer.body, `data: 1\n\ndata: 2\n\n${late('504')}`)
    t.ok(answer.whole)
    t.same(watch.seen, ['asked', 'released'])
    t.match(log.lines, [{ level: levels.error, code: 504, begun: true }])
  })

  t.test(`${name}: a client that leaves before the first event releases it`, async t => {
    const { port, watch, log } = await serve(t, watch => source(watch, []), { origin: 'openai' })
    const asked = once(watch, 'asked')
    const socket = await request(port, '/')
    await asked
    const [line] = await Promise.all([log.next(left), once(watch, 'released'), socket.destroy()])
    t.match(line, { level: levels.info, origin: 'OpenAI', begun: false })
    t.same(watch.seen, ['asked', 'released'])
    t.equal(log.all.filter(({ msg }) => msg === left).length, 1)
  })

  t.test(`${name}: a client that leaves later releases it`, async t => {
    const { port, watch, log } = await serve(t, watch => source(watch, ['x']))
    const socket = await request(port, '/')
    await until(socket, 'data: x')
    const [line] = await Promise.all([log.next(left), once(watch, 'released'), socket.destroy()])
    t.match(line, { level: levels.info, begun: true })
    t.same(watch.seen, ['asked', 'released'])
    t.ok(log.all.every(({ level }) => level === levels.info), 'it is nobody’s failure')
  })
}

t.test('a provider’s silence is a call that was not responded to in time', async t => {
  const { port, log } = await serve(t, watch => silent.iterator!(watch, [1]), { idleTimeout: 30, origin: 'openai' })
  t.match(
    (await ask(port, '/')).body,
    /"message":"OpenAI did not respond in time\.","type":"timeout_error","code":504,"param":null,"origin":"OpenAI"/
  )
  t.match(log.lines, [{ level: levels.warn, origin: 'OpenAI', code: 504, begun: true }])
})

t.test('a comment of a provider’s is no event: its silence goes on', async t => {
  const { port } = await serve(t, () => Readable.from((async function * () {
    for (;;) {
      yield Buffer.from(': ping\n\n')
      await delay(5)
    }
  })()), { idleTimeout: 60 })
  t.equal((await ask(port, '/')).status, 'HTTP/1.1 504 Gateway Timeout')
})

t.test('each event winds the clock up again', async t => {
  const { port } = await serve(t, () => (async function * () {
    for (let n = 0; n < 8; n++) {
      await delay(30)
      yield n
    }
  })(), { idleTimeout: 150 })
  t.equal((await ask(port, '/')).body, [0, 1, 2, 3, 4, 5, 6, 7].map(n => `data: ${n}\n\n`).join(''))
})

t.test('a time longer than timers take does not fire at once', async t => {
  const { port } = await serve(t, () => (async function * () {
    await delay(10)
    yield 1
  })(), { idleTimeout: 1e12 })
  t.equal((await ask(port, '/')).body, 'data: 1\n\n')
})

t.test('a reader that is slow is not silence, and nothing piles up meanwhile', async t => {
  const piece = 'x'.repeat(64 * 1024)
  const pieces = 400
  let taken = 0
  const { port } = await serve(t, watch => (async function * () {
    for (; taken < pieces; taken++) {
      yield piece
      if (taken > 0) watch.tell('taken')
    }
  })(), { idleTimeout: 50 })
  const socket = await request(port, '/', { headers: 'connection: close\r\n' })
  socket.pause()
  // until the buffers between the two are full, and longer than the source may be silent
  for (let before = -1; before !== taken;) {
    before = taken
    await delay(150)
  }
  t.ok(taken < pieces / 2, `${taken} of ${pieces} were taken`)
  t.equal(answerIn(await until(socket, '\0')).body, `data: ${piece}\n\n`.repeat(pieces))
})

t.test('the stream of an SDK is aborted, though its iterator waits', async t => {
  const watch = new Watch()
  const { app } = await appWith(t, app => {
    app.post('/chat/completions', (_request, reply) => {
      reply.raw.on('close', () => { watch.tell('closed') })
      reply.hijack().raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n')
    })
    app.get('/', async (_request, reply) => {
      const { port } = app.server.address() as { port: number }
      const stream = await new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
        .chat.completions.create({ model: 'm', messages: [], stream: true })
      return reply.sendEvents(stream)
    })
  }, {}, { forceCloseConnections: true })
  const socket = await request(await listening(app), '/')
  await until(socket, 'data: {"choices":[]}\n\n')
  const closed = once(watch, 'closed')
  socket.destroy()
  await closed
  t.same(watch.seen, ['closed'])
})

t.test('a call that its own signal ends is late, though the SDK ends its stream as if all were well', async t => {
  const controller = new AbortController()
  const { app } = await appWith(t, app => {
    app.post('/chat/completions', (_request, reply) => {
      reply.hijack().raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n')
    })
    app.get('/', async (_request, reply) => {
      const { port } = app.server.address() as { port: number }
      const stream = await new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
        .chat.completions.create({ model: 'm', messages: [], stream: true }, { signal: controller.signal })
      return reply.sendEvents(stream, { origin: 'openai' })
    })
  }, {}, { forceCloseConnections: true }) // fetch opens a connection that it does not use
  const socket = await request(await listening(app), '/', { headers: 'connection: close\r\n' })
  const begun = await until(socket, '\n\n\r\n')
  controller.abort()
  const { body } = answerIn(begun + await until(socket, '\0'))
  t.match(
    body,
    /^data: \{"choices":\[\]\}\n\ndata: \{"error":\{"message":"OpenAI did not respond in time\.","type":"timeout_error","code":504,"param":null,"origin":"OpenAI"\}\}\n\n$/
  )
})

t.test('a client that left before the call is not called for', async t => {
  const watch = new Watch()
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => {
      watch.tell('asked')
      await once(reply.raw, 'close')
      reply.sendEvents(silent.iterator!(watch, [1]))
      watch.tell('sent')
      return reply
    })
  })
  const asked = once(watch, 'asked')
  const socket = await request(await listening(app), '/')
  await asked
  const line = log.next(left)
  socket.destroy()
  t.match(await line, { level: levels.info, begun: false })
  t.notOk(log.lines.some(({ level }) => level > levels.info))
})

for (const [name, source] of Object.entries({
  'Node stream': silent['Node stream']!, 'web stream': silent['web stream']!, iterator: silent.iterator!
})) {
  t.test(`${name}: a client that left before the call releases it, though it was never read`, async t => {
    const watch = new Watch()
    const { app } = await appWith(t, app => {
      app.get('/', async (_request, reply) => {
        const opened = source(watch, [1])
        watch.tell('asked')
        await once(reply.raw, 'close')
        return reply.sendEvents(opened)
      })
    })
    const [asked, released] = [once(watch, 'asked'), once(watch, 'released')]
    const socket = await request(await listening(app), '/')
    await asked
    socket.destroy()
    await released
    t.same(watch.seen, ['asked', 'released'])
  })
}

t.test('a client that left before the call: what cannot be released is nobody’s failure', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => {
      await once(reply.raw, 'close')
      const locked = new ReadableStream()
      locked.getReader()
      return reply.sendEvents(locked)
    })
  })
  const line = log.next(left)
  const socket = await request(await listening(app), '/')
  await log.next('incoming request')
  socket.destroy()
  t.match(await line, { level: levels.info, begun: false })
  t.notOk(log.lines.some(({ level }) => level > levels.info))
})

t.test('over HTTP/2, too', async t => {
  const { port, watch, log } = await serve(t, watch => silent.iterator!(watch, ['x']), {}, { http2: true } as FastifyServerOptions)
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  t.teardown(() => { session.close() })
  const call = session.request({ ':path': '/' })
  await once(call, 'data')
  const [line] = await Promise.all([log.next(left), once(watch, 'released'), call.close()])
  t.match(line, { level: levels.info, begun: true })
})

t.test('a status without a body, an answer that is replaced: the source is released, and nobody left', async t => {
  const watch = new Watch()
  const { app, log } = await appWith(t, app => {
    app.get('/204', async (_request, reply) => reply.code(204).sendEvents(silent.iterator!(watch, [1])))
    app.get('/503', async (_request, reply) => reply.code(503).sendEvents(silent.iterator!(watch, [1])))
    app.get('/onSend', { onSend: async () => 'mine' }, async (_request, reply) => reply.sendEvents(silent.iterator!(watch, [1])))
  })
  const port = await listening(app)
  for (const [path, status] of [['/204', 204], ['/503', 503], ['/onSend', 200]] as const) {
    const released = once(watch, 'released')
    t.match((await ask(port, path)).status, `HTTP/1.1 ${status}`)
    await released
  }
  t.equal(watch.seen.length, 3)
  t.notOk(log.lines.some(({ msg }) => msg === left))
})
