/** How each SDK calls its provider. Retries are off; the time limit is the SDK's own where it has one. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { InferenceClient } from '@huggingface/inference'
import { Mistral } from '@mistralai/mistralai'
import { OpenRouter } from '@openrouter/sdk'
import { generateText } from 'ai'
import axios from 'axios'
import { CohereClientV2 } from 'cohere-ai'
import got from 'got'
import Groq from 'groq-sdk'
import ky from 'ky'
import nodeFetch from 'node-fetch'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import Replicate from 'replicate'
import Together from 'together-ai'
import { Agent, interceptors, request as undiciRequest } from 'undici'

export interface CallOptions {
  url: string
  key: string
  prompt: string
  /** Aborted by the caller, or after the time limit where the SDK has none of its own. */
  signal: AbortSignal
  /** The SDK's own time limit, in milliseconds. */
  timeout: number
}

export interface Caller {
  call: (options: CallOptions) => Promise<unknown>
  /** The provider that the error itself tells of; none for clients that may have called anything. */
  origin?: string
  /** AWS's SDK speaks HTTP/2. */
  http2?: true
}

const user = (content: string) => [{ role: 'user' as const, content }]

async function generate (model: Parameters<typeof generateText>[0]['model'], { prompt, signal }: CallOptions): Promise<unknown> {
  return generateText({ model, prompt, maxRetries: 0, abortSignal: signal })
}

export const callers: Readonly<Record<string, Caller>> = {
  openai: {
    origin: 'OpenAI',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new OpenAI({ apiKey: key, baseURL: url, timeout, maxRetries: 0 }).chat.completions.create({
        model: 'm', messages: user(prompt)
      }, { signal })
  },
  '@anthropic-ai/sdk': {
    origin: 'Anthropic',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new Anthropic({ apiKey: key, baseURL: url, timeout, maxRetries: 0 }).messages.create({
        model: 'm', max_tokens: 5, messages: user(prompt)
      }, { signal })
  },
  'cohere-ai': {
    origin: 'Cohere',
    call: async ({ url, key, prompt, signal, timeout }) => {
      const response = await new CohereClientV2({ token: key, environment: url })
        .chat({ model: 'm', messages: user(prompt) }, { timeoutInSeconds: timeout / 1000, maxRetries: 0, abortSignal: signal })
      // a 200 that it cannot read is no error to this SDK: it resolves with { ok: false, error }
      if (response.message === undefined) throw Object.assign(new Error('unreadable'), (response as { error?: object }).error)
      return response
    }
  },
  '@google/genai': {
    origin: 'Google',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url, timeout } }).models.generateContent({
        model: 'm', contents: prompt, config: { abortSignal: signal }
      })
  },
  '@mistralai/mistralai': {
    origin: 'Mistral',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new Mistral({ apiKey: key, serverURL: url, timeoutMs: timeout }).chat.complete({
        model: 'm', messages: user(prompt)
      }, { fetchOptions: { signal } })
  },
  'groq-sdk': {
    origin: 'Groq',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new Groq({ apiKey: key, baseURL: url, timeout, maxRetries: 0 }).chat.completions.create({
        model: 'm', messages: user(prompt)
      }, { signal })
  },
  'together-ai': {
    origin: 'Together AI',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new Together({ apiKey: key, baseURL: url, timeout, maxRetries: 0 }).chat.completions.create({
        model: 'm', messages: user(prompt)
      }, { signal })
  },
  replicate: {
    origin: 'Replicate',
    call: async ({ url, key, prompt, signal }) =>
      new Replicate({ auth: key, baseUrl: url }).predictions.create({ version: 'v', input: { prompt }, signal })
  },
  ollama: {
    origin: 'Ollama',
    call: async ({ url, key, prompt, signal }) =>
      new Ollama({
        host: url, headers: { authorization: `Bearer ${key}` }, fetch: async (input: any, init: any) => fetch(input, { ...init, signal })
      })
        .chat({ model: 'm', messages: user(prompt) })
  },
  '@huggingface/inference': {
    origin: 'Hugging Face',
    call: async ({ url, key, prompt, signal }) =>
      new InferenceClient(key, { endpointUrl: `${url}/v1/chat/completions` }).chatCompletion({
        model: 'm', messages: user(prompt)
      }, { signal, retry_on_error: false })
  },
  '@aws-sdk/client-bedrock-runtime': {
    origin: 'AWS Bedrock',
    http2: true,
    call: async ({ url, key, prompt, signal, timeout }) => new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: url,
      maxAttempts: 1,
      credentials: { accessKeyId: `AKIA${key}`, secretAccessKey: key },
      requestHandler: { requestTimeout: timeout }
    }).send(new ConverseCommand({ modelId: 'm', messages: [{ role: 'user', content: [{ text: prompt }] }] }), { abortSignal: signal })
  },
  '@openrouter/sdk': {
    origin: 'OpenRouter',
    call: async ({ url, key, prompt, signal, timeout }) =>
      new OpenRouter({ apiKey: key, serverURL: url, timeoutMs: timeout, retryConfig: { strategy: 'none' } })
        .chat.send({ chatRequest: { model: 'm', messages: user(prompt) } }, { fetchOptions: { signal } })
  },
  'ai with @ai-sdk/openai': {
    call: async options => generate(createOpenAI({ apiKey: options.key, baseURL: options.url }).chat('m'), options)
  },
  'ai with @ai-sdk/anthropic': {
    call: async options => generate(createAnthropic({ apiKey: options.key, baseURL: options.url })('m'), options)
  },
  'ai with @ai-sdk/google': {
    call: async options => generate(createGoogleGenerativeAI({ apiKey: options.key, baseURL: options.url })('m'), options)
  },
  'ai with @ai-sdk/openai-compatible': {
    call: async options => generate(createOpenAICompatible({ name: 'mine', apiKey: options.key, baseURL: options.url })('m'), options)
  },
  axios: {
    call: async ({ url, key, prompt, signal, timeout }) =>
      axios.post(`${url}/chat/completions`, { prompt }, {
        headers: { authorization: `Bearer ${key}` }, timeout, signal, transitional: { silentJSONParsing: false }, responseType: 'json'
      })
  },
  got: {
    call: async ({ url, key, prompt, signal, timeout }) =>
      got.post(`${url}/chat/completions`, {
        json: { prompt }, headers: { authorization: `Bearer ${key}` }, timeout: { request: timeout }, retry: { limit: 0 }, signal
      }).json()
  },
  ky: {
    call: async ({ url, key, prompt, signal, timeout }) =>
      ky.post(`${url}/chat/completions`, {
        json: { prompt }, headers: { authorization: `Bearer ${key}` }, timeout, retry: 0, signal
      }).json()
  },
  undici: {
    call: async ({ url, key, prompt, signal, timeout }) => {
      const { body } = await undiciRequest(`${url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ prompt }),
        headersTimeout: timeout,
        bodyTimeout: timeout,
        signal,
        dispatcher: new Agent().compose(interceptors.responseError())
      })
      return body.json()
    }
  },
  'node-fetch': {
    call: async ({ url, key, prompt, signal }) => {
      const response = await nodeFetch(`${url}/chat/completions`, {
        method: 'POST', headers: { authorization: `Bearer ${key}` }, body: prompt, signal: signal as any
      })
      if (!response.ok) {
        throw Object.assign(new Error(response.statusText), {
          status: response.status, headers: response.headers, body: await response.text()
        })
      }
      return response.json()
    }
  }
}
