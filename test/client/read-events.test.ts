/** Streams as servers write them, in six dialects, whole, in pieces and broken. */
import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { ApiError, readEvents, type StreamEvent } from '../../client/index.js'
import { envelope } from '../support/app.js'
import { answering, cutAfter } from './server.js'

const sse = 'text/event-stream; charset=utf-8'
const ndjson = 'application/x-ndjson'

const detail = { type: 'overloaded_error', message: 'Überlastet 🥵', code: 529, origin: 'Anthropic' }
const { type, message, code, origin } = detail

/** For each dialect: some events, the error as a server of this contract ends a stream with it, and a good end. */
const dialects = {
  'openai-chat': {
    contentType: sse,
    events: 'data: {"choices":[{"delta":{"content":"Grüß 👋"}}]}\n\ndata: {"choices":[{"delta":{}}],"error":null}\n\n',
    yields: [
      { event: 'message', data: { choices: [{ delta: { content: 'Grüß 👋' } }] }, id: '' },
      { event: 'message', data: { choices: [{ delta: {} }], error: null }, id: '' }
    ],
    error: `data: ${JSON.stringify({ error: { message, type, code, param: null, origin } })}\n\n`,
    end: 'data: [DONE]\n\n',
    last: []
  },
  anthropic: {
    contentType: sse,
    events: ': ping\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Grüß 👋"}}\n\n',
    yields: [{ event: 'content_block_delta', data: { type: 'content_block_delta', delta: { text: 'Grüß 👋' } }, id: '' }],
    error: `event: error\ndata: ${JSON.stringify({ type: 'error', error: detail })}\n\n`,
    end: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    last: [{ event: 'message_stop', data: { type: 'message_stop' }, id: '' }]
  },
  humanloop: {
    contentType: sse,
    events: 'id: 1\ndata: {"output":"Grüß"}\n\ndata: {"output":"👋"}\n\n',
    yields: [{ event: 'message', data: { output: 'Grüß' }, id: '1' }, { event: 'message', data: { output: '👋' }, id: '1' }],
    error: `event: error\ndata: ${JSON.stringify(envelope(code, message, origin))}\n\n`,
    end: '',
    last: []
  },
  'openai-responses': {
    contentType: sse,
    events: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Grüß 👋","sequence_number":1}\n\n',
    yields: [{
      event: 'response.output_text.delta',
      data: { type: 'response.output_text.delta', delta: 'Grüß 👋', sequence_number: 1 },
      id: ''
    }],
    error: `event: response.failed\ndata: ${JSON.stringify({
      type: 'response.failed',
      sequence_number: 2,
      response: { status: 'failed', error: { ...detail, code: '529' } },
      error: { ...detail, param: null }
    })}\n\nevent: error\ndata: ${JSON.stringify({
      type: 'error', sequence_number: 3, code, message, param: null, error: { ...detail, param: null }
    })}\n\n`,
    end: 'event: response.completed\ndata: {"type":"response.completed","response":{"error":null}}\n\n',
    last: [{ event: 'response.completed', data: { type: 'response.completed', response: { error: null } }, id: '' }]
  },
  gemini: {
    contentType: sse,
    events: 'data: {"candidates":[{"content":{"parts":[{"text":"Grüß 👋"}]}}]}\r\n\r\n',
    yields: [{ event: 'message', data: { candidates: [{ content: { parts: [{ text: 'Grüß 👋' }] } }] }, id: '' }],
    error: `data: ${JSON.stringify({ error: { code, message, status: 'UNAVAILABLE', type, origin } })}\r\n\r\n`,
    end: '',
    last: []
  },
  ndjson: {
    contentType: ndjson,
    events: '{"response":"Grüß"}\n{"response":"👋","done":false}\n',
    yields: [
      { event: 'message', data: { response: 'Grüß' }, id: '' },
      { event: 'message', data: { response: '👋', done: false }, id: '' }
    ],
    error: `${JSON.stringify({ error: message, ...envelope(code, message, origin) })}\n`,
    end: '{"done":true}\n',
    last: [{ event: 'message', data: { done: true }, id: '' }]
  }
}

/** All that a stream gives before it ends. */
async function all (response: Response, signal?: AbortSignal): Promise<{ events: StreamEvent[], error: unknown }> {
  const events: StreamEvent[] = []
  try {
    for await (const event of readEvents(response, { signal })) events.push(event)
  } catch (error) {
    return { events, error }
  }
  return { events, error: undefined }
}

/** A stream in memory. */
function streamOf (pieces: Iterable<string | Uint8Array>, contentType = sse): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream({
    start (controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece)
      controller.close()
    }
  })
  return new Response(body, { headers: { 'content-type': contentType } })
}

async function eventsIn (text: string, contentType = sse): Promise<unknown[]> {
  const { events, error } = await all(streamOf([text], contentType))
  if (error !== undefined) throw error
  return events.map(({ data }) => data)
}

t.test('each dialect, cut into two at every byte, over a socket', async t => {
  const address = await answering(t, (raw, { url }) => {
    const [, name, ending, at] = url!.split('/') as [string, keyof typeof dialects, 'error' | 'end', string]
    const { contentType, events, [ending]: last } = dialects[name]
    const bytes = Buffer.from(events + last)
    raw.writeHead(200, { 'content-type': contentType })
    // each write is a chunk of its own in the encoding, which fetch keeps
    raw.write(bytes.subarray(0, Number(at)))
    raw.end(bytes.subarray(Number(at)))
  })
  for (const [name, { events, yields, error, end, last }] of Object.entries(dialects)) {
    for (const [ending, text, expected] of [
      ['end', events + end, { events: [...yields, ...last], error: undefined }],
      ['error', events + error, { events: yields, error: { ...detail, status: 200, retryable: true } }]
    ] as const) {
      const length = Buffer.byteLength(text)
      const results = []
      for (let at = 1; at < length; at++) results.push(await all(await fetch(`${address}/${name}/${ending}/${at}`)))
      t.match(results[0], expected, `${name}: ${ending}`)
      t.equal(new Set(results.map(told)).size, 1, `the same wherever ${length} bytes are cut`)
    }
  }
})

function told ({ events, error }: Awaited<ReturnType<typeof all>>): string {
  return JSON.stringify([events, error, error instanceof ApiError && error.message])
}

t.test('a stream that is cut is the server’s failure, wherever it is cut', async t => {
  const address = await answering(t, (raw, { url }) => {
    const [, name, how, at] = url!.split('/') as [string, keyof typeof dialects, string, string]
    const { contentType, events } = dialects[name]
    const part = Buffer.from(events).subarray(0, Number(at))
    raw.writeHead(200, { 'content-type': contentType, 'x-request-id': 'req-1' })
    if (how === 'reset') cutAfter(raw, part)
    else raw.end(part)
  })
  const cut = { type: 'service_unavailable_error', code: 503, origin: 'unknown', status: 200, retryable: true, requestId: 'req-1' }
  for (const [name, { events, yields }] of Object.entries(dialects)) {
    const length = Buffer.byteLength(events)
    for (const at of [0, 1, 9, length - 2, length]) {
      const { events, error } = await all(await fetch(`${address}/${name}/reset/${at}`))
      t.match(
        error, { ...cut, message: 'The stream was cut: terminated', cause: TypeError }, `${name}: reset after ${at} of ${length} bytes`
      )
      t.same(events, yields.slice(0, events.length))
    }
    const half = await all(await fetch(`${address}/${name}/end/9`))
    t.match(
      half, { events: [], error: { ...cut, message: 'The stream was cut: it ended within a frame' } }, `${name}: a clean end within a frame`
    )
    const whole = await all(await fetch(`${address}/${name}/end/${length}`))
    t.same(whole, { events: yields, error: undefined }, `${name}: a clean end between frames`)
  }
})

t.test('server-sent events are read as the standard says', async t => {
  t.same(await eventsIn('\uFEFFdata: 1\n\ndata:2\n\ndata:  3\n\n'), [1, 2, 3], 'byte order mark, spaces')
  t.same(await eventsIn('data: a\ndata: b\ndata\n\n'), ['a\nb\n'], 'data of several lines')
  t.same(await eventsIn('data\n\ndata:\n\n'), ['', ''], 'empty data')
  t.same(
    await eventsIn('event: x\n\n: nothing\n\nretry: 10\n\nunknown: 1\ndata: y\n\n'), ['y'], 'no frame without data; comments, other fields'
  )
  t.same(await eventsIn('data: 1\r\rdata: 2\r\n\r\ndata: 3\n\r\n'), [1, 2, 3], 'any line break')
  t.same(await eventsIn('data: {"a":\ndata: 1}\n\n'), [{ a: 1 }], 'JSON on several lines')
  t.same(await eventsIn('data: not {json}\n\n'), ['not {json}'])
  t.same(await eventsIn('data: {"text":"a:b: c\u2028d"}\n\n'), [{ text: 'a:b: c\u2028d' }], 'only CR and LF break lines')
  const { events } = await all(streamOf(['id: 1\nevent: a\ndata: 1\n\ndata: 2\n\nid: 2\0\ndata: 3\n\nid\ndata: 4\n\n']))
  t.same(events, [
    { event: 'a', data: 1, id: '1' },
    { event: 'message', data: 2, id: '1' },
    { event: 'message', data: 3, id: '1' },
    { event: 'message', data: 4, id: '' }
  ], 'the name holds for one frame, the id for all that follow')
  t.same(await eventsIn(''), [])
  t.same(await all(new Response(null)), { events: [], error: undefined }, 'no body')
})

t.test('pieces of any size give the same events, whatever the line breaks', async t => {
  const line = fc.constantFrom('data: {"a":1}', 'data:ü👋', ': ping', 'event: x', 'id: 7', '', '', 'data', '{"a":"ü👋"}', '12')
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 20 })
  const rest = fc.constantFrom('\r\n\r\n', '', 'data: {"a":1}', 'data: [DONE]\r', 'da', '\u{1F44B}')
  await t.resolves(fc.assert(fc.asyncProperty(lines, rest, fc.constantFrom(sse, ndjson), fc.array(
    fc.nat(9), { minLength: 1 }
  ), async (lines, rest, contentType, sizes) => {
    // CR and LF of two empty lines would be one break
    const text = lines.map(([line, end]) => line + end).join('').replaceAll('\r\n\n', '\r\n\r\n')
    const bytes = new TextEncoder().encode(text + rest)
    const pieces = []
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = turn < 500 ? sizes[turn % sizes.length]! : 9
      pieces.push(bytes.subarray(at, at + size))
      at += size
    }
    return told(await all(streamOf(pieces, contentType))) === told(await all(streamOf([bytes], contentType)))
  })))
})

t.test('the last event of a stream whose lines end with CR only', async t => {
  for (const pieces of [['data: 1\r\rdata: 2\r\r'], ['data: 1\r\rdata: 2\r', '\r'], ['data: 1\r', '\rdata: 2', '\r', '\r']]) {
    t.match(await all(streamOf(pieces)), { events: [{ data: 1 }, { data: 2 }], error: undefined })
  }
  t.match(await all(streamOf(['data: 1\r\rdata: 2\r'])), {
    events: [{ data: 1 }], error: { code: 503, message: 'The stream was cut: it ended within a frame' }
  })
  t.same(await eventsIn('{"a":1}\r{"a":2}\r', ndjson), [{ a: 1 }, { a: 2 }])
})

t.test('lines of JSON: empty lines, line breaks and the end of the last line do not matter', async t => {
  t.same(await eventsIn('{"a":1}\r\n\r\n \n{"a":2}\n{"a":3}', ndjson), [{ a: 1 }, { a: 2 }, { a: 3 }])
  t.same(await eventsIn('{"a":1}\n\n  ', 'application/jsonl'), [{ a: 1 }])
  t.same(await eventsIn('1\nno json\n', 'application/x-ndjson; charset=utf-8'), [1, 'no json'])
  t.match(
    await all(streamOf(['{"a":1}\n12'], ndjson)),
    { events: [{ data: { a: 1 } }], error: { code: 503 } },
    'half of a number looks like a number'
  )
})

t.test('a last frame without its line break counts where it tells that it is whole', async t => {
  t.same(await eventsIn('data: 1\n\ndata: [DONE]'), [1])
  t.same(await eventsIn('data: 1\n\ndata: [DONE]\n'), [1])
  t.match(await all(streamOf(['event: error\ndata: {"error":{"message":"No.","code":429}}'])), { error: { code: 429, message: 'No.' } })
  for (const type of ['message_stop', 'response.completed', 'response.incomplete']) {
    for (const end of ['', '\n', '\r']) t.same(await eventsIn(`data: 1\n\nevent: ${type}\ndata: {"type":"${type}"}${end}`), [1, { type }])
  }
  for (const rest of [
    'data: {"a":1}', 'data: {"a":1}\n', 'data: {"a":1}\r', 'event: message_stop\ndata: {"type":"mess',
    'event: error\ndata: {"error":{"mess', 'event: x\n', 'id: 1', ': pi'
  ]) {
    t.match(
      await all(streamOf([`data: 1\n\n${rest}`])),
      { events: [{ data: 1 }], error: { code: 503, message: 'The stream was cut: it ended within a frame' } },
      rest
    )
  }
  const half = new TextEncoder().encode('data: 1\n\nü').subarray(0, -1)
  t.match(await all(streamOf([half])), { error: { code: 503 } }, 'half of a character')
})

t.test('errors of other servers are errors, too', async t => {
  const unknown = { origin: 'unknown', status: 200 }
  const frames: Array<[frame: string, error: object, contentType?: string]> = [
    ['data: {"error":{"message":"No.","type":"server_error","code":null}}\n\n', { code: 500, message: 'No.' }],
    ['data: {"error":{"message":"No.","type":"requests","code":"rate_limit_exceeded"}}\n\n', { code: 429, message: 'No.' }],
    ['data: {"error":{"message":"No.","type":"invalid_request_error","code":"x"}}\n\n', { code: 400, message: 'No.' }],
    ['data: {"error":{"message":"No.","type":"BadRequestError","code":400}}\n\n', { code: 400, message: 'No.' }],
    ['data: {"error":{"message":"No.","code":502}}\n\n', { code: 503, message: 'No.' }],
    ['data: {"error":{"message":"No.","type":"constructor","code":"toString"}}\n\n', { code: 500, message: 'No.' }],
    ['data: {"error":{"message":"No.","code":418.5}}\n\n', { code: 400, message: 'No.' }],
    ['data: {"error":{}}\n\n', { code: 500, message: 'unknown_error' }],
    ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"No."}}\n\n', { code: 529, message: 'No.' }],
    ['event: error\ndata: {"type":"error","error":{"type":"permission_error","message":"No."}}\n\n', { code: 401, message: 'No.' }],
    [
      'event: error\ndata: {"type":"error","code":"server_error","message":"No.","param":null,"sequence_number":3}\n\n',
      { code: 500, message: 'No.' }
    ],
    ['data: {"type":"error","code":"rate_limit_exceeded","message":"No."}\n\n', { code: 429, message: 'No.' }],
    [
      'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"No."}}}\n\n',
      { code: 429, message: 'No.' }
    ],
    ['data: {"type":"response.failed","response":{"error":null}}\n\n', { code: 500, message: 'unknown_error' }],
    ['data: {"error":{"code":503,"message":"No.","status":"UNAVAILABLE"}}\n\n', { code: 503, message: 'No.' }],
    ['event: error\ndata: {"detail":"No.","status":404}\n\n', { code: 404, message: 'No.' }],
    ['event: error\ndata: upstream died\n\n', { code: 500, message: 'upstream died' }],
    ['event: error\ndata: null\n\n', { code: 500, message: 'unknown_error' }],
    ['{"error":"model not found"}\n', { code: 500, message: 'model not found' }, ndjson]
  ]
  for (const [frame, error, contentType] of frames) {
    const { events, error: thrown } = await all(streamOf([frame], contentType))
    t.ok(thrown instanceof ApiError, frame)
    t.match({ events, error: thrown }, { events: [], error: { ...unknown, ...error } })
  }
  t.match(await all(streamOf([`data: ${JSON.stringify({ error: { ...detail, code: '529' } })}\n\n`])),
    { error: { code: 529, origin: 'unknown' } }, 'almost ours is not ours')
})

t.test('an answer that is no stream is thrown as the error that it is', async t => {
  const answer = (body: string, status: number, type: string): Response => new Response(body, { status, headers: { 'content-type': type } })
  t.match(await all(answer(JSON.stringify(envelope(429, 'Slow down.', 'OpenAI')), 429, 'application/json')),
    { events: [], error: { type: 'rate_limit_error', message: 'Slow down.', origin: 'OpenAI', status: 429 } })
  t.match(await all(answer(JSON.stringify(envelope(429, 'Slow down.')), 200, 'application/json')), {
    events: [], error: { code: 429, status: 200 }
  })
  t.match(await all(answer('<html>Log in</html>', 200, 'text/html')), {
    events: [], error: { code: 500, status: 200, message: 'The server answered 200.' }
  })
  t.match(await all(answer('data: 1\n\n', 502, sse)), { events: [], error: { code: 503, status: 502 } })
  t.same(
    (await all(answer('data: 1\n\n', 200, 'text/plain'))).events,
    [{ event: 'message', data: 1, id: '' }],
    'a stream with a poor content type'
  )
})

t.test('a body that was read already is the caller’s mistake', async t => {
  const read = streamOf(['data: 1\n\n'])
  await read.text()
  t.match(await all(read), { error: new TypeError('readEvents: the body was read already') })
  const locked = streamOf(['data: 1\n\n'])
  locked.body!.getReader()
  t.match(await all(locked), { error: TypeError })
})

t.test('a frame that never ends does not fill the memory', async t => {
  const piece = new TextEncoder().encode('data: ' + 'x'.repeat(2 ** 20))
  for (const contentType of [sse, ndjson]) {
    let pieces = 0
    const pull = (controller: ReadableStreamDefaultController): void => { pieces++; controller.enqueue(piece) }
    const { error } = await all(new Response(new ReadableStream({ pull }), { headers: { 'content-type': contentType } }))
    t.match(error, { code: 503, message: 'The stream was cut: a frame is too long' })
    t.ok(pieces < 20)
  }
  const lines = new TextEncoder().encode('data: \n'.repeat(2 ** 16))
  const { error } = await all(new Response(new ReadableStream({ pull: controller => controller.enqueue(lines) })))
  t.match(error, { code: 503 }, 'many lines are long, too')
})

t.test('events are read as they are asked for', async t => {
  let pieces = 0
  const pull = (controller: ReadableStreamDefaultController): void => {
    controller.enqueue(new TextEncoder().encode(`data: ${++pieces}\n\n`))
  }
  const events = readEvents(new Response(new ReadableStream({ pull })))
  for (let count = 1; count < 5; count++) {
    t.same((await events.next()).value, { event: 'message', data: count, id: '' })
    t.ok(pieces <= count + 1, 'one ahead, which is the stream’s own')
  }
  await events.return()
})

/** A server that streams without an end, and tells when its client has gone. */
async function endless (t: Parameters<typeof answering>[0]): Promise<{ address: string, left: Promise<unknown> }> {
  const server = new EventEmitter()
  const address = await answering(t, (raw: ServerResponse) => {
    raw.on('close', () => server.emit('left')).writeHead(200, { 'content-type': sse }).write('data: 1\n\ndata: 2\n\n')
  })
  return { address, left: once(server, 'left') }
}

t.test('leaving the loop ends the call', async t => {
  const { address, left } = await endless(t)
  for await (const { data } of readEvents(await fetch(address))) if (data === 1) break
  t.ok(await left)
})

t.test('the last frame ends the call, also where the server leaves it open', async t => {
  const server = new EventEmitter()
  const address = await answering(t, (raw, { url }) => {
    raw.on('close', () => server.emit('left')).writeHead(200, { 'content-type': sse })
      .write(`data: 1\n\n${decodeURIComponent(url!.slice(1))}\n\ndata: 2\n\n`)
  })
  for (const [last, count] of [
    ['data: [DONE]', 1], ['data: {"type":"message_stop"}', 2], ['data: {"type":"response.incomplete"}', 2]
  ] as const) {
    const left = once(server, 'left')
    t.match(await all(await fetch(`${address}/${encodeURIComponent(last)}`)), { events: { length: count }, error: undefined })
    await left
  }
})

t.test('an abort ends the stream with its reason, and the call', async t => {
  const { address, left } = await endless(t)
  const controller = new AbortController()
  const reason = new Error('enough')
  const events: unknown[] = []
  const reading = (async () => {
    for await (const { data } of readEvents(await fetch(address), { signal: controller.signal })) {
      events.push(data)
      if (data === 2) setImmediate(() => controller.abort(reason))
    }
  })()
  t.equal(await reading.catch(error => error), reason)
  t.same(events, [1, 2])
  await left
})

t.test('an abort counts from the next event on, and before the first', async t => {
  const controller = new AbortController()
  const events = readEvents(streamOf(['data: 1\n\ndata: 2\n\n']), { signal: controller.signal })
  t.match(await events.next(), { value: { data: 1 } })
  controller.abort()
  await t.rejects(events.next(), { name: 'AbortError' })
  t.match(await all(streamOf(['data: 1\n\n']), controller.signal), { events: [], error: { name: 'AbortError' } })
  t.match(await all(new Response('', { status: 500 }), controller.signal), { events: [], error: { name: 'AbortError' } })
})

t.test('a signal that was given to fetch ends the stream with its reason as well', async t => {
  const { address, left } = await endless(t)
  const controller = new AbortController()
  const events = readEvents(await fetch(address, { signal: controller.signal }))
  await events.next()
  await events.next()
  const next = events.next()
  controller.abort()
  await t.rejects(next, { name: 'AbortError' })
  await left
})

t.test('no text makes reading throw anything but an ApiError', async t => {
  const text = fc.oneof(
    fc.string(), fc.string({ unit: fc.constantFrom('data', ':', ' ', '\n', '\r', 'event', '{', '}', '"error"', '1', '[DONE]') })
  )
  await t.resolves(fc.assert(fc.asyncProperty(text, fc.constantFrom(sse, ndjson), async (text, contentType) => {
    const { error } = await all(streamOf([text], contentType))
    return error === undefined || error instanceof ApiError
  })))
})
