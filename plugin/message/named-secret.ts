/** The value behind a name that says that it is a secret, in any syntax. */
import { authorizationValue } from './authorization.js'
import { valueEnd } from './characters.js'
import { gapBehind, isBeforeProse, type Gap } from './gap.js'
import { lookAhead, type Scan } from './scan.js'
import { nameBefore, type Name } from './secret-names.js'
import { isPlaceholder, isProse, isWord, looksSecret } from './secret-values.js'

/** How a value stands behind its name. */
type Syntax =
  /** As data: `name=value`, `"name": value`, `--name value`, `<name>value`. */
  | 'data'
  /** As data in a query: also a short word is a value there. */
  | 'query'
  /** `name: value`, as in a header or a sentence. */
  | 'colon'
  /** `name 'value'` */
  | 'quoted'
  /** `name value` */
  | 'bare'

/** A value in brackets: `API key (…)`, `password={…}`. */
const bracketed = /[[({<]([^\s"'`()[\]{}<>]{6,96})[\])}>]/y

/** What separates the values of a list. */
const comma = /["'`],\s{0,4}b?["'`]/y

export function namedSecret (scan: Scan, begins: number, ends: number): number | undefined {
  const names = ends < scan.pairsUntil ? undefined : scan.names
  if (names === undefined || (isBeforeProse(scan.text, ends) && !scan.text.startsWith('--', begins))) return undefined
  const gap = gapBehind(scan.text, ends)
  if (gap === undefined) return undefined
  const { words, separator, bracket, quote, ends: from } = gap
  const syntax = syntaxOf(scan, begins, gap)
  scan.steps += from - ends
  if (syntax === undefined) return undefined
  const inBrackets = quote === undefined ? scan.match(bracketed, from)?.[1] : undefined
  if (inBrackets !== undefined) {
    const isGiven = isInBrackets(inBrackets) && nameBefore(scan.text, ends, names) === 'sure'
    return isGiven ? scan.take(from + 1, from + 1 + inBrackets.length) : undefined
  }
  const value = scan.text.slice(from, quote === undefined ? scan.nextOf(valueEnd, from, lookAhead) : scan.endOfQuoted(from, lookAhead))
  if (value.length < 2 || (syntax === 'bare' && !looksSecret(value))) return undefined
  const name = nameBefore(scan.text, ends, names)
  if (name === undefined) return undefined
  // pairs without end, none of which is a secret, are looked at once
  if (value.length === lookAhead) scan.pairsUntil = from + lookAhead
  if (name === 'authorization' || name === 'cookie') {
    return separator !== '' || (quote !== undefined && looksSecret(value)) ? headerValue(scan, name, from, quote) : undefined
  }
  // what was given as a key is none of a sentence's words
  const isGiven = name === 'sure' && separator === ':' && words > 0 && !isProse(value)
  if (!isGiven && !isSecret(scan, { name, syntax, value, behind: from + value.length, isQuoted: quote !== undefined })) return undefined
  if (quote === undefined) return scan.take(from, endOfUnquoted(scan, from))
  return bracket === '[' ? takeList(scan, from) : scan.take(from, scan.endOfQuoted(from))
}

/** True for what is neither a word nor a number nor a version. */
function isInBrackets (value: string): boolean {
  return /\d/.test(value) && /[a-z]{2}/i.test(value) && !isPlaceholder(value)
}

/** Takes each value of a list. */
function takeList (scan: Scan, from: number): number {
  let ends = scan.take(from, scan.endOfQuoted(from))
  for (let next = scan.match(comma, ends); next !== null; next = scan.match(comma, ends)) {
    const begins = ends + next[0].length
    ends = scan.take(begins, scan.endOfQuoted(begins))
  }
  return ends
}

function syntaxOf (scan: Scan, begins: number, { words, closing, separator, quote }: Gap): Syntax | undefined {
  const before = scan.text[begins - 1] ?? ''
  if (separator === '>') return before === '<' ? 'data' : undefined
  if (separator === ',') return /[[(]b?["']$/.test(scan.text.slice(Math.max(0, begins - 3), begins)) ? 'data' : undefined
  if (separator.includes('=') && words === 0) return before !== '' && '?&#'.includes(before) ? 'query' : 'data'
  if (separator !== '') return words === 0 && /["'`]/.test(closing) ? 'data' : 'colon'
  if (quote !== undefined) return 'quoted'
  return scan.text.startsWith('--', begins) && words === 0 ? 'data' : 'bare'
}

interface Value {
  readonly name: Name
  readonly syntax: Syntax
  readonly value: string
  readonly behind: number
  readonly isQuoted: boolean
}

function isSecret (scan: Scan, { name, syntax, value, behind, isQuoted }: Value): boolean {
  if (name === 'unsure' && !couldBeSecret(syntax, value)) return false
  if (isPlaceholder(value) || (!isQuoted && isCall(value, scan.text[behind]))) return false
  if (name === 'unsure' || syntax === 'bare') return true
  if (/\s/.test(value)) return !isProse(value)
  if (syntax === 'data' || syntax === 'query') return true
  if (syntax === 'quoted' || isQuoted) return !isWord(value) || !isProse(value)
  if (!isWord(value.replace(/\W+$/, ''))) return true
  // a word: the value if nothing but another pair goes on behind it
  return !isProse(value) && /^(?:\s*$|\s*[\n,;}\])&|"'`]|\s+[\w-]{1,32}\s?[:=])/.test(scan.text.slice(behind, behind + 48))
}

/** True if a value looks like a secret behind a name that other things have as well. */
function couldBeSecret (syntax: Syntax, value: string): boolean {
  if (syntax === 'query') return value.length >= 4
  if (syntax === 'data') return looksSecret(value) || (value.length >= 6 && hasDigit(value) && !isWord(value) && !/^[\d.,]+$/.test(value))
  return looksSecret(value) && !/\s/.test(value) && !isId(value)
}

/** True for a UUID, and for the id of a session or a request: a small word and what stands behind it. */
function isId (value: string): boolean {
  return /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[a-z]{2,12}[-_][A-Za-z0-9]{8,34})\W*$/i.test(value)
}

/** True for `getPassword(`: code, not a value. */
function isCall (value: string, next: string | undefined): boolean {
  return next === '(' && /^[a-z_$][\w$.]*$/i.test(value)
}

function hasDigit (text: string): boolean {
  return /\d/.test(text)
}

/** The end of a value without quotes; the punctuation behind it belongs to the sentence. */
function endOfUnquoted (scan: Scan, from: number): number {
  let at = scan.nextOf(valueEnd, from)
  while (at > from + 1 && '.:!?'.includes(scan.text[at - 1]!)) at--
  return at
}

function headerValue (scan: Scan, name: 'authorization' | 'cookie', value: number, quote: string | undefined): number | undefined {
  if (name === 'authorization') return authorizationValue(scan, value, quote !== undefined)
  // pairs, or one thing that is no word
  const first = scan.text.slice(value, scan.nextOf(valueEnd, value, lookAhead))
  if (!first.includes('=') && !looksSecret(first)) return undefined
  return scan.take(value, quote === undefined ? endOfLine(scan, value) : scan.endOfQuoted(value))
}

function endOfLine (scan: Scan, from: number): number {
  let at = from
  while (at < scan.text.length && !'\r\n'.includes(scan.text[at]!)) at++
  scan.steps += at - from
  return at
}
