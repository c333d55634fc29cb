/** Makes any text fit to be the `message` of a response: no control characters, no secrets, no stack, no path, not too long. */
import { withoutPaths, withoutStack } from './machine.js'
import { redactStart } from './redact.js'

/** The longest message, in UTF-16 code units. */
export const longestMessage = 4096

/** What is looked at of a text: far more than can be shown. */
const longestLooked = 2 * longestMessage

/**
 * A text as a message: whitespace control characters become a space, other control characters go, lone surrogates become
 * U+FFFD, secrets `[redacted]`, paths `[path]`; cut on a code point with `…` after 4,096 code units.
 *
 * @returns the message, empty where nothing is left of the text
 */
export function cleanMessage (text: string): string {
  // secrets first: control characters, line breaks and the cut may stand within them
  const redacted = redactStart(text, Math.min(text.length, longestLooked))
  const shown = withoutPaths(withoutStack(redacted))
  return cut((unfit.test(shown) ? fit(shown) : shown).trim())
}

/** What is more than plain ASCII. */
const unfit = /[^ -~]/

function fit (text: string): string {
  return text.replaceAll(/[\t\n\v\f\r]+/g, ' ').replaceAll(/\p{Cc}/gu, '').toWellFormed()
}

function cut (text: string): string {
  if (text.length <= longestMessage) return text
  const last = text.charCodeAt(longestMessage - 2)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, longestMessage - (splitsPair ? 2 : 1)) + '…'
}
