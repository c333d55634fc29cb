/** A provider's own stream as bytes: cut anywhere, ended anywhere, of any length. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { SendEventsOptions } from '../../../plugin/index.js'
import { providerEvents } from '../../../plugin/stream/bytes.js'
import { appWith, envelope, levels, meanings, type Log } from '../../support/app.js'
import { ask, listening, type Answer } from '../../support/socket.js'

type Test = Parameters<typeof appWith>[0]

async function stream (t: Test, pieces: Iterable<string | Uint8Array>, options?: SendEventsOptions): Promise<Answer & { log: Log }> {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => reply.sendEvents(Readable.from(bytesOf(pieces)), options))
  })
  return { ...await ask(await listening(app), '/'), log }
}

function * bytesOf (pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece as string)
}

/** All that is in the bytes, and what had begun when they ended. */
function itemsIn (pieces: Iterable<Uint8Array>): unknown {
  const decoder = providerEvents()
  return [[...pieces].flatMap(piece => [...decoder.decode(piece)]), decoder.rest()?.item]
}

t.test('bytes that are cut anywhere hold the same events, whatever the line breaks', t => {
  const lines = fc.array(fc.tuple(
    fc.constantFrom(
      'data: {"a":1}', 'data:ü👋', ': ping', 'event: x', 'id: 7', 'retry: 1', 'data', 'dataset: 1', '\uFEFF', ' ', '', '', '',
      '{"a":"ü👋"}', '[1]', '12'
    ),
    fc.constantFrom('\n', '\r', '\r\n')
  ), { maxLength: 20 })
  const rest = fc.constantFrom('', 'data: 1', 'da', '\u{1F44B}', '{"a":', ' ')
  t.doesNotThrow(() => {
    fc.assert(fc.property(lines, rest, fc.array(fc.nat(9), { minLength: 1 }), (lines, rest, sizes) => {
      const bytes = Buffer.from(lines.map(([line, end]) => line + end).join('') + rest)
      const pieces: Uint8Array[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = turn < 500 ? sizes[turn % sizes.length]! : 9
        pieces.push(bytes.subarray(at, at + size))
        at += size
      }
      return JSON.stringify(itemsIn(pieces)) === JSON.stringify(itemsIn([bytes]))
    }), { numRuns: 1000 })
  })
  t.end()
})

t.test('a last event counts though its lines end with CR only', async t => {
  for (const pieces of [['data: 1\r\rdata: 2\r\r'], ['data: 1\r', '\rdata: 2\r', '', '\r']]) {
    const { body, log } = await stream(t, pieces)
    t.equal(body, 'data: 1\n\ndata: 2\n\n')
    t.same(log.lines, [])
  }
  t.equal((await stream(t, ['{"n":1}\r{"n":2}\r'], { dialect: 'ndjson' })).body, '{"n":1}\n{"n":2}\n')
  t.equal((await stream(t, ['data: 1\r', '\ndata: 2\r', '\n', '\r', '\n', 'data: 3\r\n\r', '\n'])).body, 'data: 1\ndata: 2\n\ndata: 3\n\n')
})

t.test('what a provider sends tells whether it is lines of JSON, not what the clients speak', async t => {
  t.equal(
    (await stream(t, ['', '\uFEFF', '\n ', '{"n":1}\n{"n":2}\n'], { dialect: 'openai-chat' })).body, 'data: {"n":1}\n\ndata: {"n":2}\n\n'
  )
  t.equal((await stream(t, ['\uFEFF', '\n: ping\n\ndata: {"n":1}\n\n'], { dialect: 'ndjson' })).body, '{"n":1}\n')
  t.equal((await stream(t, ['\n\n'])).body, '')
  t.equal((await stream(t, [])).body, '')
})

t.test('a stream that ends within an event is a connection that was lost', async t => {
  const server = createServer((request, response) => { // a clean end of a chunked response, such as a proxy makes of a cut one
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(Buffer.from(request.url!.slice(1), 'base64url'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  const { app, log } = await appWith(t, app => {
    app.get('/:text/:origin', async (request, reply) => {
      const { text, origin } = request.params as Record<string, string>
      const { body } = await fetch(`http://127.0.0.1:${port}/${text}`)
      return reply.sendEvents(body!, { dialect: 'humanloop', ...origin !== 'nobody' && { origin } })
    })
  })
  const asked = await listening(app)
  const seen = async (text: string, origin: string): Promise<Answer> => ask(asked, `/${Buffer.from(text).toString('base64url')}/${origin}`)
  const frame = (message: string, origin: string): string => `event: error\ndata: ${JSON.stringify(envelope(503, message, origin))}\n\n`
  const lost = 'The connection to OpenAI was lost before its response was complete.'

  for (const rest of [
    'data: {"n":2}', 'data: {"n":2}\n', 'data: {"n":2}\nid: 1\r\n', 'data: {"n":', 'da', 'event: x\n', 'id: 1\n', 'data: [DONE',
    'event: message_stop\ndata: {"type":"mess'
  ]) {
    const { status, body, whole } = await seen(`data: {"n":1}\n\n${rest}`, 'openai')
    t.equal(status, 'HTTP/1.1 200 OK')
    t.equal(body, `data: {"n":1}\n\n${frame(lost, 'OpenAI')}`, rest)
    t.ok(whole)
    t.match(log.lines.at(-1), { level: levels.warn, origin: 'OpenAI', code: 503, begun: true, msg: lost })
    t.equal((await seen(`data: {"n":1}\n\n${rest}`, 'nobody')).body, `data: {"n":1}\n\n${frame(meanings[503]!, 'Humanloop')}`)
    const first = await seen(rest, 'openai')
    t.equal(first.status, 'HTTP/1.1 503 Service Unavailable')
    t.same(JSON.parse(first.body), envelope(503, lost, 'OpenAI'))
  }
  for (const rest of ['{"n":2', '12', '"text"', 'tru']) {
    t.equal((await seen(`{"n":1}\n${rest}`, 'openai')).body, `data: {"n":1}\n\n${frame(lost, 'OpenAI')}`, rest)
  }
})

t.test('an event that ends the stream, or is an error, may lack its end; behind the former nothing is missing', async t => {
  const whole: ReadonlyArray<readonly [text: string, body: string]> = [
    ['data: 1\n\ndata: [DONE]\n', 'data: 1\n\ndata: [DONE]\n\n'],
    ['data: 1\n\ndata: [DONE]', 'data: 1\n\ndata: [DONE]\n\n'],
    ['event: message_stop\ndata: {"type":"message_stop"}\n', 'event: message_stop\ndata: {"type":"message_stop"}\n\n'],
    ['event: message_stop\ndata: {}', 'event: message_stop\ndata: {}\n\n'],
    ['data: {"type":"response.completed"}', 'data: {"type":"response.completed"}\n\n'],
    ['data: {"type":"message-end","delta":{}}\r', 'data: {"type":"message-end","delta":{}}\n\n'],
    ['data: [DONE]\n\nda', 'data: [DONE]\n\n'],
    ['data: 1\n\n ', 'data: 1\n\n'],
    ['data: 1\n\n: ping\n', 'data: 1\n\n'],
    ['{"n":1}\n{"n":2}', 'data: {"n":1}\n\ndata: {"n":2}\n\n'],
    ['{"n":1}\n[2]', 'data: {"n":1}\n\ndata: [2]\n\n']
  ]
  for (const [text, body] of whole) {
    const answer = await stream(t, [text], { dialect: 'humanloop' })
    t.equal(answer.body, body, text)
    t.same(answer.log.lines, [])
  }
  t.match(await stream(t, ['data: 1\n\ndata: [DONE]\n'], { dialect: 'openai-chat' }), { body: 'data: 1\n\ndata: [DONE]\n\n', whole: true })
  const { body, log } = await stream(t, ['data: 1\n\ndata: {"error":{"message":"No.","code":429}}'], { dialect: 'humanloop' })
  t.equal(body, `data: 1\n\nevent: error\ndata: ${JSON.stringify(envelope(429, 'No.', 'OpenAI'))}\n\n`)
  t.equal(log.lines.length, 1)
})

const bound = 16 * 1024 * 1024

t.test('no kind of line fills the memory, in pieces of any size', async t => {
  const begins: Readonly<Record<string, readonly [begin: string, line: string]>> = {
    'empty data': ['', 'data\n'],
    'short data': ['', 'data:x\n'],
    'long data': ['', `data: ${'x'.repeat(100_000)}\n`],
    'two-byte data': ['', `data: ${'ü'.repeat(1000)}\n`],
    'names that are replaced': ['', 'event: x\n'],
    'ids that are replaced': ['', 'id: x\r'],
    'comments within an event': ['data: x\n', ': ping\n'],
    'unknown fields within an event': ['data: x\n', 'x: y\n'],
    'a line without an end': ['data: ', 'x'],
    'a line of JSON without an end': ['{"a":"', 'x']
  }
  for (const [name, [begin, line]] of Object.entries(begins)) {
    let taken = 0
    const piece = Buffer.from(line.repeat(Math.ceil(500_000 / line.length)))
    const { body, status } = await stream(t, (function * () {
      yield Buffer.from(begin)
      for (; taken < 300 * 1024 * 1024; taken += piece.length) yield piece
    })())
    t.match(status, '500', name)
    t.same(JSON.parse(body), envelope(500, meanings[500]!))
    t.ok(taken < 2.1 * bound, `${taken} bytes were taken`)
  }
  const after = await stream(t, (function * () {
    yield 'data: 1\n\n'
    for (;;) yield Buffer.alloc(1_000_000, 'data\n')
  })(), { dialect: 'ndjson' })
  t.equal(after.body, `1\n${JSON.stringify({ error: meanings[500], ...envelope(500, meanings[500]!) })}\n`)
})

t.test('an event may be long, and events and comments may be many', async t => {
  const text = 'x'.repeat(bound - 1000)
  t.equal((await stream(t, [`data: ${text}\n\ndata: ${text}\n\n`])).body, `data: ${text}\n\ndata: ${text}\n\n`)
  t.equal((await stream(t, (function * () {
    for (let n = 0; n < 40; n++) yield Buffer.from(': ping\n'.repeat(150_000))
    yield 'data: 1\n\n'
  })())).body, 'data: 1\n\n')
})

t.test('tiny pieces cost no multiple of their text', t => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const used = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  for (const begin of ['data: ', '["']) {
    const decoder = providerEvents()
    const byte = Buffer.from('xyz')
    const pieces = 500_000
    t.same([...decoder.decode(Buffer.from(begin))], [])
    const before = used()
    let items = 0
    for (let n = 0; n < pieces; n++) items += [...decoder.decode(byte)].length
    const kept = (used() - before) / pieces
    t.ok(kept < 12, `${kept} bytes for each three`)
    t.equal(items, 0)
    t.equal([...decoder.decode(Buffer.from('\n\n'))].length, 1)
  }
  t.end()
})

t.test('a piece with more events than the reader takes waits for it', async t => {
  let decoded = 0
  class Piece extends Uint8Array<ArrayBuffer> {
    override subarray (begin: number, end = this.length): Piece {
      decoded++
      return new Piece(this.buffer, this.byteOffset + begin, Math.min(end, this.length) - begin)
    }
  }
  const event = 'data: {"n":1}\n\n'
  const events = 600_000
  const piece = new Piece(Buffer.alloc(event.length * events, event).buffer)
  const { app } = await appWith(t, app => {
    app.addHook('onSend', async (_request, _reply, payload) => {
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
      t.ok(decoded > 0 && decoded < 4, `${decoded} of ${piece.length / 65_536} parts were decoded before it was read`)
      return payload
    })
    app.get('/', async (_request, reply) => reply.sendEvents([piece]))
  })
  const { body, whole } = await ask(await listening(app), '/')
  t.equal(body.length, piece.length)
  t.ok(whole)
})
