/** The clients of each dialect, real ones, reading a stream of a route that fails: they see an error, and our message. */
import { inspect } from 'node:util'
import t from 'tap'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { InferenceClient } from '@huggingface/inference'
import { Mistral } from '@mistralai/mistralai'
import { OpenRouter } from '@openrouter/sdk'
import { streamText } from 'ai'
import Groq from 'groq-sdk'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import Together from 'together-ai'
import { RateLimitError, type DialectName } from '../../../plugin/index.js'
import { appWith } from '../../support/app.js'
import { listening } from '../../support/socket.js'
import { wires } from './provider.js'

const user = [{ role: 'user' as const, content: 'x' }]
const apiKey = 'key'
const message = 'Slow down, please.'

/** Older versions by the types of today's: their own bring the browser's with them, for the whole project. */
async function older (name: string): Promise<typeof OpenAI> {
  return (await import(name)).default
}

const [OpenAI4x28, OpenAI4x104] = [await older('openai-4-28'), await older('openai-4-104')]

interface Client {
  readonly dialect: DialectName
  /** Which of the stand-in's streams goes before the failure. */
  readonly wire: keyof typeof wires
  /** Reads the whole stream; throws, or gives the error that it was told. */
  readonly read: (url: string) => Promise<unknown>
  /** Fields of the error that the caller gets. */
  readonly error: Record<string, unknown>
}

async function all (stream: AsyncIterable<unknown> | PromiseLike<AsyncIterable<unknown>>): Promise<never> {
  const items: unknown[] = []
  for await (const item of await stream) items.push(item)
  throw new Error(`ended as if all were well: ${JSON.stringify(items)}`)
}

/** The AI SDK tells of errors as parts of its stream. */
async function parts (model: Parameters<typeof streamText>[0]['model']): Promise<never> {
  for await (const part of streamText({ model, prompt: 'x', maxRetries: 0, maxOutputTokens: 5, onError: () => {} }).fullStream) {
    if (part.type === 'error') throw part.error
  }
  throw new Error('ended as if all were well')
}

const chat = { dialect: 'openai-chat', wire: 'chat' } as const
const responses = { dialect: 'openai-responses', wire: 'responses' } as const

const clients: Readonly<Record<string, Client>> = {
  'openai 4.28': {
    ...chat,
    read: baseURL => all(new OpenAI4x28({ apiKey, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })),
    error: { message, code: 429, type: 'rate_limit_error', param: null }
  },
  'openai 4.104': {
    ...chat,
    read: baseURL => all(new OpenAI4x104({ apiKey, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })),
    error: { message, code: 429, type: 'rate_limit_error', param: null }
  },
  openai: {
    ...chat,
    read: baseURL => all(new OpenAI({ apiKey, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })),
    error: { message, code: 429, type: 'rate_limit_error', param: null, error: { origin: 'Groq' } }
  },
  'openai, helper': {
    ...chat,
    read: baseURL =>
      new OpenAI({ apiKey, baseURL, maxRetries: 0 }).chat.completions.stream({ model: 'm', messages: user }).finalChatCompletion(),
    error: { message, code: 429 }
  },
  'groq-sdk': {
    ...chat,
    read: baseURL => all(new Groq({ apiKey, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    }) as never),
    error: { message }
  },
  'together-ai': {
    ...chat,
    read: baseURL => all(new Together({ apiKey, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })),
    error: { message }
  },
  '@huggingface/inference': {
    ...chat,
    read: url => all(new InferenceClient(apiKey, {
      endpointUrl: `${url}/chat/completions`
    }).chatCompletionStream({ model: 'm', messages: user })),
    error: { message: new RegExp(message) }
  },
  // these two see that the frame is no chunk, and say that instead of what is in it
  '@mistralai/mistralai': {
    ...chat,
    read: serverURL => all(new Mistral({ apiKey, serverURL }).chat.stream({ model: 'm', messages: user }) as never),
    error: { name: 'ZodError' }
  },
  '@openrouter/sdk': {
    ...chat,
    read: serverURL => all(new OpenRouter({ apiKey, serverURL, retryConfig: { strategy: 'none' } })
      .chat.send({ chatRequest: { model: 'm', messages: user, stream: true } }) as never),
    error: { name: 'ZodError' }
  },
  'ai with @ai-sdk/openai': {
    ...chat, read: baseURL => parts(createOpenAI({ apiKey, baseURL }).chat('m')), error: { message, code: 429, type: 'rate_limit_error' }
  },
  'ai with @ai-sdk/openai-compatible': {
    ...chat, read: baseURL => parts(createOpenAICompatible({ name: 'n', apiKey, baseURL })('m')), error: { message, code: 429 }
  },
  'openai 4.104, responses': {
    ...responses,
    read: baseURL => all(new OpenAI4x104({ apiKey, baseURL, maxRetries: 0 }).responses.create({ model: 'm', input: 'x', stream: true })),
    error: { message, code: 429, type: 'rate_limit_error', param: null }
  },
  'openai, responses': {
    ...responses,
    read: baseURL => all(new OpenAI({ apiKey, baseURL, maxRetries: 0 }).responses.create({ model: 'm', input: 'x', stream: true })),
    error: { message, code: 429, type: 'rate_limit_error', param: null }
  },
  'openai, responses, helper': {
    ...responses,
    read: baseURL => new OpenAI({ apiKey, baseURL, maxRetries: 0 }).responses.stream({ model: 'm', input: 'x' }).finalResponse(),
    error: { message, code: 429 }
  },
  'ai with @ai-sdk/openai, responses': {
    ...responses, read: baseURL => parts(createOpenAI({ apiKey, baseURL }).responses('m')), error: { message, statusCode: 429 }
  },
  '@anthropic-ai/sdk': {
    dialect: 'anthropic',
    wire: 'messages',
    read: baseURL => all(new Anthropic({ apiKey, baseURL, maxRetries: 0 }).messages.create({
      model: 'm', max_tokens: 5, messages: user, stream: true
    })),
    error: { type: 'rate_limit_error', error: { type: 'error', error: { message, code: 429, type: 'rate_limit_error', origin: 'Groq' } } }
  },
  '@anthropic-ai/sdk, helper': {
    dialect: 'anthropic',
    wire: 'messages',
    read: baseURL =>
      new Anthropic({ apiKey, baseURL, maxRetries: 0 }).messages.stream({ model: 'm', max_tokens: 5, messages: user }).finalMessage(),
    error: { message: new RegExp(message) }
  },
  'ai with @ai-sdk/anthropic': {
    dialect: 'anthropic',
    wire: 'messages',
    read: baseURL => parts(createAnthropic({ apiKey, baseURL })('m')),
    error: { message, type: 'rate_limit_error' }
  },
  '@google/genai': {
    dialect: 'gemini',
    wire: 'gemini',
    read: baseUrl => all(new GoogleGenAI({ apiKey, httpOptions: { baseUrl } }).models.generateContentStream({ model: 'm', contents: 'x' })),
    error: { name: 'ApiError', status: 429, message: new RegExp(message) }
  },
  'ai with @ai-sdk/google': {
    dialect: 'gemini',
    wire: 'gemini',
    read: baseURL => parts(createGoogleGenerativeAI({ apiKey, baseURL })('m')),
    error: { message, statusCode: 429 }
  },
  ollama: {
    dialect: 'ndjson',
    wire: 'ollama',
    read: host => all(new Ollama({ host }).chat({ model: 'm', messages: user, stream: true })),
    error: { message }
  }
}

for (const [name, { dialect, wire, read, error }] of Object.entries(clients)) {
  for (const [when, begun] of [['later', wires[wire]!.begun], ['after the first event', wires[wire]!.begun.slice(0, 1)]] as const) {
    t.test(`${dialect}: ${name} sees an error that comes ${when}`, async t => {
      const { app } = await appWith(t, app => {
        app.post('/*', async (_request, reply) => reply.sendEvents((async function * () {
          for (const frame of begun) yield JSON.parse(frame.slice(frame.indexOf('{')))
          throw new RateLimitError(message, { origin: 'groq', retryAfter: 7 })
        })(), { dialect }))
      })
      const url = `http://127.0.0.1:${await listening(app)}`
      const seen = await read(url).then(answer => ({ answered: answer }), (thrown: unknown) => thrown)
      t.match(seen, error)
    })
  }

  t.test(`${dialect}: ${name} sees an error that comes first`, async t => {
    const { app } = await appWith(t, app => {
      app.post('/*', async (_request, reply) => reply.sendEvents((async function * () {
        throw new RateLimitError(message, { origin: 'groq', retryAfter: 7 })
      })(), { dialect }))
    })
    const seen = await read(`http://127.0.0.1:${await listening(app)}`).then(answer => ({ answered: answer }), (thrown: unknown) => thrown)
    t.match(inspect(seen, { depth: 6 }), /\b429\b/, 'its status')
  })
}
