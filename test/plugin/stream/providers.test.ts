/** The streams of the providers' SDKs, failing in every way they can, sent on by a route: what its caller gets. */
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
import { CohereClientV2 } from 'cohere-ai'
import Groq from 'groq-sdk'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import Together from 'together-ai'
import type { DialectName, EventSource as Source } from '../../../plugin/index.js'
import { appWith, envelope, levels, meanings } from '../../support/app.js'
import { ask, listening } from '../../support/socket.js'
import { streamingProvider, type StreamFailure } from './provider.js'

type EventSource = Exclude<Source, (...args: never) => unknown>

interface Streaming {
  readonly open: (url: string, signal: AbortSignal) => EventSource | Promise<EventSource>
  /** The provider that the SDK's own errors tell of; none for clients that may have called anything. */
  readonly origin?: string
  /** What an error event becomes; where the SDK drops what the provider said, the meaning of the status. */
  readonly event: number
  readonly drops?: true
  readonly bare?: true
  readonly dialect?: DialectName
}

const user = [{ role: 'user' as const, content: 'x' }]
const key = 'key'

type Model = Parameters<typeof streamText>[0]['model']

const parts = (model: Model, abortSignal: AbortSignal): EventSource =>
  streamText({ model, prompt: 'x', maxRetries: 0, maxOutputTokens: 5, abortSignal, onError: () => {} }).fullStream

const sdks: Readonly<Record<string, Streaming>> = {
  'openai, chat': {
    origin: 'OpenAI',
    event: 529,
    open: async baseURL => new OpenAI({ apiKey: key, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })
  },
  'openai, responses': {
    origin: 'OpenAI',
    event: 429,
    dialect: 'openai-responses',
    open: async baseURL => new OpenAI({ apiKey: key, baseURL, maxRetries: 0 }).responses.create({ model: 'm', input: 'x', stream: true })
  },
  '@anthropic-ai/sdk, create': {
    origin: 'Anthropic',
    event: 529,
    dialect: 'anthropic',
    open: async baseURL => new Anthropic({ apiKey: key, baseURL, maxRetries: 0 }).messages.create({
      model: 'm', max_tokens: 5, messages: user, stream: true
    })
  },
  '@anthropic-ai/sdk, stream': {
    origin: 'Anthropic',
    event: 529,
    dialect: 'anthropic',
    open: baseURL => new Anthropic({ apiKey: key, baseURL, maxRetries: 0 }).messages.stream({ model: 'm', max_tokens: 5, messages: user })
  },
  'cohere-ai': {
    origin: 'Cohere',
    event: 500,
    dialect: 'humanloop',
    open: async (environment, abortSignal) => new CohereClientV2({ token: key, environment }).chatStream(
      { model: 'm', messages: user }, { maxRetries: 0, abortSignal }
    )
  },
  'groq-sdk': {
    origin: 'Groq',
    event: 529,
    open: async baseURL => new Groq({ apiKey: key, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    }) as Promise<EventSource>
  },
  'together-ai': {
    origin: 'Together AI',
    event: 529,
    open: async baseURL => new Together({ apiKey: key, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm', messages: user, stream: true
    })
  },
  '@google/genai': {
    origin: 'Google',
    event: 503,
    dialect: 'gemini',
    open: async (baseUrl, abortSignal) =>
      new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl } }).models.generateContentStream({
        model: 'm', contents: 'x', config: { abortSignal }
      })
  },
  '@huggingface/inference': {
    origin: 'Hugging Face',
    event: 529,
    open: (url, signal) => new InferenceClient(key, {
      endpointUrl: `${url}/v1/chat/completions`
    }).chatCompletionStream({ model: 'm', messages: user }, { signal })
  },
  // their schemas do not know the error event, and what it said is lost
  '@mistralai/mistralai': {
    event: 503,
    drops: true,
    open: async serverURL => new Mistral({ apiKey: key, serverURL }).chat.stream({ model: 'm', messages: user }) as Promise<EventSource>
  },
  '@openrouter/sdk': {
    event: 503,
    drops: true,
    open: async serverURL => new OpenRouter({ apiKey: key, serverURL, retryConfig: { strategy: 'none' } })
      .chat.send({ chatRequest: { model: 'm', messages: user, stream: true } }) as unknown as Promise<EventSource>
  },
  // the error of an event is a bare Error, which could be anybody's
  ollama: {
    event: 500, bare: true, dialect: 'ndjson', open: async host => new Ollama({ host }).chat({ model: 'm', messages: user, stream: true })
  },
  'ai with @ai-sdk/openai': { event: 529, open: (baseURL, signal) => parts(createOpenAI({ apiKey: key, baseURL }).chat('m'), signal) },
  'ai with @ai-sdk/openai, responses': {
    event: 429, open: (baseURL, signal) => parts(createOpenAI({ apiKey: key, baseURL }).responses('m'), signal)
  },
  'ai with @ai-sdk/openai-compatible': {
    event: 529, open: (baseURL, signal) => parts(createOpenAICompatible({ name: 'n', apiKey: key, baseURL })('m'), signal)
  },
  'ai with @ai-sdk/anthropic': { event: 529, open: (baseURL, signal) => parts(createAnthropic({ apiKey: key, baseURL })('m'), signal) },
  'ai with @ai-sdk/google': {
    event: 503, open: (baseURL, signal) => parts(createGoogleGenerativeAI({ apiKey: key, baseURL })('m'), signal)
  }
}

const said = { event: 'The engine is overloaded.', limited: 'Too many at once.' }

t.jobs = 6

const provider = await streamingProvider()
t.teardown(() => { provider.close() })

/** The four fields in the last frame, wherever the dialect has them. */
function lastError (body: string): Record<string, unknown> {
  const { error, detail } = JSON.parse(body.trim().split('\n').at(-1)!.replace(/^data: /, ''))
  return detail ?? error
}

for (const [name, { open, origin, event, drops, bare, dialect = 'openai-chat' }] of Object.entries(sdks)) {
  t.test(name, async t => {
    const { app, log } = await appWith(t, app => {
      app.get('/:failure', async (request, reply) => {
        const { failure } = request.params as { failure: StreamFailure }
        return reply.sendEvents(signal => open(provider.url(failure), signal), {
          dialect, origin: 'fireworks', idleTimeout: failure === 'silence' ? 1000 : 10_000
        })
      })
      app.get('/plain/:failure', async (request, reply) =>
        reply.sendEvents(signal => open(provider.url((request.params as { failure: StreamFailure }).failure), signal), { dialect }))
    })
    const port = await listening(app)
    const failing = async (failure: StreamFailure, code: number, message: string | RegExp): Promise<void> => {
      const { status, body, whole } = await ask(port, `/${failure}`)
      t.equal(status, 'HTTP/1.1 200 OK', failure)
      t.ok(whole)
      t.match(body, /Hel(?:lo)?/, 'what came before is sent')
      t.equal(body.match(/"origin":"Fireworks AI"/g)?.length, dialect === 'openai-responses' ? 3 : 1, 'one error')
      t.match(lastError(body), { code, message, origin: 'Fireworks AI' }, failure)
      t.match(log.lines.at(-1), { level: levels.warn, origin: 'Fireworks AI', code, begun: true })
    }
    if (bare === true) t.match(lastError((await ask(port, '/event')).body), { code: 500, message: meanings[500], origin: 'Humanloop' })
    else await failing('event', event, drops === true ? 'Fireworks AI sent a response that could not be read.' : said.event)
    await failing('cut', 503, /^[^{}]+$/)
    await failing('silence', 504, 'Fireworks AI did not respond in time.')

    const limited = await ask(port, '/limited')
    if (name.startsWith('ai ')) { // its stream begins before it calls: the part that says so has gone out by then
      t.match(lastError(limited.body), { code: 429, message: said.limited, origin: 'Fireworks AI' })
    } else {
      t.equal(limited.status, 'HTTP/1.1 429 Too Many Requests')
      t.same(JSON.parse(limited.body), envelope(429, said.limited, 'Fireworks AI'))
    }
    if (origin === undefined) return
    const first = await ask(port, '/plain/event-first')
    t.match(first.status, `HTTP/1.1 ${event}`, 'an error event that comes first has a status')
    t.same(JSON.parse(first.body), envelope(event, said.event, origin))
    t.match(lastError((await ask(port, '/plain/event')).body), { code: event, message: said.event, origin })
  })
}
