/**
 * Cohere's wire format: https://docs.cohere.com/v2/reference/chat, https://docs.cohere.com/reference/errors,
 * https://docs.cohere.com/v2/docs/streaming
 */
import { randomUUID } from 'node:crypto'
import { event, type Tokens, type Wire, type WireAnswer } from './wire.js'

const failures: Readonly<Record<number, string>> = {
  400: 'invalid request: message must be at least 1 token long or tool results must be specified.',
  401: 'No API key provided.',
  403: 'access denied',
  404: 'model not found',
  408: 'request timeout',
  413: 'request body too large',
  422: 'invalid request: all elements in history must have a message.',
  429: "You are using a Trial key, which is limited to 40 API calls / minute. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.",
  500: 'internal server error, this has been reported to our developers.',
  502: 'bad gateway',
  503: 'too many users are trying to access the service, please try again later',
  504: 'gateway timeout',
  529: 'the model is overloaded'
}

/** The reason for which a completion finishes that fails: a type of its own, or what it says for one of the error contract. */
function reasonOf (type: string): string {
  if (/^(?:ERROR|TIMEOUT)/.test(type)) return type
  return type === 'timeout_error' ? 'TIMEOUT' : 'ERROR'
}

function usageOf ({ input, output }: Tokens): object {
  const counted = { input_tokens: input, output_tokens: output }
  return { billed_units: counted, tokens: counted }
}

function answer (status: number, body: object, headers: Record<string, string> = {}): WireAnswer {
  return { status, headers, body: { id: randomUUID(), ...body } }
}

export const cohere: Wire = {
  path: '/v2/chat',
  models: {
    'command-r': { context: 128_000, output: 4000 },
    'command-r-plus': { context: 128_000, output: 4000 },
    'command-a-03-2025': { context: 256_000, output: 8000 }
  },
  key: headers => headers.authorization?.replace(/^Bearer /, ''),
  request: ({ model, messages, max_tokens: maxTokens, stream = false }) => ({ model, messages, maxTokens, stream }),
  completion: (_request, text, tokens) => answer(200, {
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    usage: usageOf(tokens)
  }),
  stream: (_request, tokens) => {
    const named = (type: string, fields: object): string => event({ type, ...fields }, type)
    return {
      headers: {},
      begin: named('message-start', {
        id: randomUUID(), delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } }
      }) +
        named('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
      piece: text => named('content-delta', { index: 0, delta: { message: { content: { text } } } }),
      end: [
        named('content-end', { index: 0 }),
        named('message-end', { delta: { finish_reason: 'COMPLETE', usage: usageOf(tokens) } }),
        'data: [DONE]\n\n'
      ].join('')
    }
  },
  inside: type => {
    const reason = reasonOf(type)
    const sentence = failures[reason === 'TIMEOUT' ? 504 : 500]
    return {
      body: { id: randomUUID(), finish_reason: reason, message: { role: 'assistant', content: [] } },
      event: event({ type: 'message-end', delta: { finish_reason: reason, error: sentence } }, 'message-end')
    }
  },
  invalidKey: () => answer(401, { message: 'invalid api token' }),
  unknownModel: model => answer(404, {
    message: `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`
  }),
  tooManyTokens: ({ maxTokens = 0 }, { context, output }, input) => {
    if (maxTokens > output) {
      return answer(400, {
        message: `too many tokens: max tokens must be less than or equal to ${output}, the maximum output for this model - received ${maxTokens}.`
      })
    }
    return input > context
      ? answer(400, {
        message: `too many tokens: total number of tokens in the prompt cannot exceed ${context} - received ${input}. Try using a shorter prompt, or enabling prompt truncating.`
      })
      : undefined
  },
  failure: status => answer(
    status, { message: failures[status] ?? `the server answered ${status}` }, status === 429 ? { 'retry-after': '7' } : {}
  )
}
