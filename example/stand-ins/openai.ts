/** OpenAI's wire format: https://platform.openai.com/docs/api-reference/chat, https://platform.openai.com/docs/guides/error-codes */
import { randomUUID } from 'node:crypto'
import { event, type Wire, type WireAnswer } from './wire.js'

type Failure = readonly [message: string, type: string, code: string | null, param?: string | null]

const failures: Readonly<Record<number, Failure>> = {
  400: ['We could not parse the JSON body of your request.', 'invalid_request_error', null],
  401: ['You must be a member of an organization to use the API.', 'invalid_request_error', 'no_organization'],
  403: ['Country, region, or territory not supported', 'request_forbidden', 'unsupported_country_region_territory'],
  404: ['The requested resource was not found.', 'invalid_request_error', null],
  408: ['Request timed out.', 'timeout', null],
  413: ['Request body is too large.', 'invalid_request_error', null],
  422: ['Unprocessable entity.', 'invalid_request_error', null],
  429: [
    'Rate limit reached for gpt-3.5-turbo on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 7s.', 'requests',
    'rate_limit_exceeded'
  ],
  500: ['The server had an error while processing your request. Sorry about that!', 'server_error', null],
  502: ['Bad gateway.', 'server_error', null],
  503: ['The engine is currently overloaded, please try again later.', 'server_error', null],
  504: ['Gateway timeout.', 'server_error', null],
  529: ['The engine is overloaded.', 'engine_overloaded_error', null]
}

/** What it calls the types of the error contract. */
const names: Readonly<Record<string, string>> = {
  bad_request_error: 'invalid_request_error',
  authentication_error: 'invalid_api_key',
  not_found_error: 'model_not_found',
  unprocessable_entity_error: 'invalid_request_error',
  rate_limit_error: 'rate_limit_exceeded',
  unknown_error: 'server_error',
  service_unavailable_error: 'server_error',
  timeout_error: 'timeout',
  overloaded_error: 'engine_overloaded_error'
}

function failureNamed (name: string): Failure {
  return Object.values(failures).find(([, type, code]) => name === type || name === code) ?? [`The stream failed: ${name}.`, name, name]
}

function headersOf (): Record<string, string> {
  return {
    'x-request-id': `req_${randomUUID().replaceAll('-', '')}`,
    'openai-version': '2020-10-01',
    'openai-processing-ms': '12'
  }
}

function answer (status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer {
  return { status, headers: { ...headersOf(), ...headers }, body }
}

function bodyOf ([message, type, code, param = null]: Failure): object {
  return { error: { message, type, param, code } }
}

function error (status: number, failure: Failure, headers?: Record<string, string>): WireAnswer {
  return answer(status, bodyOf(failure), headers)
}

export const openai: Wire = {
  path: '/chat/completions',
  models: {
    'gpt-3.5-turbo': { context: 4097, output: 4096 },
    'gpt-3.5-turbo-16k': { context: 16_385, output: 4096 },
    'gpt-4': { context: 8192, output: 8192 },
    'gpt-4o': { context: 128_000, output: 16_384 },
    'gpt-4o-mini': { context: 128_000, output: 16_384 }
  },
  key: headers => headers.authorization?.replace(/^Bearer /, ''),
  request: ({ model, messages, max_tokens: maxTokens, stream = false }) => ({ model, messages, maxTokens, stream }),
  completion: ({ model }, content, tokens) => answer(200, {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: tokens.input, completion_tokens: tokens.output, total_tokens: tokens.input + tokens.output },
    system_fingerprint: null
  }),
  stream: ({ model }) => {
    const common = {
      id: `chatcmpl-${randomUUID()}`,
      object: 'chat.completion.chunk',
      created: Math.floor(Date.now() / 1000),
      model,
      system_fingerprint: null
    }
    const chunk = (delta: object, finishReason: string | null = null): string =>
      event({ ...common, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] })
    return {
      headers: headersOf(),
      begin: chunk({ role: 'assistant', content: '', refusal: null }),
      piece: content => chunk({ content }),
      end: `${chunk({}, 'stop')}data: [DONE]\n\n`
    }
  },
  inside: type => {
    const body = bodyOf(failureNamed(names[type] ?? type))
    return { body, event: event(body) }
  },
  invalidKey: key => error(401, [
    `Incorrect API key provided: ${key.slice(0, 7)}***${key.slice(-4)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    'invalid_request_error',
    'invalid_api_key'
  ]),
  unknownModel: model => error(404, [
    `The model \`${model}\` does not exist or you do not have access to it.`, 'invalid_request_error', 'model_not_found'
  ]),
  tooManyTokens: ({ maxTokens = 0 }, { context }, input) => input + maxTokens <= context
    ? undefined
    : error(400, [
      maxTokens === 0
        ? `This model's maximum context length is ${context} tokens. However, your messages resulted in ${input} tokens. Please reduce the length of the messages.`
        : `This model's maximum context length is ${context} tokens. However, you requested ${input + maxTokens} tokens (${input} in the messages, ${maxTokens} in the completion). Please reduce the length of the messages or completion.`,
      'invalid_request_error', 'context_length_exceeded', 'messages'
    ]),
  failure: status => error(status, failures[status] ??
    [`The server answered ${status}.`, status < 500 ? 'invalid_request_error' : 'server_error', null],
  status === 429 ? { 'retry-after': '7', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '7s' } : {})
}
