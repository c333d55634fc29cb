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

export const letter = lower | upper
export const alphanumeric = letter | digit
/** What names and keys are made of. */
export const run = alphanumeric | joint | mask | ellipsis

const kinds = new Uint8Array(0x10000)

function define (kind: number, characters: string): void {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind
}
define(lower, 'abcdefghijklmnopqrstuvwxyz')
define(upper, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
define(digit, '0123456789')
define(joint, '-_')
define(mask, '*•●∙⋅·◦○▪■█▒░×＊∗✱⁎')
define(ellipsis, '…')
define(link, '+/=.~')
define(space, ' \t\n\v\f\r')

/** The kind of the character at a place; 0 for one that is none of them, and behind the end. */
export function kindAt (text: string, at: number): number {
  return kinds[text.charCodeAt(at)]! | 0 // NaN behind the end
}
