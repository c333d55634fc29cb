/** Streams that fail, byte for byte: before the first event, after it, and what the log and `onError` are told. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import ky from 'ky'
import humanloopErrors, {
  NotFoundError, OverloadedError, RateLimitError, type DialectName, type EventSource, type SendEventsOptions
} from '../../../plugin/index.js'
import { appWith, envelope, levels, meanings, type Log } from '../../support/app.js'
import { answerIn, ask, listening, until, type Answer } from '../../support/socket.js'

type Test = Parameters<typeof appWith>[0]

async function stream (t: Test, source: () => EventSource, options?: SendEventsOptions): Promise<Answer & { log: Log }> {
  const { app, log } = await appWith(t, app => { app.get('/', async (_request, reply) => reply.sendEvents(source(), options)) })
  return { ...await ask(await listening(app), '/'), log }
}

/** Three events, and then a failure. */
async function * failing (thrown: unknown): AsyncGenerator<unknown> {
  for (let n = 1; n <= 3; n++) yield { n }
  throw thrown
}

/** Gives items without looking at them: a generator looks whether they are promises. */
function untouched (...items: unknown[]): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: items.length === 0, value: items.shift() }) }) }
}

async function * failingAtOnce (thrown: unknown): AsyncGenerator<unknown> {
  throw thrown
}

const three = 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\n'

function chatFrame (message: string, type: string, code: number, origin: string): string {
  return `data: ${JSON.stringify({ error: { message, type, code, param: null, origin } })}\n\n`
}

const unknown = chatFrame(meanings[500]!, 'unknown_error', 500, 'Humanloop')

t.test('what fails before the first event has a real status and the contract’s body, whatever the source', async t => {
  const thrown = new RateLimitError('Slow down.', { retryAfter: 7 })
  const sources: Record<string, () => EventSource> = {
    iterator: () => failingAtOnce(thrown),
    'iterator that throws at once': () => ({ [Symbol.asyncIterator]: () => ({ next: () => { throw thrown } }) }),
    'iterable without an iterator': () => ({ [Symbol.asyncIterator]: () => { throw thrown } }),
    function: () => () => { throw thrown },
    'async function': () => async () => { throw thrown },
    'Node stream': () => new Readable({ read () { this.destroy(thrown) } }),
    'web stream': () => new ReadableStream({ pull: controller => { controller.error(thrown) } }),
    'bytes after a comment': () => Readable.from((async function * () {
      yield Buffer.from(': ping\n\n')
      throw thrown
    })())
  }
  for (const [name, source] of Object.entries(sources)) {
    const { status, headers, body } = await stream(t, source)
    t.equal(status, 'HTTP/1.1 429 Too Many Requests', name)
    t.match(headers, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'retry-after': '7',
      'content-length': String(body.length)
    })
    t.notHas(headers, 'x-accel-buffering')
    t.same(JSON.parse(body), envelope(429, 'Slow down.'))
  }
})

t.test('a locked web stream is a mistake of ours', async t => {
  const locked = new ReadableStream()
  locked.getReader()
  t.equal((await stream(t, () => locked)).status, 'HTTP/1.1 500 Internal Server Error')
})

t.test('what is thrown need not be an error', async t => {
  for (const thrown of [null, undefined, 'text', 7, { status: 404, message: 'No.' }]) {
    const { status, body } = await stream(t, () => failingAtOnce(thrown))
    const [code, message] = typeof thrown === 'object' && thrown !== null ? [404, 'No.'] as const : [500, meanings[500]!] as const
    t.match(status, String(code))
    t.same(JSON.parse(body), envelope(code, message))
    t.equal(
      (await stream(t, () => failing(thrown))).body,
      three + (code === 404 ? chatFrame('No.', 'not_found_error', 404, 'Humanloop') : unknown)
    )
  }
})

t.test('what fails later ends the stream with one frame in the dialect of the route’s clients, and the response is whole', async t => {
  const four = { type: 'overloaded_error', message: 'Too "busy".\nReally.', code: 529, origin: 'Mistral' }
  const message = 'Too "busy". Really.'
  const error = { ...four, message }
  const frames: Record<DialectName, string> = {
    'openai-chat': `data: {"error":{"message":${JSON.stringify(message)},"type":"overloaded_error","code":529,"param":null,"origin":"Mistral"}}\n\n`,
    anthropic: `event: error\ndata: {"type":"error","error":${JSON.stringify(error)}}\n\n`,
    humanloop: `event: error\ndata: ${JSON.stringify({ detail: error })}\n\n`,
    'openai-responses': `event: response.failed\ndata: ${JSON.stringify({
      type: 'response.failed',
      sequence_number: 0,
      response: { object: 'response', output: [], status: 'failed', error: { ...error, code: '529' } },
      error: { type: error.type, message, code: 529, param: null, origin: 'Mistral' }
    })}\n\nevent: error\ndata: ${JSON.stringify({
      type: 'error',
      sequence_number: 1,
      code: 529,
      message,
      param: null,
      error: { type: error.type, message, code: 529, param: null, origin: 'Mistral' }
    })}\n\n`,
    gemini: `data: {"error":{"code":529,"message":${JSON.stringify(message)},"status":"UNAVAILABLE","type":"overloaded_error","origin":"Mistral"}}\n\n`,
    ndjson: `${JSON.stringify({ error: message, detail: error })}\n`
  }
  for (const [dialect, frame] of Object.entries(frames) as Array<[DialectName, string]>) {
    const { status, body, whole } = await stream(t, () => failing(new OverloadedError(four.message, { origin: 'mistral' })), { dialect })
    t.equal(status, 'HTTP/1.1 200 OK')
    t.equal(body, (dialect === 'ndjson' ? '{"n":1}\n{"n":2}\n{"n":3}\n' : three) + frame, dialect)
    t.ok(whole)
  }
})

t.test('openai-responses: the failed response is the one that was begun, and its numbers go on', async t => {
  const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'in_progress', error: null, output: [] }
  const events = [
    { type: 'response.created', sequence_number: 0, response }, { type: 'response.output_text.delta', sequence_number: 5, delta: 'x' }
  ]
  const raw = (): EventSource => Readable.from((async function * () {
    for (const event of events) yield Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    throw new OverloadedError()
  })())
  const parsed = (): EventSource => (async function * () {
    yield * events
    throw new OverloadedError()
  })()
  for (const source of [raw, parsed]) {
    const { body } = await stream(t, source, { dialect: 'openai-responses' })
    const sent = body.trim().split('\n\n').map(frame => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)))
    t.same(sent.map(({ type, sequence_number: number }) => [type, number]), [
      ['response.created', 0], ['response.output_text.delta', 5], ['response.failed', 6], ['error', 7]
    ])
    t.match(sent[2].response, { id: 'resp_1', model: 'm', status: 'failed', error: { code: '529', message: meanings[529] } })
  }
  const text = await stream(t, () => (async function * () {
    yield 'no JSON'
    throw new OverloadedError()
  })(), { dialect: 'openai-responses' })
  t.match(text.body, '"type":"response.failed","sequence_number":0,')
})

t.test('an item that cannot be sent is a failure of ours, whoever the source calls', async t => {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const items = [
    10n, cycle, undefined, () => {}, Symbol('x'), { data: undefined }, { toJSON: () => { throw new Error('connection error') } },
    { get data () { throw new Error('connection error') } },
    new Proxy({ data: 1 }, { getPrototypeOf () { throw new Error('connection error') } }),
    new Proxy({ data: 1 }, { get () { throw new Error('connection error') } }),
    new Proxy([], {
      ownKeys () { throw new Error('connection error') }, getOwnPropertyDescriptor () { throw new Error('connection error') }
    }),
    revoked, { data: new Proxy({}, { ownKeys () { throw new Error('connection error') } }) },
    { data: 'x', event: 'a\nb' }, { data: 'x', event: 'a\rb' }, { data: 'x', id: 'a\nevent: b' }, { data: 'x', event: 7 }
  ]
  for (const item of items) {
    const after = await stream(t, () => untouched({ n: 1 }, item, { n: 3 }), { origin: 'openai' })
    t.equal(after.body, `data: {"n":1}\n\n${unknown}`)
    t.match(after.log.lines, [{ level: levels.error, origin: 'Humanloop', code: 500, begun: true, err: { stack: /caused by: / } }])
    const before = await stream(t, () => untouched(item), { origin: 'openai' })
    t.equal(before.status, 'HTTP/1.1 500 Internal Server Error')
    t.same(JSON.parse(before.body), envelope(500, meanings[500]!))
  }
})

t.test('an error that the source yields is an error of the provider, in its own words', async t => {
  const items: ReadonlyArray<readonly [dialect: DialectName, item: unknown, code: number, message: string, origin: string]> = [
    ['openai-chat', { id: 'x', error: { message: 'Slow down.', code: 429 } }, 429, 'Slow down.', 'OpenAI'],
    ['openai-chat', { data: '{"error":{"message":"Slow down.","type":"rate_limit_exceeded"}}' }, 429, 'Slow down.', 'OpenAI'],
    ['gemini', { error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } }, 503, 'Busy.', 'Google'],
    ['anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529, 'Overloaded', 'Anthropic'],
    ['anthropic', { event: 'error', data: '{"type":"error","error":{"type":"api_error","message":"Broken"}}' }, 500, 'Broken', 'Anthropic'],
    [
      'openai-responses', { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.', param: null, sequence_number: 1 }, 429,
      'Slow down.', 'OpenAI'
    ],
    [
      'openai-responses', { type: 'response.failed', response: { error: { code: 'server_error', message: 'Broken' } } }, 500, 'Broken',
      'OpenAI'
    ],
    ['humanloop', { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'Broken' } }, 500, 'Broken', 'Cohere'],
    ['ndjson', { error: 'model runner has stopped' }, 500, 'model runner has stopped', 'Ollama'],
    ['ndjson', '{"error":"model runner has stopped"}', 500, 'model runner has stopped', 'Ollama']
  ]
  for (const [dialect, item, code, message, origin] of items) {
    const before = await stream(t, () => [item], { dialect })
    t.same(JSON.parse(before.body), envelope(code, message, origin))
    t.match(before.status, String(code))
    const after = await stream(t, () => [{ n: 1 }, item, { n: 2 }], { dialect, origin: 'deepseek' })
    t.equal(after.body.match(/"n":/g)?.length, 1)
    t.match(after.body, new RegExp(`"code":${code}`))
    t.match(after.body, '"origin":"DeepSeek"')
    t.match(after.log.lines, [{ level: levels.warn, origin: 'DeepSeek', code, begun: true, msg: message }])
  }
  const toxic = await stream(t, () => [{ type: 'message-end', delta: { finish_reason: 'ERROR_TOXIC', error: 'Not this.' } }])
  t.same(JSON.parse(toxic.body), envelope(422, 'Not this.', 'Cohere'))
  const nobodys = await stream(t, () => [{ type: 'error', error: { message: 'secret' } }], { dialect: 'humanloop' })
  t.same(JSON.parse(nobodys.body), envelope(500, meanings[500]!), 'nobody knows whose')
  const thrown = await stream(t, () => [{ type: 'error', error: new NotFoundError('No.') }])
  t.same(JSON.parse(thrown.body), envelope(404, 'No.'))
})

t.test('the provider is the one of the option, of the host that was called, of the error', async t => {
  const server = createServer((request, response) => {
    request.resume()
    if (request.url === '/limited') return response.writeHead(429, { 'content-type': 'application/json' }).end('{"message":"Slow down."}')
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n', () => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const cut = async function * (): AsyncGenerator<unknown> { yield * (await fetch(url)).body! }
  const provider = { name: 'My LLM', hosts: [`127.0.0.1:${port}`] }

  const { app } = await appWith(t, app => {
    app.get('/option', async (_request, reply) => reply.sendEvents(cut(), { origin: 'mistral' }))
    app.get('/host', async (_request, reply) => reply.sendEvents(cut()))
    app.get('/event', async (_request, reply) => reply.sendEvents(async () => {
      await (await fetch(`${url}/limited`)).text()
      await (await fetch(url)).text().catch(() => {})
      return [{ error: { code: 429 } }]
    }))
    app.get('/other-host', async (_request, reply) => reply.sendEvents(async () => {
      await (await fetch(`http://localhost:${port}`)).text().catch(() => {})
      return [{ error: { code: 429 } }]
    }))
    app.get('/unread', async (_request, reply) => reply.sendEvents((async function * () {
      yield 1
      await ky.get(`${url}/limited`, { retry: 0 })
    })(), { origin: 'groq' }))
    app.get('/mistake', async (_request, reply) => reply.sendEvents(
      failingAtOnce(new TypeError('x is not a function')), { origin: 'groq' }
    ))
    app.get('/own', async (_request, reply) => reply.sendEvents(failing(new NotFoundError('x', { origin: 'cohere' })), { origin: 'groq' }))
  }, { detectOrigin: true, providers: [provider] })
  t.equal(
    (await app.inject('/option')).body,
    `data: 1\n\n${chatFrame('terminated', 'service_unavailable_error', 503, 'Mistral')}`.replace(
      'terminated', 'The connection to Mistral was lost before its response was complete.'
    )
  )
  t.match((await app.inject('/host')).body, '"code":503,"param":null,"origin":"My LLM"')
  t.match((await app.inject('/event')).json(), { detail: { code: 429, origin: 'My LLM' } })
  t.match((await app.inject('/other-host')).json(), { detail: { code: 429, origin: 'OpenAI' } })
  t.equal((await app.inject('/unread')).body, `data: 1\n\n${chatFrame('Slow down.', 'rate_limit_error', 429, 'Groq')}`)
  t.same((await app.inject('/mistake')).json(), envelope(500, meanings[500]!))
  t.match((await app.inject('/own')).body, '"origin":"Cohere"')
})

t.test('the log and onError are told whether the answer had begun; scope and redaction hold', async t => {
  const told: unknown[] = []
  const { app, log } = await appWith(t, async app => {
    app.get('/after', async (_request, reply) => reply.sendEvents(failing(Object.assign(new Error('Not here: secret'), { status: 404 }))))
    app.get('/before', async (_request, reply) => reply.sendEvents(failingAtOnce(new NotFoundError('Not here: secret'))))
    await app.register(async scope => {
      await scope.register(humanloopErrors, { origin: 'Child' })
      scope.get('/child', async (_request, reply) => reply.sendEvents(failing(new Error('secret')), { dialect: 'humanloop' }))
    })
  }, {
    redact: text => text.replace('secret', '…'),
    onError: (error, request, { begun, thrown, sentStatus }) => {
      told.push([error.detail, request.url, { begun, message: (thrown as Error).message, sentStatus }])
    }
  })
  t.match((await app.inject('/after')).body, '"message":"Not here: …"')
  await app.inject('/before')
  t.match((await app.inject('/child')).body, '"origin":"Child"')
  t.same(told, [
    [
      { type: 'not_found_error', message: 'Not here: …', code: 404, origin: 'Humanloop' }, '/after',
      { begun: true, message: 'Not here: secret', sentStatus: undefined }
    ],
    [
      { type: 'not_found_error', message: 'Not here: …', code: 404, origin: 'Humanloop' }, '/before',
      { begun: false, message: 'Not here: secret', sentStatus: undefined }
    ],
    [
      { type: 'unknown_error', message: meanings[500], code: 500, origin: 'Child' }, '/child',
      { begun: true, message: 'secret', sentStatus: undefined }
    ]
  ])
  const [after, before, child] = log.lines
  t.match(after, { level: levels.info, code: 404, begun: true, msg: 'Not here: …' })
  t.match(before, { level: levels.info, code: 404, msg: 'Not here: …' })
  t.notHas(before, 'begun')
  t.match(child, { level: levels.error, code: 500, begun: true, origin: 'Child' })
  t.notMatch(String(log), 'secret')
})

t.test('an error handler of the route answers what fails before the first event', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', { errorHandler: (error, _request, reply) => { reply.code(418).send({ mine: (error as Error).message }) } },
      async (_request, reply) => reply.sendEvents(failingAtOnce(new Error('x')), { origin: 'openai' }))
  }, { guard: 'off' })
  const answer = await app.inject('/')
  t.same([answer.statusCode, answer.json()], [418, { mine: 'x' }])
})

t.test('the next request on the same connection is answered, pipelined or not', async t => {
  const { app } = await appWith(t, app => {
    app.get('/fails', async (_request, reply) => reply.sendEvents(failing(new Error('x'))))
    app.get('/ok', async () => 'fine')
  })
  const socket = connect(await listening(app), '127.0.0.1')
  await once(socket, 'connect')
  const get = (path: string, close = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${close}\r\n`
  socket.write(get('/fails') + get('/ok') + get('/fails') + get('/ok', 'connection: close\r\n'))
  const answers = (await until(socket, '\0')).split(/(?=HTTP\/1\.1 )/).map(answerIn)
  t.same(answers.map(({ status, body, whole }) => [status, body, whole]), [
    ['HTTP/1.1 200 OK', three + unknown, true], ['HTTP/1.1 200 OK', 'fine', true],
    ['HTTP/1.1 200 OK', three + unknown, true], ['HTTP/1.1 200 OK', 'fine', true]
  ])
})

t.test('a Node stream that is destroyed without an error was cut', async t => {
  const items = ['x']
  const { body } = await stream(t, () => new Readable({
    objectMode: true,
    highWaterMark: 1,
    read () {
      if (items.length === 0) this.destroy()
      else setImmediate(() => { this.push(items.pop()) })
    }
  }))
  t.equal(body, `data: x\n\n${chatFrame(meanings[503]!, 'service_unavailable_error', 503, 'Humanloop')}`)
})

t.test('an illegal header of the app is a failure before the first byte', async t => {
  const { app } = await appWith(t, app => { app.get('/', async (_request, reply) => reply.header('x-mine', 'a\nb').sendEvents([1])) })
  const answer = await ask(await listening(app), '/')
  t.equal(answer.status, 'HTTP/1.1 500 Internal Server Error')
  t.same(JSON.parse(answer.body), envelope(500, meanings[500]!))
})
