/** Counting tokens as OpenAI counts them; near enough for the others. */
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base'

export interface CountedMessage { role: string, content: string }

/** A prompt may hold what is a token with a meaning of its own, such as <|endoftext|>; there it is text. */
const asText = { disallowedSpecial: new Set<string>() }

/** OpenAI's rule: 3 for each message, its role, its content; 3 for the answer. */
export function tokensOfMessages (messages: readonly CountedMessage[]): number {
  return messages.reduce((sum, { role, content }) => sum + 3 + tokensOf(role) + tokensOf(content), 3)
}

export function tokensOf (text: string): number {
  return countTokens(text, asText)
}
