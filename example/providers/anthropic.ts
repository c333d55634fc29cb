import Anthropic from '@anthropic-ai/sdk'
import { fromResponse } from '../../plugin/index.js'
import type { Chat } from './chat.js'

/** Anthropic asks for a limit; this is what the gateway asks for where its caller names none. */
const defaultMaxTokens = 1024

export const anthropicChat: Chat = async ({ apiKey, baseUrl, timeout }, { model, messages, maxTokens, temperature }, signal) => {
  const client = new Anthropic({ apiKey, baseURL: baseUrl, timeout, maxRetries: 0 })
  const raw = await client.messages.create({
    model,
    max_tokens: maxTokens ?? defaultMaxTokens,
    system: messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n') || undefined,
    messages: messages.flatMap(({ role, content }) => role === 'system' ? [] : [{ role, content }]),
    // the SDK's types leave it out since newer models take none; older ones do
    ...(temperature === undefined ? {} : { temperature })
  }, { signal })
  if (!Array.isArray(raw.content)) throw fromResponse('anthropic', { status: 200, body: raw }) // an error inside a 200
  return {
    output: raw.content.map(block => block.type === 'text' ? block.text : '').join(''),
    finishReason: raw.stop_reason === 'max_tokens' ? 'length' : 'stop',
    usage: { input: raw.usage.input_tokens, output: raw.usage.output_tokens },
    raw
  }
}
