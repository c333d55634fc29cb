import OpenAI from 'openai'
import { fromResponse } from '../../plugin/index.js'
import type { Chat } from './chat.js'

export const openaiChat: Chat = async ({ apiKey, baseUrl, timeout }, { model, messages, maxTokens, temperature }, signal) => {
  const client = new OpenAI({ apiKey, baseURL: baseUrl, timeout, maxRetries: 0 })
  const raw = await client.chat.completions.create({ model, messages, max_tokens: maxTokens, temperature }, { signal })
  if (!Array.isArray(raw.choices)) throw fromResponse('openai', { status: 200, body: raw }) // an error inside a 200
  const choice = raw.choices[0]
  return {
    output: choice?.message.content ?? '',
    finishReason: choice?.finish_reason ?? 'stop',
    usage: { input: raw.usage?.prompt_tokens ?? 0, output: raw.usage?.completion_tokens ?? 0 },
    raw
  }
}
