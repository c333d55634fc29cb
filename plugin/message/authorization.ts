/** Credentials as the header Authorization has them: a scheme and what follows it. */
import { lookAhead, type Scan } from './scan.js'
import { isPlaceholder, isProse, isWord } from './secret-values.js'

/** A scheme, and the spaces behind it. */
const scheme = /([A-Za-z][A-Za-z0-9-]{2,24}) {1,8}["'`]?/y

/** One parameter of a credential: `Signature=…,`, `username="…", `. */
const parameter = /[\w-]{1,64} {0,2}= {0,2}(?:"[^"]{0,2048}"?|'[^']{0,2048}'?|[^\s,"']{1,4096})(?:,[ \t\r\n]{0,8}| (?=[\w-]{1,64}=))?/y

/** One token. */
const token = /[^\s"'`,;<>()[\]{}]{1,96}/y

/** The value of a header: the scheme stays. */
export function authorizationValue (scan: Scan, at: number, isQuoted: boolean): number | undefined {
  const named = scan.match(scheme, at)
  const begins = named === null ? at : at + named[0].length
  const first = scan.match(token, begins)?.[0] ?? ''
  const isBearer = named !== null && /^(?:bearer|basic|token|apikey)$/i.test(named[1]!)
  if (named !== null && !isBearer && !isQuoted && first.length < 24 && !/\d|=/.test(first)) return undefined
  if (first.length < 2 || isPlaceholder(first)) return undefined
  if (named === null && !isQuoted && isWord(first)) {
    if (isProse(first) || first.length < 6) return undefined
  }
  if (isWord(first) && isProse(first)) return undefined
  return takeCredential(scan, begins)
}

/** `Bearer …` and `Basic …` anywhere. */
export function credential (scan: Scan, begins: number, ends: number): number | undefined {
  const length = ends - begins
  // the letter b
  if ((length !== 6 && length !== 5) || (scan.text.charCodeAt(begins) | 0x20) !== 0x62) return undefined
  const word = scan.text.slice(begins, ends).toLowerCase()
  if (word !== 'bearer' && word !== 'basic') return undefined
  const named = scan.match(scheme, begins)
  if (named === null) return undefined
  const from = begins + named[0].length
  const value = scan.match(token, from)?.[0] ?? ''
  return (word === 'basic' ? isBasic(value) : isBearer(value)) ? takeCredential(scan, from) : undefined
}

function isBearer (value: string): boolean {
  if (value.length < 6 || (isWord(value.replace(/\W+$/, '')) && isProse(value))) return false
  return !isPlaceholder(value) && !/^\w+=["']?/.test(value)
}

/** True for the Base64 of a user and a password, also in part or masked. */
function isBasic (value: string): boolean {
  const base64 = /^[A-Za-z0-9+/]{6,}/.exec(value)?.[0] ?? ''
  const decoded = base64 === '' ? '' : Buffer.from(base64.slice(0, lookAhead), 'base64').toString('latin1')
  return /^[^\p{Cc}:]{0,64}:\P{Cc}*$/u.test(decoded) || /^\w+\*{3}/.test(value)
}

/** Takes one token, or parameters as long as they follow each other. */
function takeCredential (scan: Scan, from: number): number {
  let at = from
  for (let next = scan.match(parameter, at); next !== null; next = scan.match(parameter, at)) at += next[0].length
  if (at > from) return scan.take(from, at)
  for (let next = scan.match(token, at); next !== null; next = scan.match(token, at)) at += next[0].length
  while (at > from + 1 && '.:!?'.includes(scan.text[at - 1]!)) at--
  return scan.take(from, at)
}
