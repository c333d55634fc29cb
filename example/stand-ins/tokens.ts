/** Counting tokens as OpenAI counts them; near enough for the others. */
import { setImmediate } from 'node:timers/promises'
import { countTokens, setMergeCacheSize } from 'gpt-tokenizer/encoding/cl100k_base'

export interface CountedMessage { role: string, content: string }

/** A prompt may hold what is a token with a meaning of its own, such as <|endoftext|>; there it is text. */
const asText = { disallowedSpecial: new Set<string>() }

// it keeps whatever it counted, also what comes once only
setMergeCacheSize(0)

/** OpenAI's rule: 3 for each message, its role, its content; 3 for the answer. */
export async function tokensOfMessages (messages: readonly CountedMessage[]): Promise<number> {
  let sum = 3
  for (const { role, content } of messages) sum += 3 + await tokensOf(role) + await tokensOf(content)
  return sum
}

/** Counts in slices, between which others have their turn. */
export async function tokensOf (text: string): Promise<number> {
  let sum = 0
  for (const slice of slicesOf(text)) {
    sum += countTokens(slice, asText)
    await setImmediate()
  }
  return sum
}

/** Characters of a slice, about. */
const sliceLength = 1024

/** Longer runs of letters, or of what is no letter, are cut: the tokenizer's time grows with the square of their length. */
const longestRun = 128

/** What is no letter, then letters. No token reaches over the end of letters. */
const runs = new RegExp(`\\P{L}{0,${longestRun}}\\p{L}{0,${longestRun}}`, 'gu')

/** The text in slices that have as many tokens together as it has, where no run in it is cut. */
function * slicesOf (text: string): Generator<string> {
  let start = 0
  for (const { index, 0: { length } } of text.matchAll(runs)) {
    const end = index + length
    const isFull = length >= longestRun || end - start >= sliceLength || end === text.length
    if (!isFull || start === end) continue
    yield text.slice(start, end)
    start = end
  }
}
