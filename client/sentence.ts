/** Finds what a foreign body says to a human. */
import { field } from './field.js'

/** Where servers put their sentence, at each level. */
const fields = ['message', 'msg', 'detail', 'error', 'errors', 'title', 0] as const

/**
 * The first sentence in a value, on one line, at most 500 characters; no markup.
 *
 * @param value a parsed body
 * @param depth how many levels are looked at
 * @returns empty where there is none
 */
export function sentenceIn (value: unknown, depth = 4): string {
  if (typeof value === 'string') return /<[a-z!/]/i.test(value) ? '' : value.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim().slice(0, 500)
  if (typeof value !== 'object' || !depth) return ''
  for (const name of fields) {
    const sentence = sentenceIn(field(value, name), depth - 1)
    if (sentence) return sentence
  }
  return ''
}
