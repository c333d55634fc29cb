/** The error events of every provider in streams of every dialect, and good events that look like them. */
import { Readable } from 'node:stream'
import t from 'tap'
import { type DialectName, type EventSource, type SendEventsOptions } from '../../../plugin/index.js'
import type { ContractError } from '../../../plugin/errors.js'
import { appWith, envelope, levels, meanings, type Log } from '../../support/app.js'
import { ask, listening, type Answer } from '../../support/socket.js'

const dialects: readonly DialectName[] = ['openai-chat', 'anthropic', 'humanloop', 'openai-responses', 'gemini', 'ndjson']

/** A provider's key, as it might stand in any of its messages. */
const key = 'sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z'

interface Seen extends Answer { readonly log: Log, readonly told: ReadonlyArray<readonly [code: number, begun: boolean]> }

async function stream (t: Parameters<typeof appWith>[0], source: () => EventSource, options?: SendEventsOptions): Promise<Seen> {
  const told: Array<readonly [number, boolean]> = []
  const onError = ({ statusCode }: ContractError, _request: unknown, { begun }: { begun: boolean }): void => {
    told.push([statusCode, begun])
  }
  const { app, log } = await appWith(
    t, app => { app.get('/', async (_request, reply) => reply.sendEvents(source(), options)) }, { onError }
  )
  return { ...await ask(await listening(app), '/'), log, told }
}

/** How an event comes: what an SDK yields, its text, the bytes of the stream. */
const ways: Readonly<Record<string, (data: object, event?: string) => EventSource>> = {
  object: (data, event) => [{ n: 1 }, { data, event }, { n: 2 }],
  text: (data, event) => ['{"n":1}', { data: JSON.stringify(data), event }, '{"n":2}'],
  bytes: (data, event) => Readable.from([
    Buffer.from('data: {"n":1}\n\n'),
    Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\ndata: {"n":2}\n\n`)
  ]),
  lines: data => Readable.from([Buffer.from('{"n":1}\n'), Buffer.from(`${JSON.stringify(data)}\n{"n":2}\n`)])
}

const said = `Not now: ${key}`

interface ErrorCase {
  readonly data: object
  readonly event?: string
  readonly code: number
  readonly origin: string
  readonly message?: string
}

/** As the providers send them. */
const errors: Readonly<Record<string, ErrorCase>> = {
  'OpenAI, chat': {
    data: { error: { message: said, type: 'requests', param: null, code: 'rate_limit_exceeded' } }, code: 429, origin: 'OpenAI'
  },
  'OpenAI, responses, error': {
    data: { type: 'error', code: 'rate_limit_exceeded', message: said, param: null, sequence_number: 4 },
    event: 'error',
    code: 429,
    origin: 'OpenAI'
  },
  'OpenAI, responses, failed': {
    data: {
      type: 'response.failed', sequence_number: 4, response: { id: 'r', status: 'failed', error: { code: 'server_error', message: said } }
    },
    event: 'response.failed',
    code: 500,
    origin: 'OpenAI'
  },
  Anthropic: {
    data: { type: 'error', error: { type: 'overloaded_error', message: said } }, event: 'error', code: 529, origin: 'Anthropic'
  },
  Gemini: { data: { error: { code: 503, message: said, status: 'UNAVAILABLE' } }, code: 503, origin: 'Google' },
  Ollama: { data: { error: said }, code: 500, origin: 'Ollama' },
  'Cohere, v2': {
    data: { type: 'message-end', delta: { finish_reason: 'ERROR', error: said } }, event: 'message-end', code: 500, origin: 'Cohere'
  },
  'Cohere, v2, toxic': { data: { type: 'message-end', delta: { finish_reason: 'ERROR_TOXIC', error: said } }, code: 422, origin: 'Cohere' },
  'Cohere, v1': {
    data: { is_finished: true, event_type: 'stream-end', finish_reason: 'ERROR', message: said }, code: 500, origin: 'Cohere'
  },
  'AWS Bedrock, event': { data: { throttlingException: { message: said } }, code: 429, origin: 'AWS Bedrock' },
  'AWS Bedrock, service': {
    data: { modelStreamErrorException: { message: said, originalStatusCode: 500 } }, code: 500, origin: 'AWS Bedrock'
  },
  'AWS Bedrock, message': {
    data: {
      headers: {
        ':message-type': { type: 'string', value: 'exception' }, ':exception-type': { type: 'string', value: 'throttlingException' }
      },
      body: JSON.stringify({ message: said })
    },
    code: 429,
    origin: 'AWS Bedrock'
  },
  'AWS Bedrock, plain message': {
    data: { ':message-type': 'exception', ':exception-type': 'validationException', message: said }, code: 422, origin: 'AWS Bedrock'
  },
  OpenRouter: {
    data: {
      id: 'gen-1',
      object: 'chat.completion.chunk',
      provider: 'x',
      model: 'm',
      error: { code: 429, message: said },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }]
    },
    code: 429,
    origin: 'OpenRouter'
  },
  vLLM: { data: { object: 'error', message: said, type: 'BadRequestError', param: null, code: 400 }, code: 422, origin: 'Model provider' },
  Mistral: {
    data: { object: 'error', message: said, type: 'internal_server_error', param: null, code: null }, code: 500, origin: 'Model provider'
  },
  'vLLM, new': {
    data: { error: { object: 'error', message: said, type: 'NotFoundError', param: null, code: 404 } }, code: 404, origin: 'OpenAI'
  },
  'Hugging Face': { data: { error: said, error_type: 'overloaded' }, code: 529, origin: 'Hugging Face' },
  'Groq, named': {
    data: { error: { message: said, type: 'invalid_request_error', code: 'tool_use_failed', status_code: 400 } },
    event: 'error',
    code: 422,
    origin: 'OpenAI'
  },
  'a name that says nothing': { data: { error: { message: said, code: 429 } }, event: 'message', code: 429, origin: 'OpenAI' },
  'this contract': {
    data: { detail: { type: 'not_found_error', message: said, code: 404, origin: 'Mistral' } }, event: 'error', code: 404, origin: 'Mistral'
  },
  'this contract, for OpenAI’s clients': {
    data: { error: { message: said, type: 'overloaded_error', code: 529, param: null, origin: 'Mistral' } }, code: 529, origin: 'Mistral'
  }
}

/** The four fields in the last frame of a stream. */
function lastError (body: string, dialect: DialectName): unknown {
  const frames = body.trim().split(dialect === 'ndjson' ? '\n' : '\n\n')
  const data = JSON.parse(frames.at(-1)!.replace(/^(?:event: .*\n)?data: /, ''))
  const { type, message, code, origin } = data.detail ?? data.error
  return { type, message, code, origin }
}

for (const [name, { data, event, code, origin }] of Object.entries(errors)) {
  t.test(`${name}: an error in every dialect`, async t => {
    const message = 'Not now: [redacted]'
    for (const dialect of dialects) {
      for (const [way, source] of Object.entries(ways)) {
        if (way === 'lines' && event !== undefined && !('type' in data)) continue // a line has no name
        const { status, body, whole, log, told } = await stream(t, () => source(data, event), { dialect })
        const what = `${dialect}, ${way}`
        t.equal(status, 'HTTP/1.1 200 OK', what)
        t.ok(whole)
        t.same({ detail: lastError(body, dialect) }, envelope(code, message, origin))
        t.equal(body.split('Not now').length - 1, dialect === 'openai-responses' ? 4 : dialect === 'ndjson' ? 2 : 1, 'theirs is not sent')
        t.match(body, '"n":1')
        t.notMatch(body, '"n":2')
        t.notMatch(body + String(log), 'Ab3dEf6h')
        t.same(log.lines.map(({ code, begun }) => [code, begun]), [[code, true]], 'one line')
        t.same(told, [[code, true]])
      }
      const attributed = await stream(t, () => ways.object!(data, event), { dialect, origin: 'deepseek' })
      t.match(
        lastError(attributed.body, dialect),
        { origin: origin === 'Mistral' ? origin : 'DeepSeek' },
        'the caller knows better than the shape'
      )
    }
    const { status, body } = await stream(t, () => [{ data, event }])
    t.match(status, String(code), 'one that comes first has a status')
    t.same(JSON.parse(body), envelope(code, message, origin))
  })
}

t.test('an error that is an Error says what it says where it is thrown', async t => {
  const thrown = Object.assign(new Error('Slow down.'), {
    name: 'ThrottlingException', $fault: 'client', $metadata: { httpStatusCode: 429, requestId: 'r-1' }
  })
  for (const item of [{ throttlingException: thrown }, { type: 'error', error: thrown }]) {
    const { body, log } = await stream(t, () => ['x', item], { dialect: 'humanloop', origin: 'bedrock' })
    t.equal(body, `data: x\n\nevent: error\ndata: ${JSON.stringify(envelope(429, 'Slow down.', 'AWS Bedrock'))}\n\n`)
    t.match(log.lines, [{ level: levels.warn, code: 429, upstreamStatus: 429, upstreamRequestId: 'r-1' }])
  }
})

t.test('an error whose provider nobody knows is withheld', async t => {
  const cases: ReadonlyArray<readonly [item: unknown, message: string | undefined]> = [
    [{ data: 'upstream died', event: 'error' }, 'upstream died'],
    [{ data: '{"cut', event: 'response.failed' }, undefined],
    [{ data: null, event: 'error' }, 'null'],
    [{ data: { detail: 'It died.' }, event: 'error' }, 'It died.'],
    [{ type: 'error', error: { message: 'It died.' } }, 'It died.'],
    [{ type: 'error', errorText: 'It died.' }, undefined],
    [{ type: 'error', error: new Proxy({}, { getPrototypeOf () { throw new Error('connection error') } }) }, undefined],
    [{ error: 'It died.', code: 'x' }, 'It died.'],
    [{ errors: [{ code: 'x', message: 'It died.' }], trace: 't', status_code: 500 }, 'It died.']
  ]
  for (const [item, message = meanings[500]!] of cases) {
    const { body, log } = await stream(t, () => ['x', item], { dialect: 'humanloop' })
    t.equal(body, `data: x\n\nevent: error\ndata: ${JSON.stringify(envelope(500, meanings[500]!))}\n\n`)
    t.match(log.lines, [{ level: levels.error, code: 500, begun: true }])
    const attributed = await stream(t, () => ['x', item], { dialect: 'humanloop', origin: 'groq' })
    t.equal(attributed.body, `data: x\n\nevent: error\ndata: ${JSON.stringify(envelope(500, message, 'Groq'))}\n\n`)
  }
})

t.test('good events that look like errors are sent as they are', async t => {
  const good: readonly unknown[] = [
    { choices: [{ index: 0, delta: { content: 'the word "error", and {"error": {"code": 500}}' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { content: 'error' }, finish_reason: 'stop' }], error: null },
    {
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { name: 'report', arguments: '{"error": {"message": "x"}}' } }] } }]
    },
    { choices: [{ index: 0, delta: {}, content_filter_results: { error: { code: 'content_filter_error', message: 'x' } } }] },
    { message: { role: 'assistant', tool_calls: [{ function: { name: 'report', arguments: { error: { code: 1 } } } }] }, done: false },
    { candidates: [{ content: { parts: [{ functionCall: { name: 'report', args: { error: { code: 500, status: 'INTERNAL' } } } }] } }] },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"error": {"type": "overloaded_error"}}' } },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'web_search_tool_result', content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } }
    },
    { type: 'response.created', response: { status: 'in_progress', error: null } },
    { type: 'response.output_item.done', item: { type: 'mcp_call', error: { type: 'error', message: 'x' } } },
    { type: 'tool-error', toolCallId: 't', error: { message: 'x' } },
    { type: 'tool-result', output: { errors: ['x'], error: 'x' } },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
    { type: 'tool-call-delta', name: 'ERROR', text: '"ERROR' },
    { error: 'x', output: 'y' },
    { error: '' },
    { error: 7 },
    { errors: [] },
    { lastException: 'x' },
    { lastException: { message: 'x' }, n: 1 },
    ['error', { error: {} }],
    'error',
    '"error"',
    '"error": 7',
    'the "errors" of Exception"s',
    null
  ]
  for (const item of good) {
    const text = typeof item === 'string' ? item : JSON.stringify(item)
    for (const dialect of ['humanloop', 'openai-chat', 'gemini'] as const) {
      for (const source of [() => [item], () => [text]]) {
        const { status, body, log } = await stream(t, source, { dialect })
        t.equal(status, 'HTTP/1.1 200 OK')
        t.equal(body, `data: ${text}\n\n`)
        t.same(log.lines, [])
      }
    }
  }
})
