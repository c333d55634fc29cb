/** Makes any text fit to be the `message` of an answer: no control characters, no secrets, no stack, not too long. */
import { redact } from './redact.js'

/** The longest message, in UTF-16 code units. */
export const longestMessage = 4096

/** Printable ASCII without what paths are made of: nothing to do but to look for secrets. */
const plain = /^[ -.0-[\]-~]*$/

/** What is looked at of a text: far more than can be shown, so that a key at the end of what is shown is seen whole. */
const window = 4 * longestMessage

/**
 * A text as a message: whitespace control characters become a space, other control characters go, lone surrogates become
 * U+FFFD, secrets `[redacted]`; cut on a code point with `…` after 4,096 code units.
 *
 * @returns the message, empty where nothing is left of the text
 */
export function cleanMessage (text: string): string {
  if (text.length <= longestMessage && plain.test(text)) return redact(text).trim()
  const shown = withoutStack(text.length > window ? text.slice(0, window) : text)
    .replaceAll(/[\t\n\v\f\r]+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .toWellFormed()
    .replaceAll(filePath, '[path]')
  return cut(redact(shown).trim())
}

function cut (text: string): string {
  if (text.length <= longestMessage) return text
  const last = text.charCodeAt(longestMessage - 2)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, longestMessage - (splitsPair ? 2 : 1)) + '…'
}

/** Paths of the machine that wrote the message, in the folders where code and its data lie. */
const filePath = /(?<![\w/.:-])(?:file:\/\/)?(?:\/(?:home|usr|var|root|opt|tmp|etc|srv|mnt|app|workspace|Users)\/|[A-Z]:\\)[^\s'"`,;)]+/g

/** Drops a stack that was appended to a message: V8's frames, or Python's traceback. */
function withoutStack (text: string): string {
  const stack = text.search(/\n {4,16}at |\n?Traceback \(most recent call last\)/)
  return stack === -1 ? text : text.slice(0, stack)
}
