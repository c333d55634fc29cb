/** What stands between a name and its value: words, closing quotes, a separator, an opening bracket and quote. */
import { afterName, kindAt, letter, valueEnd } from './characters.js'

export interface Gap {
  /** How many words stand there: `API key provided: …`. */
  readonly words: number
  /** Quotes and brackets that close behind the name. */
  readonly closing: string
  /** `=`, `:`, `=>` …; empty where there is none. */
  readonly separator: string
  /** A bracket before the value. */
  readonly bracket: string
  /** The quote before the value, if there is one. */
  readonly quote: string | undefined
  /** Where the value begins. */
  readonly ends: number
}

const word = / (?:provided|is|was|used|given|supplied|received|value|sent|specified|header|ending|in|with|starting|you)(?![\w'])/iy
const mostWords = 3

/** The rest of a pair that is written as two: `"name": "password", "value": "…"`. */
const column = /,?\s?["']?\bvalue["']?(?=[ \t\r\n]?[:=])/iy

const nextOfList = /,\s?b?["']/iy
const opening = /[[({<]{0,2}(?:b|u|r|f)?["'`]/iy

/** Reads on from the end of a name; undefined where no value can follow. */
export function gapBehind (text: string, name: number): Gap | undefined {
  if ((kindAt(text, name) & afterName) === 0) return undefined
  let at = name
  let words = 0
  let lastWord = at
  for (let next = -1; words < mostWords && text[at] === ' '; words++, lastWord = at, at = next) {
    next = past(word, text, at)
    if (next === at) break
  }
  const closes = at
  while (at < closes + 3 && (kindAt(text, at) & valueEnd) !== 0 && '"\'`])'.includes(text[at]!)) at++
  const closing = text.slice(closes, at)
  if (mayBeColumn(text, at)) at = past(column, text, at)
  const blanks = pastBlanks(text, at, 8)
  let ends = pastSeparator(text, blanks)
  const separator = text.slice(blanks, ends)
  if (separator !== '') ends = pastBlanks(text, ends, 8)
  else if (blanks > at) ends = Math.min(blanks, at + 4)
  // the last of the words is the value itself
  else return words === 0 ? undefined : { words: words - 1, closing: '', separator, bracket: '', quote: undefined, ends: lastWord + 1 }
  const opens = ((kindAt(text, ends) | kindAt(text, ends + 1)) & valueEnd) === 0 ? ends : past(opening, text, ends)
  const isQuoted = opens > ends
  return { words, closing, separator, bracket: isQuoted ? text[ends]! : '', quote: isQuoted ? text[opens - 1] : undefined, ends: opens }
}

/** Letters that the words begin with which stand before a value, and `x`: of it masks are made. */
const doubtful = 'piwugsrvheyx'

/** The longest word that looks like no secret, whatever its capitals. */
const longestWord = 11

/** True if a space and a word follow that is neither a value nor stands before one. */
export function isBeforeProse (text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 0x20 || doubtful.includes(text.charAt(at + 1).toLowerCase())) return false
  let ends = at + 1
  while ((kindAt(text, ends) & letter) !== 0 && text[ends] !== 'x' && text[ends] !== 'X') ends++
  return ends > at + 1 && ends <= at + 1 + longestWord && text.charCodeAt(ends) === 0x20
}

/** True if the quotes, spaces and letters of `,"value"` begin at a place. */
function mayBeColumn (text: string, at: number): boolean {
  if ((text.charCodeAt(at) | 0x20) === 0x76) return true
  return (kindAt(text, at) & valueEnd) !== 0 && ((text.charCodeAt(at + 1) | 0x20) === 0x76 || (kindAt(text, at + 1) & valueEnd) !== 0)
}

function isBlank (code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

/** Finds the end of what a pattern matches at a place; the place where it does not. */
function past (pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function pastBlanks (text: string, from: number, most: number): number {
  let at = from
  while (at < from + most && isBlank(text.charCodeAt(at))) at++
  return at
}

function pastSeparator (text: string, at: number): number {
  const next = text.charAt(at + 1)
  switch (text.charAt(at)) {
    case '=':
      if (next === '>') return at + 2
      return next !== '=' ? at + 1 : text.charAt(at + 2) === '=' ? at + 3 : at + 2
    case ':': return next === '=' ? at + 2 : at + 1
    case '-': return next === '>' ? at + 2 : at
    case ',': return past(nextOfList, text, at) === at ? at : at + 1
    case '|': case '→': case '>': return at + 1
    default: return at
  }
}
