/** Anthropic's wire format: https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/api/errors */
import { randomUUID } from 'node:crypto'
import type { Wire, WireAnswer } from './wire.js'

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

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`

function error (status: number, [type, message]: Failure, headers: Record<string, string> = {}): WireAnswer {
  const requestId = newId('req')
  return { status, headers: { 'request-id': requestId, ...headers }, body: { type: 'error', error: { type, message }, request_id: requestId } }
}

export const anthropic: Wire = {
  path: '/v1/messages',
  models: {
    'claude-3-haiku-20240307': { context: 200_000, output: 4096 },
    'claude-3-5-sonnet-20241022': { context: 200_000, output: 8192 },
    'claude-3-5-haiku-20241022': { context: 200_000, output: 8192 }
  },
  key: headers => headers['x-api-key']?.toString() ?? headers.authorization?.replace(/^Bearer /, ''),
  request: ({ model, messages, system, max_tokens: maxTokens }) => ({
    model, maxTokens, messages: system === undefined ? messages : [{ role: 'system', content: system }, ...messages]
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
  invalidKey: () => error(401, ['authentication_error', 'invalid x-api-key']),
  unknownModel: model => error(404, ['not_found_error', `model: ${model}`]),
  tooManyTokens: ({ model, maxTokens = 0 }, { context, output }, input) => {
    if (maxTokens > output) {
      return error(400, ['invalid_request_error', `max_tokens: ${maxTokens} > ${output}, which is the maximum allowed number of output tokens for ${model}`])
    }
    return input > context ? error(400, ['invalid_request_error', `prompt is too long: ${input} tokens > ${context} maximum`]) : undefined
  },
  failure: status => error(status, failures[status] ?? [status < 500 ? 'invalid_request_error' : 'api_error', `The server answered ${status}.`],
    status === 429 ? { 'retry-after': '7', 'anthropic-ratelimit-requests-remaining': '0' } : {})
}
