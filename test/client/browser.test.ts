/** The client in Chromium, against the gateway. */
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import t from 'tap'
import { environment } from '../../example/environment.js'
import { buildGateway } from '../../example/gateway.js'
import { chromium } from '../support/chromium.js'
import { cutAfter } from './server.js'

// Chromium may have to be installed
t.setTimeout(300_000)

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The client, as the page has it. */
declare const client: typeof import('../../client/index.js')

const gateway = await buildGateway(
  environment({ MAX_EVENT_LOOP_DELAY: '0', LOG_LEVEL: 'silent', PROVIDER_TIMEOUT: '5' }), { forceCloseConnections: true }
)
t.teardown(async () => gateway.close())

const { outputFiles: [bundle] } = await build({
  absWorkingDir: root, entryPoints: ['client/index.ts'], bundle: true, minify: true, format: 'esm', platform: 'browser', write: false
})
gateway.get('/client.js', (_request, reply) => { reply.type('text/javascript').send(bundle!.text) })
gateway.get('/page', (_request, reply) => {
  reply.type('text/html').send(
    '<!doctype html><script type="module">import * as client from "/client.js"; globalThis.client = client</script>'
  )
})

const server = new EventEmitter()
const frames = ': ping\n\ndata: {"delta":"Grüß"}\r\n\r\nevent: x\rid: 7\rdata: "👋"\r\r'
const error = 'event: error\ndata: {"detail":{"type":"overloaded_error","message":"Overloaded","code":529,"origin":"Anthropic"}}\n\n'
gateway.get<{ Params: { end: string } }>('/events/:end', (request, reply) => {
  reply.hijack()
  const { raw } = reply
  raw.on('close', () => server.emit('left', request.params.end)).writeHead(200, { 'content-type': 'text/event-stream' })
  for (const byte of Buffer.from(frames)) raw.write(Uint8Array.of(byte))
  if (request.params.end === 'error') raw.end(error)
  if (request.params.end === 'done') raw.write('data: [DONE]\n\n')
  if (request.params.end === 'cut') cutAfter(raw, 'data: {"del')
})
const address = await gateway.listen({ port: 0, host: '127.0.0.1' })

const browser = await chromium(t)

async function pageOf (): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`${address}/page`)
  await page.waitForFunction('globalThis.client')
  return page
}

const yields = [{ event: 'message', data: { delta: 'Grüß' }, id: '' }, { event: 'x', data: '👋', id: '7' }]

t.test('a chat that succeeds, and the failures of a provider, of the gateway and of the caller', async t => {
  const page = await pageOf()
  const chat = async (config: object, headers: Record<string, string> = {
    'x-api-key': 'caller'
  }, body: object = {}): Promise<any> => page.evaluate(async ({ config, headers, body }) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Tell me a joke.' }], model_config: config, ...body })
    }
    const retries: unknown[] = []
    try {
      const response = await client.withRetry(async signal => fetch('/v4/chat', { ...init, signal }), {
        attempts: 2, budgetMs: 5000, onRetry: ({ attempt, error }) => retries.push([attempt, error.code])
      })
      return { body: await response.json(), retries }
    } catch (error) {
      return { isOurs: error instanceof client.ApiError, ...error as object, message: (error as Error).message, retries }
    }
  }, { config, headers, body })

  t.match(await chat({ model: 'gpt-3.5-turbo' }), { body: { data: [{ output: 'Tell me a joke.' }] }, retries: [] })
  t.match(await chat({ model: 'error-429', provider: 'openai' }), {
    isOurs: true,
    type: 'rate_limit_error',
    code: 429,
    status: 429,
    origin: 'OpenAI',
    retryAfter: 7,
    retryable: true,
    gaveUp: 'budget',
    requestId: /./,
    providerRequestId: /./,
    retries: []
  }, 'seven seconds do not fit into five')
  t.match(await chat({ model: 'error-529', provider: 'anthropic' }), {
    type: 'overloaded_error', code: 529, origin: 'Anthropic', gaveUp: 'attempts', retries: [[1, 529]]
  })
  t.match(await chat({ model: 'error-reset', provider: 'cohere' }), {
    type: 'service_unavailable_error', origin: 'Cohere', retries: [[1, 503]]
  })
  t.match(await chat({ model: 'gpt-3.5-turbo', max_tokens: 10_000_000 }), {
    type: 'unprocessable_entity_error', origin: 'OpenAI', message: /^This model's maximum context length is 4097 tokens\./, retries: []
  })
  t.match(await chat({ model: 'gpt-4o' }, {}), {
    type: 'authentication_error', origin: 'Humanloop', message: 'The header X-API-KEY is missing.', retries: []
  })
  t.match(await chat({ model: 'gpt-4o' }, undefined, { messages: [] }), { type: 'unprocessable_entity_error', origin: 'Humanloop' })
})

t.test('an answer that cannot be had is the network’s failure', async t => {
  const page = await pageOf()
  await page.context().setOffline(true)
  const failed = await page.evaluate(async () => client.withRetry(async signal => fetch('/v4/chat', { signal }), { attempts: 2 })
    .catch((error: unknown) => ({ isOurs: error instanceof client.ApiError, ...error as object })))
  t.match(failed, { isOurs: true, type: 'service_unavailable_error', origin: 'unknown', gaveUp: 'attempts' })
  await page.context().setOffline(false)
})

t.test('the budget ends a call that hangs', async t => {
  const page = await pageOf()
  const failed = await page.evaluate(async () => client.withRetry(async () => new Promise(() => {}), { budgetMs: 50 })
    .catch((error: unknown) => ({ isOurs: error instanceof client.ApiError, ...error as object })))
  t.match(failed, { isOurs: true, type: 'timeout_error', origin: 'unknown', gaveUp: 'budget' })
})

t.test('a page of a proxy is a typed error', async t => {
  const page = await pageOf()
  await page.route('**/proxied', async route => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }))
  const error = await page.evaluate(async () => ({ ...await client.readError(await fetch('/proxied')) }))
  t.match(error, { type: 'service_unavailable_error', code: 503, status: 502, origin: 'unknown' })
})

t.test('streams: a good end, an error, a cut, an abort, and leaving the loop', async t => {
  const page = await pageOf()
  const read = async (end: string): Promise<any> => page.evaluate(async end => {
    const controller = new AbortController()
    const events: unknown[] = []
    try {
      for await (const event of client.readEvents(await fetch(`/events/${end}`), { signal: controller.signal })) {
        events.push(event)
        if (end === 'leave') break
        if (end === 'abort' && events.length === 2) setTimeout(() => controller.abort('enough'))
      }
      return { events }
    } catch (error) {
      return { events, error: error instanceof client.ApiError ? { ...error } : error }
    }
  }, end)

  t.same(await read('done'), { events: yields })
  t.match(await read('error'), { events: yields, error: { type: 'overloaded_error', origin: 'Anthropic', status: 200 } })
  t.match(
    await read('cut'),
    { error: { type: 'service_unavailable_error', origin: 'unknown', status: 200 } },
    'what was on its way may be lost with it'
  )
  for (const [end, expected] of [['abort', { events: yields, error: 'enough' }], ['leave', { events: yields.slice(0, 1) }]] as const) {
    const left = once(server, 'left')
    t.same(await read(end), expected)
    t.same(await left, [end], 'the server sees it')
  }
})
