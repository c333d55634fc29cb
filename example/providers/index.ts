/** The providers that the gateway calls, each through its own official SDK. */
import { ServiceUnavailableError, withOrigin } from '../../plugin/index.js'
import { anthropicChat, anthropicStream } from './anthropic.js'
import type { Chat, ChatStream } from './chat.js'
import { cohereChat, cohereStream } from './cohere.js'
import { openaiChat, openaiStream } from './openai.js'

export const providerNames = ['openai', 'anthropic', 'cohere'] as const
export type ProviderName = (typeof providerNames)[number]

const chats: Record<ProviderName, Chat> = { openai: openaiChat, anthropic: anthropicChat, cohere: cohereChat }
const streams: Record<ProviderName, ChatStream> = { openai: openaiStream, anthropic: anthropicStream, cohere: cohereStream }

/** What a model's name begins with, by provider. */
const families: ReadonlyArray<readonly [ProviderName, RegExp]> = [
  ['openai', /^(?:gpt-|chatgpt-|o\d)/],
  ['anthropic', /^claude-/],
  ['cohere', /^(?:command|c4ai-)/]
]

/** The provider of a model; undefined where its name does not tell. */
export function providerOf (model: string): ProviderName | undefined {
  return families.find(([, family]) => family.test(model))?.[0]
}

/**
 * Calls a provider. What fails flies: the plugin knows each SDK's errors; `withOrigin` covers what has no SDK's error. The
 * SDKs' time limits end with the headers: the signal covers the body.
 */
export function chatWith (provider: ProviderName): Chat {
  return (target, request, signal) => withOrigin(provider, () =>
    chats[provider](target, request, AbortSignal.any([signal, AbortSignal.timeout(2 * target.timeout)])))
}

/** The pieces of a completion that hold something. One that ends unfinished has failed: to the SDKs it is a success. */
export function streamFrom (provider: ProviderName): ChatStream {
  return async function * (target, call, signal) {
    let finished = false
    for await (const piece of streams[provider](target, call, signal)) {
      finished ||= piece.finishReason !== null
      if (piece.output !== '' || piece.finishReason !== null) yield piece
    }
    if (!finished) throw new ServiceUnavailableError('The stream ended before the completion did.', { origin: provider })
  }
}
