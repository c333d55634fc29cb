import Anthropic from '@anthropic-ai/sdk'
import { fromResponse } from '../../plugin/index.js'
import type { Chat, ChatCall, ChatStream, Target } from './chat.js'

/** Anthropic asks for a limit; this is what the gateway asks for where its caller names none. */
const defaultMaxTokens = 1024

export const anthropicChat: Chat = async (target, call, signal) => {
  const raw = await clientOf(target).messages.create(requestOf(call), { signal })
  if (!Array.isArray(raw.content)) throw fromResponse('anthropic', { status: 200, body: raw }) // an error inside a 200
  return {
    output: raw.content.map(block => block.type === 'text' ? block.text : '').join(''),
    finishReason: finishReasonOf(raw.stop_reason),
    usage: { input: raw.usage.input_tokens, output: raw.usage.output_tokens },
    raw
  }
}

export const anthropicStream: ChatStream = async function * (target, call, signal) {
  const events = await clientOf(target).messages.create({ ...requestOf(call), stream: true }, { signal })
  for await (const event of events) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield { output: event.delta.text, finishReason: null }
    if (event.type === 'message_delta' && event.delta.stop_reason !== null) {
      yield { output: '', finishReason: finishReasonOf(event.delta.stop_reason) }
    }
  }
}

function clientOf ({ apiKey, baseUrl, timeout }: Target): Anthropic {
  return new Anthropic({ apiKey, baseURL: baseUrl, timeout, maxRetries: 0 })
}

function requestOf ({ model, messages, maxTokens, temperature }: ChatCall) {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n')
  return {
    model,
    max_tokens: maxTokens ?? defaultMaxTokens,
    ...(system === '' ? {} : { system }),
    messages: messages.flatMap(({ role, content }) => role === 'system' ? [] : [{ role, content }]),
    // the SDK's types leave it out since newer models take none; older ones do
    ...(temperature === undefined ? {} : { temperature })
  }
}

function finishReasonOf (stopReason: string | null): string {
  return stopReason === 'max_tokens' ? 'length' : 'stop'
}
