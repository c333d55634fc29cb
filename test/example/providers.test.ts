/** The adapters over the real SDKs, and the stand-ins at their edges. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { chatWith, providerNames, providerOf, streamFrom, type ProviderName } from '../../example/providers/index.js'
import { startStandIn } from '../../example/stand-ins/index.js'

const call = { model: 'm', messages: [{ role: 'user' as const, content: 'x' }], maxTokens: 5, temperature: undefined }

async function answering (t: { teardown: (close: () => void) => void }, body: object | string, type = 'application/json'): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('content-type', type).end(
    typeof body === 'string' ? body : JSON.stringify(body)
  ))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function complete (provider: ProviderName, baseUrl: string) {
  return chatWith(provider)({ apiKey: 'k', baseUrl, timeout: 2000 }, call, new AbortController().signal)
}

t.test('an answer without text or counts is an empty completion', async t => {
  const empty: Record<ProviderName, object> = {
    openai: { choices: [] },
    anthropic: { content: [{ type: 'tool_use' }], stop_reason: 'max_tokens', usage: { input_tokens: 1, output_tokens: 2 } },
    cohere: { id: 'x', finish_reason: 'MAX_TOKENS', message: { role: 'assistant', content: [{ type: 'thinking', thinking: 'x' }] } }
  }
  t.match(await complete('openai', await answering(t, empty.openai)), { output: '', finishReason: 'stop', usage: { input: 0, output: 0 } })
  t.match(
    await complete('openai', await answering(t, { choices: [{ message: { content: null }, finish_reason: 'length' }] })),
    { output: '', finishReason: 'length' }
  )
  t.match(await complete('anthropic', await answering(t, empty.anthropic)), {
    output: '', finishReason: 'length', usage: { input: 1, output: 2 }
  })
  t.match(await complete('cohere', await answering(t, empty.cohere)), {
    output: '', finishReason: 'length', usage: { input: 0, output: 0 }
  })
  t.match(
    await complete('cohere', await answering(t, { id: 'x', finish_reason: 'COMPLETE', message: { role: 'assistant' } })), { output: '' }
  )
})

t.test('an error inside a 200 is the provider’s error', async t => {
  for (const provider of providerNames) {
    const error = await complete(
      provider, await answering(t, { error: { message: 'Slow.', code: 'rate_limit_exceeded' } })
    ).catch(thrown => thrown)
    t.match(error, { statusCode: 429, message: 'Slow.' }, provider)
  }
  t.match(await complete('cohere', await answering(t, {})).catch(thrown => thrown), { statusCode: 500, origin: 'Cohere' })
})

t.test('a 200 that cannot be read is a provider that is not there', async t => {
  for (const provider of providerNames) {
    const error = await complete(provider, await answering(t, '{"id": nonsense')).catch(thrown => thrown)
    t.match(error, { statusCode: 503, message: /^(?:OpenAI|Anthropic|Cohere) sent a response that could not be read\.$/ }, provider)
  }
})

/** The pieces that come of a stream of these events, and what it fails with. */
async function pieces (
  t: Parameters<typeof answering>[0], provider: ProviderName, events: ReadonlyArray<{ type?: string, [field: string]: unknown }>
) {
  const text = events.map(event => `${event.type === undefined ? '' : `event: ${event.type}\n`}data: ${JSON.stringify(event)}\n\n`).join('')
  const baseUrl = await answering(t, text, 'text/event-stream')
  const came = []
  try {
    for await (const piece of streamFrom(provider)({ apiKey: 'k', baseUrl, timeout: 2000 }, call, new AbortController().signal)) {
      came.push(piece)
    }
  } catch (error) {
    return { came, error }
  }
  return { came, error: undefined }
}

t.test('events without text are no pieces, and a completion may end where it is too long', async t => {
  t.same(await pieces(t, 'openai', [
    { choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] },
    { choices: [] }
  ]), { came: [{ output: '', finishReason: 'length' }], error: undefined })
  t.same(await pieces(t, 'anthropic', [
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
    { type: 'message_delta', delta: { stop_reason: null }, usage: {} },
    { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: {} }
  ]), { came: [{ output: '', finishReason: 'length' }], error: undefined })
  t.same(await pieces(t, 'cohere', [
    { type: 'content-delta', index: 0, delta: { message: { content: { thinking: 'Hm.' } } } },
    { type: 'message-end', delta: { finish_reason: 'MAX_TOKENS' } }
  ]), { came: [{ output: '', finishReason: 'length' }], error: undefined })
  t.same((await pieces(t, 'cohere', [{ type: 'message-end' }])).came, [{ output: '', finishReason: 'stop' }])
})

t.test('a stream that ends before its completion does has failed', async t => {
  const begun = {
    openai: { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] },
    anthropic: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } },
    cohere: { type: 'content-delta', index: 0, delta: { message: { content: { text: 'x' } } } }
  }
  for (const provider of providerNames) {
    const { came, error } = await pieces(t, provider, [begun[provider]])
    t.same(came, [{ output: 'x', finishReason: null }])
    t.match(error, {
      statusCode: 503,
      message: 'The stream ended before the completion did.',
      origin: { openai: 'OpenAI', anthropic: 'Anthropic', cohere: 'Cohere' }[provider]
    })
  }
})

t.test('the provider follows from the model’s name', async t => {
  for (const [model, provider] of [
    ['gpt-4o', 'openai'], ['o3-mini', 'openai'], ['claude-3-haiku-20240307', 'anthropic'], ['command-r', 'cohere'], ['llama-3', undefined]
  ] as const) t.equal(providerOf(model), provider)
})

t.test('stand-ins: other paths, no key, unreadable bodies, undocumented statuses, unknown models', async t => {
  const paths: Record<ProviderName, string> = { openai: '/chat/completions', anthropic: '/v1/messages', cohere: '/v2/chat' }
  for (const provider of providerNames) {
    const standIn = await startStandIn(provider)
    t.teardown(standIn.close)
    const post = async (path: string, body: string, headers: Record<string, string> = { authorization: 'Bearer k' }) =>
      fetch(standIn.addressFor('m') + path, { method: 'POST', body, headers })
    const chat = (model: string): string => JSON.stringify({ model, messages: [] })
    t.equal((await post('/elsewhere', '{}')).status, 404)
    t.equal((await fetch(standIn.addressFor('m') + paths[provider])).status, 404)
    t.equal((await post(paths[provider], chat('m'), {})).status, 401)
    t.equal((await post(paths[provider], chat('unknown'))).status, 404)
    for (const status of [418, 507]) {
      const answer = await post(paths[provider], chat(`error-${status}`))
      t.equal(answer.status, status)
      t.match(await answer.text(), new RegExp(`answered ${status}`))
    }
    await t.rejects(post(paths[provider], 'not json'))
    t.not(standIn.addressFor('error-refused'), standIn.addressFor('m'))
  }
  const anthropic = await startStandIn('anthropic')
  t.teardown(anthropic.close)
  const byHeader = await fetch(`${anthropic.addressFor('m')}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k' },
    body: JSON.stringify({ model: 'claude-3-haiku-20240307', messages: [], max_tokens: 1 })
  })
  t.equal(byHeader.status, 200)
})
