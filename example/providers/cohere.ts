import { CohereClientV2 } from 'cohere-ai'
import { fromResponse } from '../../plugin/index.js'
import type { Chat } from './chat.js'

export const cohereChat: Chat = async ({ apiKey, baseUrl, timeout }, { model, messages, maxTokens, temperature }, signal) => {
  const client = new CohereClientV2({ token: apiKey, environment: baseUrl })
  const raw = await client.chat({ model, messages, maxTokens, temperature },
    { timeoutInSeconds: timeout / 1000, maxRetries: 0, abortSignal: signal })
  // cohere-ai 8 does not throw for a 200 that it cannot read: it resolves with what it says of it, or with an error inside
  if (raw.message === undefined) throw unreadable(raw)
  return {
    output: raw.message.content?.map(block => block.type === 'text' ? block.text : '').join('') ?? '',
    finishReason: raw.finishReason === 'MAX_TOKENS' ? 'length' : 'stop',
    usage: { input: raw.usage?.tokens?.inputTokens ?? 0, output: raw.usage?.tokens?.outputTokens ?? 0 },
    raw
  }
}

function unreadable (raw: object): Error {
  const { error } = raw as { error?: { reason?: string } }
  return error?.reason === undefined
    ? fromResponse('cohere', { status: 200, body: raw })
    : Object.assign(new Error('Cohere answered what cannot be read.'), error)
}
