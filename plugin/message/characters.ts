/** The kinds of characters, as bits, so that a run's summary is the union of its characters' kinds. */

export const lower = 1
export const upper = 2
export const digit = 4
/** `-` and `_`: inside names and keys. */
export const joint = 8
/** What stands in for the characters of a masked key. */
export const mask = 16
/** `…`: stands in for many, but ends many a message, too. */
export const ellipsis = 32
/** `+`, `/`, `=`, `.`, `~`: inside keys, tokens and Base64, between words as well. */
export const link = 64
export const space = 128
/** What a quoted request, a URL's host or a quoted header may begin with. */
export const opening = 256
/** What ends a value without quotes. */
export const valueEnd = 512
export const urlEnd = 1024
/** What stands behind a name that a value follows. */
export const afterName = 2048
/** What a scheme, or what names a quoted request, begins with. */
export const initial = 4096
/** What is looked at behind a run: a login, a data URL or Base64 goes on so. */
export const afterRun = 8192

/** Codes of single characters. */
export const dash = 0x2d
export const slash = 0x2f
export const colon = 0x3a

export const letter = lower | upper
export const alphanumeric = letter | digit
/** What names and keys are made of. */
export const run = alphanumeric | joint | mask | ellipsis

const kinds = new Uint16Array(0x10000)

function define (kind: number, characters: string): void {
  for (const character of characters) kinds[character.charCodeAt(0)]! |= kind
}
define(lower, 'abcdefghijklmnopqrstuvwxyz')
define(upper, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
define(digit, '0123456789')
define(joint, '-_')
define(mask, '*•●∙⋅·◦○▪■█▒░×＊∗✱⁎')
define(ellipsis, '…')
define(link, '+/=.~')
define(space | urlEnd, ' \t\n\v\f\r')
define(opening, '/"{,[')
define(urlEnd, '"\'`<>')
define(valueEnd | afterName, ' \t\n\v\f\r\u2028\u2029"\'`<>,;&()[]{}|')
define(afterName, '=:→')
define(initial, 'bBiVTJO')
define(afterRun, ':/+')

/** The kind of the character at a place; 0 for one that is none of them, and behind the end. */
export function kindAt (text: string, at: number): number {
  return at < text.length ? kinds[text.charCodeAt(at)]! : 0
}
