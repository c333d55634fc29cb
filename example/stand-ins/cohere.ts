/** Cohere's wire format: https://docs.cohere.com/v2/reference/chat, https://docs.cohere.com/reference/errors */
import { randomUUID } from 'node:crypto'
import type { Wire, WireAnswer } from './wire.js'

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
  request: ({ model, messages, max_tokens: maxTokens }) => ({ model, messages, maxTokens }),
  completion: (_request, text, tokens) => {
    const counted = { input_tokens: tokens.input, output_tokens: tokens.output }
    return answer(200, {
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      usage: { billed_units: counted, tokens: counted }
    })
  },
  invalidKey: () => answer(401, { message: 'invalid api token' }),
  unknownModel: model => answer(404, {
    message: `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`
  }),
  tooManyTokens: ({ maxTokens = 0 }, { context, output }, input) => {
    if (maxTokens > output) {
      return answer(400, { message: `too many tokens: max tokens must be less than or equal to ${output}, the maximum output for this model - received ${maxTokens}.` })
    }
    return input > context
      ? answer(400, { message: `too many tokens: total number of tokens in the prompt cannot exceed ${context} - received ${input}. Try using a shorter prompt, or enabling prompt truncating.` })
      : undefined
  },
  failure: status => answer(status, { message: failures[status] ?? `the server answered ${status}` }, status === 429 ? { 'retry-after': '7' } : {})
}
