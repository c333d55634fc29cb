/**
 * Anthropic's wire format: https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/api/errors,
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
import { randomUUID } from 'node:crypto'
import { event, type Wire, type WireAnswer } from './wire.js'

type Failure = readonly [type: string, message: string]

const failures: Readonly<Record<number, Failure>> = {
  400: ['invalid_request_error', 'messages: at least one message is required'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'The requested resource could not be found.'],
  408: ['timeout_error', 'The request timed out.'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  422: ['invalid_request_error', 'The request could not be processed.'],
  429: ['rate_limit_error', 'This request would exceed your organization’s rate limit of 50 requests per minute.'],
  500: ['api_error', 'Internal server error'],
  502: ['api_error', 'Bad gateway'],
  503: ['api_error', 'Service unavailable'],
  504: ['timeout_error', 'The request timed out while processing.'],
  529: ['overloaded_error', 'Overloaded']
}

/** What it calls those types of the error contract that it has not itself. */
const names: Readonly<Record<string, string>> = {
  bad_request_error: 'invalid_request_error',
  unprocessable_entity_error: 'invalid_request_error',
  unknown_error: 'api_error',
  service_unavailable_error: 'api_error'
}

function failureNamed (name: string): Failure {
  return Object.values(failures).find(([type]) => type === name) ?? [name, `The stream failed: ${name}.`]
}

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`

function error (status: number, [type, message]: Failure, headers: Record<string, string> = {}): WireAnswer {
  const requestId = newId('req')
  return {
    status, headers: { 'request-id': requestId, ...headers }, body: { type: 'error', error: { type, message }, request_id: requestId }
  }
}

export const anthropic: Wire = {
  path: '/v1/messages',
  models: {
    'claude-3-haiku-20240307': { context: 200_000, output: 4096 },
    'claude-3-5-sonnet-20241022': { context: 200_000, output: 8192 },
    'claude-3-5-haiku-20241022': { context: 200_000, output: 8192 }
  },
  key: headers => headers['x-api-key']?.toString() ?? headers.authorization?.replace(/^Bearer /, ''),
  request: ({ model, messages, system, max_tokens: maxTokens, stream = false }) => ({
    model, maxTokens, stream, messages: system === undefined ? messages : [{ role: 'system', content: system }, ...messages]
  }),
  completion: ({ model }, text, tokens) => ({
    status: 200,
    headers: { 'request-id': newId('req') },
    body: {
      id: newId('msg'),
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: tokens.input, output_tokens: tokens.output }
    }
  }),
  stream: ({ model }, { input, output }) => {
    const named = (type: string, fields: object = {}): string => event({ type, ...fields }, type)
    return {
      headers: { 'request-id': newId('req') },
      begin: [
        named('message_start', {
          message: {
            id: newId('msg'),
            type: 'message',
            role: 'assistant',
            model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: input, output_tokens: 1 }
          }
        }),
        named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
        named('ping')
      ].join(''),
      piece: text => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      end: [
        named('content_block_stop', { index: 0 }),
        named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: output } }),
        named('message_stop')
      ].join('')
    }
  },
  inside: name => {
    const [type, message] = failureNamed(names[name] ?? name)
    const body = { type: 'error', error: { type, message } }
    return { body, event: event(body, 'error') }
  },
  invalidKey: () => error(401, ['authentication_error', 'invalid x-api-key']),
  unknownModel: model => error(404, ['not_found_error', `model: ${model}`]),
  tooManyTokens: ({ model, maxTokens = 0 }, { context, output }, input) => {
    if (maxTokens > output) {
      return error(400, [
        'invalid_request_error', `max_tokens: ${maxTokens} > ${output}, which is the maximum allowed number of output tokens for ${model}`
      ])
    }
    return input > context ? error(400, ['invalid_request_error', `prompt is too long: ${input} tokens > ${context} maximum`]) : undefined
  },
  failure: status => error(status, failures[status] ??
    [status < 500 ? 'invalid_request_error' : 'api_error', `The server answered ${status}.`],
  status === 429 ? { 'retry-after': '7', 'anthropic-ratelimit-requests-remaining': '0' } : {})
}
