/** What becomes of an answer that is no success, whatever its body is. */
import { EventEmitter, once } from 'node:events'
import Fastify from 'fastify'
import fc from 'fast-check'
import t from 'tap'
import { ApiError, readError } from '../../client/index.js'
import humanloopErrors, { OverloadedError, RateLimitError } from '../../plugin/index.js'
import { errorCodes } from '../../schemas/index.js'
import { envelope } from '../support/app.js'
import { answering, cutAfter } from './server.js'

t.test('an answer of a server with the plugin arrives with all that it says', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/limited', async () => {
    throw new RateLimitError('Slow down.', { origin: 'OpenAI', retryAfter: 7, upstream: { status: 429, requestId: 'req_1' } })
  })
  app.get('/quota', async () => { throw new RateLimitError('No quota left.', { headers: { 'x-should-retry': 'false' } }) })
  app.get('/overloaded', async () => { throw new OverloadedError() })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })

  const limited = await readError(await fetch(`${address}/limited`))
  t.ok(limited instanceof ApiError)
  t.match(limited, {
    type: 'rate_limit_error',
    message: 'Slow down.',
    code: 429,
    origin: 'OpenAI',
    status: 429,
    retryAfter: 7,
    retryable: true,
    requestId: /./,
    providerRequestId: 'req_1',
    cause: undefined
  })
  t.match(await readError(await fetch(`${address}/quota`)), {
    type: 'rate_limit_error', origin: 'Humanloop', retryable: false, retryAfter: undefined
  })
  t.match(await readError(await fetch(`${address}/overloaded`)), { type: 'overloaded_error', code: 529, status: 529, retryable: true })
  t.match(await readError(await fetch(`${address}/nowhere`)), {
    type: 'not_found_error', message: 'Route GET:/nowhere not found', retryable: false
  })
})

t.test('an answer that is not the contract has the type of its status and an unknown origin', async t => {
  const types: Record<number, string> = {
    400: 'bad_request_error',
    401: 'authentication_error',
    402: 'authentication_error',
    403: 'authentication_error',
    404: 'not_found_error',
    405: 'not_found_error',
    408: 'timeout_error',
    409: 'unprocessable_entity_error',
    410: 'not_found_error',
    412: 'unprocessable_entity_error',
    413: 'bad_request_error',
    418: 'bad_request_error',
    422: 'unprocessable_entity_error',
    423: 'unprocessable_entity_error',
    424: 'unprocessable_entity_error',
    429: 'rate_limit_error',
    451: 'authentication_error',
    499: 'bad_request_error',
    500: 'unknown_error',
    501: 'unknown_error',
    502: 'service_unavailable_error',
    503: 'service_unavailable_error',
    504: 'timeout_error',
    507: 'service_unavailable_error',
    511: 'authentication_error',
    520: 'unknown_error',
    529: 'overloaded_error',
    599: 'unknown_error'
  }
  const address = await answering(t, (raw, request) => {
    raw.writeHead(Number(request.url!.slice(1)), { 'content-type': 'text/html' }).end('<html><h1>Something</h1></html>')
  })
  for (const [status, type] of Object.entries(types)) {
    t.match(await readError(await fetch(`${address}/${status}`)), {
      type, origin: 'unknown', status: Number(status), message: `The server answered ${status}.`
    })
  }
  t.match(await readError(new Response('', { status: 407 })), { type: 'authentication_error' }, 'which fetch itself does not let through')
  t.match(await readError(new Response('Hello')), { type: 'unknown_error', status: 200 }, 'a success that somebody takes for an error')
})

t.test('the message is the sentence of a foreign body, where it has one', async t => {
  const limit = 'Slow down.'
  const bodies: Array<[body: unknown, message: string]> = [
    [{ detail: limit }, limit],
    [{ error: limit }, limit],
    [{ message: limit }, limit],
    [{ error: { message: limit, type: 'requests', code: 'rate_limit_exceeded' } }, limit],
    [{ type: 'error', error: { type: 'rate_limit_error', message: limit } }, limit],
    [{ statusCode: 429, error: 'Too Many Requests', message: limit }, limit],
    [{ detail: [{ loc: ['body'], msg: limit, type: 'missing' }] }, limit],
    [{ errors: [{ message: limit }] }, limit],
    [{ type: 'about:blank', title: limit, status: 429 }, limit],
    [[{ error: { code: 429, message: limit } }], limit],
    [limit, limit],
    [{ message: ' Slow\n\t down.\u0000\u001b ' }, limit],
    [{ message: 'x'.repeat(600) }, 'x'.repeat(500)],
    [{ message: 'at most <5 tokens' }, 'at most <5 tokens'],
    [{ message: '<html><body>Slow down.</body></html>' }, 'The server answered 429.'],
    [{ detail: { type: 'rate_limit_error', message: limit, code: 429, origin: 'OpenAI', param: null } }, limit],
    [{ a: { message: limit } }, 'The server answered 429.'],
    [[[[[[limit]]]]], 'The server answered 429.'],
    [{}, 'The server answered 429.'],
    [null, 'The server answered 429.'],
    [429, 'The server answered 429.']
  ]
  for (const [body, message] of bodies) {
    const error = await readError(new Response(JSON.stringify(body), { status: 429 }))
    t.match(error, { type: 'rate_limit_error', origin: 'unknown', message }, JSON.stringify(body).slice(0, 80))
  }
  const text = (type: string): Response => new Response('upstream connect error', { status: 503, headers: { 'content-type': type } })
  t.equal((await readError(text('text/plain'))).message, 'upstream connect error')
  t.equal((await readError(text('application/json'))).message, 'The server answered 503.')
})

t.test('a contract’s body counts whatever the status became on its way', async t => {
  for (const code of errorCodes) {
    const error = await readError(new Response(JSON.stringify(envelope(code, 'No.', 'Cohere')), { status: 500 }))
    t.match(error, { code, message: 'No.', origin: 'Cohere', status: 500 })
  }
})

t.test('a body that cannot be read leaves the status to tell', async t => {
  const address = await answering(t, (raw, { url }) => {
    raw.writeHead(503, { 'content-type': 'application/json', ...url === '/short' && { 'content-length': 100 } })
    if (url === '/empty') return raw.end()
    if (url === '/half') return raw.end('{"detail":{"type":"serv')
    return cutAfter(raw, '{"detail":')
  })
  const unavailable = { type: 'service_unavailable_error', origin: 'unknown', status: 503, message: 'The server answered 503.' }
  for (const path of ['/empty', '/half', '/cut', '/short']) t.match(await readError(await fetch(address + path)), unavailable, path)

  const read = await fetch(`${address}/empty`)
  await read.text()
  t.match(await readError(read), unavailable, 'read already')
  const locked = await fetch(`${address}/empty`)
  locked.body!.getReader()
  t.match(await readError(locked), unavailable, 'locked')
  t.match(await readError(new Response(null, { status: 503 })), unavailable, 'none')
})

t.test('an endless body is ended: by its length', async t => {
  const ended = new EventEmitter()
  const address = await answering(t, raw => {
    raw.on('close', () => ended.emit('end')).writeHead(500)
    const more = (): void => { while (raw.write('x'.repeat(16_384))); }
    raw.on('drain', more)
    more()
  })
  const [error] = await Promise.all([fetch(address).then(readError), once(ended, 'end')])
  t.match(error, { type: 'unknown_error', status: 500 })

  let pieces = 0
  const pull = (controller: ReadableStreamDefaultController): void => { pieces++; controller.enqueue(new Uint8Array()) }
  t.match(
    await readError(new Response(new ReadableStream({ pull }), { status: 500 })), { type: 'unknown_error' }, 'also one of empty pieces'
  )
  t.ok(pieces < 70_000)
})

t.test('an endless body is ended: by the time that it takes', async t => {
  const ended = new EventEmitter()
  const address = await answering(t, raw => {
    raw.on('close', () => ended.emit('end')).writeHead(429, { 'retry-after': '3' }).write('{')
  })
  const [error] = await Promise.all([fetch(address).then(readError), once(ended, 'end')])
  t.match(error, { type: 'rate_limit_error', origin: 'unknown', retryAfter: 3 })
})

t.test('retry-after is understood in each of its forms', async t => {
  const at = (seconds: number, now = Date.now()): string => new Date(now + seconds * 1000).toUTCString()
  const forms: Array<[headers: Record<string, string>, least: number | undefined, most?: number]> = [
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1.5],
    [{ 'retry-after-ms': '250' }, 0.25],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 0.25],
    [{ 'retry-after-ms': 'soon', 'retry-after': '7' }, 7],
    [{ 'retry-after': at(60) }, 58, 60],
    [{ 'retry-after': at(-60) }, 0],
    [{ 'retry-after': at(7, 1e12), date: at(0, 1e12) }, 7],
    [{ 'retry-after': '-7' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'Sun, 99 Foo 2026' }, undefined],
    [{ 'retry-after': '7, 7' }, undefined],
    [{}, undefined]
  ]
  for (const [headers, least, most = least] of forms) {
    const { retryAfter } = await readError(new Response('', { status: 429, headers }))
    t.ok(retryAfter === least || (retryAfter! >= least! && retryAfter! <= most!), `${JSON.stringify(headers)}: ${retryAfter}`)
  }
})

t.test('whatever body: never an exception, always a short message on one line', async t => {
  const body = fc.oneof(fc.string(), fc.json(), fc.uint8Array())
  const status = fc.integer({ min: 400, max: 599 })
  await t.resolves(fc.assert(fc.asyncProperty(body, status, async (body, status) => {
    const error = await readError(new Response(body, { status }))
    return error instanceof ApiError && error.origin === 'unknown' && /^[^\p{Cc}]{1,500}$/u.test(error.message)
  })))
})
