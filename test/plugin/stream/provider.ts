/** A provider on loopback whose streams fail on demand, in the wire format of the API that is called. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a stream fails: an error event after some others or before them, a connection that is cut, silence, no stream at all. */
export type StreamFailure = 'event' | 'event-first' | 'cut' | 'silence' | 'limited'

interface Wire {
  readonly path: RegExp
  /** Frames that go well. */
  readonly begun: readonly string[]
  /** The provider's error inside a stream; none where it has none. */
  readonly error?: string
  /** The body of a 429. */
  readonly limited: object
  readonly type?: string
}

const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const data = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
const line = (data: object): string => `${JSON.stringify(data)}\n`

const limited = { error: { message: 'Too many at once.', type: 'requests', param: null, code: 'rate_limit_exceeded' } }

const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'm',
  output: [],
  parallel_tool_calls: true,
  tools: []
}

export const wires: Readonly<Record<string, Wire>> = {
  // https://platform.openai.com/docs/api-reference/chat-streaming
  chat: {
    path: /\/chat\/completions$/,
    begun: ['Hel', 'lo'].map(content => data({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { role: 'assistant', content }, logprobs: null, finish_reason: null }]
    })),
    error: data({ error: { message: 'The engine is overloaded.', type: 'engine_overloaded_error', param: null, code: null } }),
    limited
  },
  // https://platform.openai.com/docs/api-reference/responses-streaming
  responses: {
    path: /\/responses$/,
    begun: [
      event('response.created', { type: 'response.created', sequence_number: 0, response }),
      event('response.output_item.added', {
        type: 'response.output_item.added',
        sequence_number: 1,
        output_index: 0,
        item: { id: 'm1', type: 'message', status: 'in_progress', role: 'assistant', content: [] }
      }),
      event('response.content_part.added', {
        type: 'response.content_part.added',
        sequence_number: 2,
        item_id: 'm1',
        output_index: 0,
        content_index: 0,
        part: { type: 'output_text', text: '', annotations: [] }
      }),
      event('response.output_text.delta', {
        type: 'response.output_text.delta',
        sequence_number: 3,
        item_id: 'm1',
        output_index: 0,
        content_index: 0,
        delta: 'Hello',
        logprobs: []
      })
    ],
    error: event('error', {
      type: 'error', sequence_number: 4, code: 'rate_limit_exceeded', message: 'The engine is overloaded.', param: null
    }),
    limited
  },
  // https://docs.anthropic.com/en/docs/build-with-claude/streaming#error-events
  messages: {
    path: /\/messages$/,
    begun: [
      event('message_start', {
        type: 'message_start',
        message: {
          id: 'm1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 1, output_tokens: 1 }
        }
      }),
      event('content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      event('ping', { type: 'ping' }),
      event('content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } })
    ],
    error: event('error', { type: 'error', error: { type: 'overloaded_error', message: 'The engine is overloaded.' } }),
    limited: { type: 'error', error: { type: 'rate_limit_error', message: 'Too many at once.' }, request_id: 'r1' }
  },
  // https://docs.cohere.com/v2/docs/streaming
  cohere: {
    path: /\/v2\/chat$/,
    begun: [
      event('message-start', {
        id: 'm1',
        type: 'message-start',
        delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } }
      }),
      event('content-delta', { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hello' } } } })
    ],
    error: event('message-end', {
      type: 'message-end',
      delta: { finish_reason: 'ERROR', error: 'The engine is overloaded.', usage: { tokens: { input_tokens: 1, output_tokens: 1 } } }
    }),
    limited: { message: 'Too many at once.' }
  },
  // https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
  gemini: {
    path: /:streamGenerateContent$/,
    begun: [data({ candidates: [{ content: { parts: [{ text: 'Hello' }], role: 'model' }, index: 0 }], modelVersion: 'm' })],
    error: data({ error: { code: 503, message: 'The engine is overloaded.', status: 'UNAVAILABLE' } }),
    limited: { error: { code: 429, message: 'Too many at once.', status: 'RESOURCE_EXHAUSTED' } }
  },
  // https://github.com/ollama/ollama/blob/main/docs/api.md
  ollama: {
    path: /\/api\/chat$/,
    begun: [line({ model: 'm', created_at: '2024-01-01T00:00:00Z', message: { role: 'assistant', content: 'Hello' }, done: false })],
    error: line({ error: 'The engine is overloaded.' }),
    limited: { error: 'Too many at once.' },
    type: 'application/x-ndjson'
  }
}

function serve (failure: StreamFailure, { begun, error, limited, type = 'text/event-stream' }: Wire, response: ServerResponse): void {
  if (failure === 'limited') {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' }).end(JSON.stringify(limited))
    return
  }
  response.writeHead(200, { 'content-type': type })
  if (failure === 'event' || failure === 'event-first') {
    response.end((failure === 'event' ? begun.join('') : '') + error)
  } else {
    response.write(begun.join(''), () => { if (failure === 'cut') setTimeout(() => response.destroy(), 20) })
  }
}

export interface StreamingProvider {
  /** Its address for a failure. */
  readonly url: (failure: StreamFailure) => string
  readonly close: () => void
}

/** The failure stands in the path, so that calls can run side by side. */
export async function streamingProvider (): Promise<StreamingProvider> {
  const server = createServer((request, response) => {
    const [, failure = '', path = ''] = /^\/([^/]+)(\/[^?]*)/.exec(request.url!) ?? []
    request.resume().on('end', () => {
      serve(failure as StreamFailure, Object.values(wires).find(wire => wire.path.test(path))!, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: failure => `http://127.0.0.1:${port}/${failure}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
