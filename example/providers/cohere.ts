import { CohereClientV2 } from 'cohere-ai'
import { fromResponse } from '../../plugin/index.js'
import type { Chat, ChatCall, ChatStream, Target } from './chat.js'

export const cohereChat: Chat = async (target, call, signal) => {
  const raw = await clientOf(target).chat(requestOf(call), optionsOf(target, signal))
  // cohere-ai 8 does not throw for a 200 that it cannot read: it resolves with what it says of it, or with an error inside
  if (raw.message === undefined) throw unreadable(raw)
  return {
    output: raw.message.content?.map(block => block.type === 'text' ? block.text : '').join('') ?? '',
    finishReason: finishReasonOf(raw.finishReason),
    usage: { input: raw.usage?.tokens?.inputTokens ?? 0, output: raw.usage?.tokens?.outputTokens ?? 0 },
    raw
  }
}

export const cohereStream: ChatStream = async function * (target, call, signal) {
  const events = await clientOf(target).chatStream(requestOf(call), optionsOf(target, signal))
  for await (const event of events) {
    if (event.type === 'content-delta') yield { output: event.delta?.message?.content?.text ?? '', finishReason: null }
    if (event.type === 'message-end') yield { output: '', finishReason: finishReasonOf(event.delta?.finishReason, event.delta?.error) }
  }
}

function clientOf ({ apiKey, baseUrl }: Target): CohereClientV2 {
  return new CohereClientV2({ token: apiKey, ...(baseUrl === undefined ? {} : { environment: baseUrl }) })
}

function requestOf ({ model, messages, maxTokens, temperature }: ChatCall) {
  return { model, messages, ...(maxTokens === undefined ? {} : { maxTokens }), ...(temperature === undefined ? {} : { temperature }) }
}

function optionsOf ({ timeout }: Target, abortSignal: AbortSignal) {
  return { timeoutInSeconds: timeout / 1000, maxRetries: 0, abortSignal }
}

/** @throws the failure that Cohere tells as a reason to finish */
function finishReasonOf (reason: string | undefined, message?: string): string {
  if (/^(?:ERROR|TIMEOUT)/.test(reason ?? '')) throw fromResponse('cohere', { status: 200, body: { message, finish_reason: reason } })
  return reason === 'MAX_TOKENS' ? 'length' : 'stop'
}

function unreadable (raw: object): Error {
  const { error } = raw as { error?: { reason?: string } }
  return error?.reason === undefined
    ? fromResponse('cohere', { status: 200, body: raw })
    : Object.assign(new Error('Cohere answered what cannot be read.'), error)
}
