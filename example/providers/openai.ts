import OpenAI from 'openai'
import { fromResponse } from '../../plugin/index.js'
import type { Chat, ChatCall, ChatStream, Target } from './chat.js'

export const openaiChat: Chat = async (target, call, signal) => {
  const raw = await clientOf(target).chat.completions.create(requestOf(call), { signal })
  if (!Array.isArray(raw.choices)) throw fromResponse('openai', { status: 200, body: raw }) // an error inside a 200
  const choice = raw.choices[0]
  return {
    output: choice?.message.content ?? '',
    finishReason: choice?.finish_reason ?? 'stop',
    usage: { input: raw.usage?.prompt_tokens ?? 0, output: raw.usage?.completion_tokens ?? 0 },
    raw
  }
}

export const openaiStream: ChatStream = async function * (target, call, signal) {
  const chunks = await clientOf(target).chat.completions.create({ ...requestOf(call), stream: true }, { signal })
  for await (const { choices: [choice] } of chunks) {
    if (choice !== undefined) yield { output: choice.delta.content ?? '', finishReason: choice.finish_reason }
  }
}

function clientOf ({ apiKey, baseUrl, timeout }: Target): OpenAI {
  return new OpenAI({ apiKey, baseURL: baseUrl, timeout, maxRetries: 0 })
}

function requestOf ({ model, messages, maxTokens, temperature }: ChatCall) {
  return {
    model,
    messages,
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature })
  }
}
