/** The providers that the gateway calls, each through its own official SDK. */
import { withOrigin } from '../../plugin/index.js'
import { anthropicChat } from './anthropic.js'
import type { Chat } from './chat.js'
import { cohereChat } from './cohere.js'
import { openaiChat } from './openai.js'

export const providerNames = ['openai', 'anthropic', 'cohere'] as const
export type ProviderName = (typeof providerNames)[number]

const chats: Record<ProviderName, Chat> = { openai: openaiChat, anthropic: anthropicChat, cohere: cohereChat }

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
