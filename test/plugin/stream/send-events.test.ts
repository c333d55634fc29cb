/** Streams that go well, byte for byte: sources of any kind, items of any kind, headers, methods, protocols. */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { Readable } from 'node:stream'
import t from 'tap'
import type { FastifyReply, FastifyServerOptions } from 'fastify'
import type { EventSource, SendEventsOptions } from '../../../plugin/index.js'
import { appWith, levels, type Log } from '../../support/app.js'
import { answerIn, ask, listening, request, until, type Answer } from '../../support/socket.js'

async function * of (...items: unknown[]): AsyncGenerator<unknown> {
  yield * items
}

type Test = Parameters<typeof appWith>[0]

/** The answer to a request for a stream of this source. */
async function stream (t: Test, source: () => EventSource, options?: SendEventsOptions, more: { method?: string } = {}): Promise<Answer> {
  const { app } = await appWith(t, app => { app.get('/', async (_request, reply) => reply.sendEvents(source(), options)) })
  return ask(await listening(app), '/', more)
}

const three = 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\n'
const numbers = [{ n: 1 }, { n: 2 }, { n: 3 }]

t.test('events go out as server-sent events, with the headers of a stream', async t => {
  const answer = await stream(t, () => of(...numbers))
  t.equal(answer.status, 'HTTP/1.1 200 OK')
  t.match(answer.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': 'req-1',
    'transfer-encoding': 'chunked'
  })
  t.equal(answer.body, three)
  t.ok(answer.whole)
})

t.test('a source is an iterable, a Node stream, a web stream, or a function that gives one', async t => {
  const sources: Record<string, () => EventSource> = {
    'async iterable': () => of(...numbers),
    'async iterable without return()': () => {
      const iterator = of(...numbers)
      return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }
    },
    array: () => numbers,
    'Node stream': () => Readable.from(numbers),
    'web stream': () => ReadableStream.from(numbers),
    function: () => () => of(...numbers),
    'async function': () => async () => ReadableStream.from(numbers)
  }
  for (const [name, source] of Object.entries(sources)) t.equal((await stream(t, source)).body, three, name)
})

t.test('items are { data, event?, id? }, or the data', async t => {
  const items: ReadonlyArray<readonly [item: unknown, frame: string]> = [
    ['text', 'data: text\n\n'],
    ['', 'data: \n\n'],
    [7, 'data: 7\n\n'],
    [null, 'data: null\n\n'],
    [[1, 2], 'data: [1,2]\n\n'],
    [{ data: 'text' }, 'data: text\n\n'],
    [{ data: { a: 'line\nbreak' } }, 'data: {"a":"line\\nbreak"}\n\n'],
    [{ data: 'x', event: 'delta', id: '1' }, 'event: delta\nid: 1\ndata: x\n\n'],
    [{ data: 'x', event: undefined, id: 2 }, 'id: 2\ndata: x\n\n'],
    [Object.assign(Object.create(null), { data: 'x' }), 'data: x\n\n'],
    ['one\ntwo\r\nthree\rfour\n', 'data: one\ndata: two\ndata: three\ndata: four\ndata: \n\n'],
    ['data: injected\n\nevent: error', 'data: data: injected\ndata: \ndata: event: error\n\n'],
    [{ object: 'list', data: [] }, 'data: {"object":"list","data":[]}\n\n'],
    [Object.assign(new (class Point { x = 1 })(), { data: 2 }), 'data: {"x":1,"data":2}\n\n'],
    [{ toJSON: () => 'short' }, 'data: "short"\n\n']
  ]
  t.equal((await stream(t, () => of(...items.map(([item]) => item)))).body, items.map(([, frame]) => frame).join(''))
})

t.test('bytes are a provider’s own stream, of which the events are sent on', async t => {
  const text = '\ufeff: ping\n\nevent: delta\nid: 7\nretry: 10\ndata: grüße\ndata:second\n\n: ping\n\ndata\r\n\r\ndataset: 1\n\ndata: {"error":"none","n":1}\n\n: ping\n'
  const expected = 'event: delta\nid: 7\ndata: grüße\ndata: second\n\ndata: \n\ndata: {"error":"none","n":1}\n\n'
  const bytes = Buffer.from(text)
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
    t.equal((await stream(t, () => Readable.from(pieces))).body, expected, `in pieces of ${size}`)
  }
  t.equal((await stream(t, () => new Blob([text]).stream())).body, expected, 'a web stream')
})

t.test('a provider’s event that never ends does not fill the memory', async t => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x')
  for (const line of [megabyte, Buffer.concat([Buffer.from('data: '), megabyte, Buffer.from('\n')])]) {
    const answer = await stream(t, () => Readable.from(Array.from({ length: 40 }, () => line)))
    t.equal(answer.status, 'HTTP/1.1 500 Internal Server Error')
  }
})

t.test('ndjson: one line for each item', async t => {
  const options = { dialect: 'ndjson' } as const
  const answer = await stream(t, () => of({ n: 1 }, { data: { n: 2 }, event: 'x', id: 3 }, '{\n  "n": 3\r\n}'), options)
  t.equal(answer.headers['content-type'], 'application/x-ndjson; charset=utf-8')
  t.equal(answer.body, '{"n":1}\n{"n":2}\n{   "n": 3 }\n')
  for (const end of ['', '\n', '\r']) {
    t.equal(
      (await stream(t, () => Readable.from([Buffer.from('{"n":1}\r\n\n{"n"'), Buffer.from(`:2}${end}`)]), options)).body.trim(),
      '{"n":1}\n{"n":2}',
      'bytes'
    )
  }
})

t.test('the clients of some dialects want their events named: those without a name are named after their type', async t => {
  for (const dialect of ['anthropic', 'openai-responses'] as const) {
    const items = [{ type: 'begin', n: 1 }, { n: 2 }, { data: { type: 'a' }, event: 'b' }, { type: 'two\nlines' }]
    t.equal((await stream(t, () => of(...items), { dialect })).body,
      'event: begin\ndata: {"type":"begin","n":1}\n\ndata: {"n":2}\n\nevent: b\ndata: {"type":"a"}\n\ndata: {"type":"two\\nlines"}\n\n')
  }
})

t.test('nothing is sent after an event that ends the stream', async t => {
  const ends = [
    ['openai-chat', '[DONE]', 'data: [DONE]\n\n'],
    ['anthropic', { type: 'message_stop' }, 'event: message_stop\ndata: {"type":"message_stop"}\n\n'],
    ['openai-responses', { type: 'response.completed' }, 'event: response.completed\ndata: {"type":"response.completed"}\n\n'],
    ['openai-responses', { type: 'response.incomplete' }, 'event: response.incomplete\ndata: {"type":"response.incomplete"}\n\n']
  ] as const
  for (const [dialect, item, frame] of ends) {
    let released = 0
    const answer = await stream(t, () => (async function * () {
      try {
        yield item
        yield 'late'
        throw new Error('late')
      } finally {
        released++
      }
    })(), { dialect })
    t.equal(answer.body, frame)
    t.ok(answer.whole)
    t.equal(released, 1)
  }
  t.equal((await stream(t, () => Readable.from([Buffer.from('data: [DONE]\n\ndata: late\n\n')]))).body, 'data: [DONE]\n\n')
})

t.test('a source without events is an empty answer, in every dialect', async t => {
  for (const dialect of ['openai-chat', 'anthropic', 'humanloop', 'openai-responses', 'gemini', 'ndjson'] as const) {
    const answer = await stream(t, () => of(), { dialect })
    t.equal(answer.status, 'HTTP/1.1 200 OK')
    t.equal(answer.body, '')
    t.ok(answer.whole)
  }
})

t.test('status and headers that were set before are kept, except those of another body', async t => {
  const { app } = await appWith(t, app => {
    app.addHook('onRequest', async (_request, reply) => { reply.headers({ 'access-control-allow-origin': '*', 'set-cookie': 'a=b' }) })
    app.get('/', (_request, reply) => {
      reply.code(201).headers({
        'content-length': '3', 'content-type': 'text/plain', 'cache-control': 'no-cache, no-transform', 'x-request-id': 'mine'
      })
        .sendEvents(of('x'))
    })
  })
  const answer = await ask(await listening(app), '/')
  t.equal(answer.status, 'HTTP/1.1 201 Created')
  t.match(answer.headers, {
    'access-control-allow-origin': '*',
    'set-cookie': 'a=b',
    'cache-control': 'no-cache, no-transform',
    'content-type': 'text/event-stream; charset=utf-8',
    'x-request-id': 'mine'
  })
  t.notHas(answer.headers, 'content-length')
  t.equal(answer.body, 'data: x\n\n')
})

t.test('headers and the first event go out when it is there, not later', async t => {
  let more = (): void => {}
  const { app } = await appWith(t, app => {
    app.get('/', async (_request, reply) => reply.sendEvents((async function * () {
      yield 'first'
      await new Promise<void>(resolve => { more = resolve })
      yield 'second'
    })()))
  })
  const socket = await request(await listening(app), '/', { headers: 'connection: close\r\n' })
  const begun = await until(socket, 'data: first\n\n')
  t.match(begun, /^HTTP\/1\.1 200 OK\r\n/)
  more()
  t.equal(answerIn(begun + await until(socket, '\0')).body, 'data: first\n\ndata: second\n\n')
})

t.test('HEAD: the headers, no body, and an endless source is released', async t => {
  let released = 0
  const answer = await stream(t, () => (async function * () {
    try {
      for (;;) yield 'again'
    } finally {
      released++
    }
  })(), {}, { method: 'HEAD' })
  t.equal(answer.status, 'HTTP/1.1 200 OK')
  t.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8')
  t.equal(answer.body, '')
  t.equal(released, 1)
})

t.test('over HTTP/2, and through inject()', async t => {
  const routes = (app: Awaited<ReturnType<typeof appWith>>['app']): void => {
    app.get('/', async (_request, reply) => reply.sendEvents(of(...numbers)))
    app.get('/fails', async (_request, reply) => reply.sendEvents((async function * () {
      yield 1
      throw new Error('x')
    })()))
  }
  const { app } = await appWith(t, routes, {}, { http2: true } as FastifyServerOptions)
  const session = connectHttp2(`http://127.0.0.1:${await listening(app)}`)
  t.teardown(() => { session.close() })
  for (const [path, body] of [
    ['/', three], ['/fails', /^data: 1\n\ndata: \{"error":\{"message":"An unexpected issue occurred on the server."/]
  ] as const) {
    const call = session.request({ ':path': path })
    const [headers] = await once(call, 'response')
    t.match(headers, { ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' })
    t.notHas(headers, 'connection')
    const received = (await call.toArray()).join('')
    if (typeof body === 'string') t.equal(received, body)
    else t.match(received, body)
  }
  const { app: injected } = await appWith(t, routes)
  const answer = await injected.inject('/')
  t.equal(answer.statusCode, 200)
  t.equal(answer.body, three)
})

t.test('hooks and other plugins see a stream', async t => {
  const { app } = await appWith(t, app => {
    app.addHook('onSend', async (_request, _reply, payload) => (payload as Readable).map((text: string) => text.toUpperCase()))
    app.get('/', async (_request, reply) => reply.sendEvents(of('a', 'b')))
  })
  t.equal((await ask(await listening(app), '/')).body, 'DATA: A\n\nDATA: B\n\n')
})

t.test('a mistake in the call is a clear error', async t => {
  const calls: ReadonlyArray<readonly [call: (reply: FastifyReply) => unknown, message: string]> = [
    [
      reply => reply.sendEvents(of(), { dialect: 'toString' as 'ndjson' }),
      "reply.sendEvents: dialect must be one of openai-chat, anthropic, humanloop, openai-responses, gemini, ndjson; it is 'toString'"
    ],
    ...[0, -1, NaN, Infinity, '5' as unknown as number].map(idleTimeout => [
      (reply: FastifyReply) => reply.sendEvents(of(), { idleTimeout }),
      `reply.sendEvents: idleTimeout must be a positive number of milliseconds; it is ${typeof idleTimeout === 'string' ? "'5'" : idleTimeout}`
    ] as const),
    [reply => reply.sendEvents(of(), { origin: ' ' }), "reply.sendEvents: origin must be the name of a provider; it is ' '"],
    [
      reply => reply.sendEvents(of(), { origin: 7 as unknown as string }),
      'reply.sendEvents: origin must be the name of a provider; it is 7'
    ],
    ...['text', null, { n: 1 }, 7].map(source => [
      (reply: FastifyReply) => reply.sendEvents(source as unknown as EventSource),
      `reply.sendEvents: source must be an async iterable, a Node stream, a web ReadableStream, or a function that gives one; it is ${source === null ? 'null' : typeof source}`
    ] as const)
  ]
  const { app, log } = await appWith(t, app => {
    app.get('/:n', async (request, reply) => calls[Number((request.params as { n: string }).n)]![0](reply))
  })
  for (const [index, [, message]] of calls.entries()) {
    const line = log.next('An unexpected issue occurred on the server.')
    t.equal((await app.inject(`/${index}`)).statusCode, 500)
    t.match((await line).err, { type: 'TypeError', message })
  }
})

t.test('a reply has one answer', async t => {
  let released = 0
  const source = (): AsyncIterable<string> & { return: () => void } => ({
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: 'x' }),
      return: async () => { released++; return { done: true, value: undefined } }
    }),
    return: () => {}
  })
  const { app, log } = await appWith(t, app => {
    app.get('/sent', async (_request, reply) => {
      reply.send('first')
      reply.sendEvents(source())
    })
    app.get('/twice', async (_request, reply) => {
      reply.sendEvents(of('first'))
      reply.sendEvents(() => of('never called'))
    })
    app.get('/without-return', async (_request, reply) => { reply.sendEvents((async function * () { await new Promise(() => {}) })()) })
  })
  t.equal((await app.inject('/sent')).body, 'first')
  t.equal(released, 1, 'the source is released')
  t.match(errors(log), ['reply.sendEvents: this reply was sent already; a reply is sent once'])
  t.equal((await app.inject('/twice')).statusCode, 500)
  const warned = log.next(
    'reply.sendEvents: another answer was sent before the first event; an async handler must return what sendEvents returns'
  )
  t.equal((await ask(await listening(app), '/without-return')).body, '')
  t.match(await warned, { level: levels.warn })
})

function errors (log: Log): unknown[] {
  return log.lines.filter(({ err }) => err !== undefined).map(({ err }) => err?.message)
}
