/** What secrets look like, and what does not. All look at short texts: the first characters of a value, or a run. */
import { alphanumeric, digit, kindAt, letter, lower, upper } from './characters.js'

/** Values that stand where a secret would: `null`, `<your key>`, `${API_KEY}`, `YOUR_API_KEY`, `process.env.KEY`. */
const placeholder = new RegExp('^(?:<|\\$[{(A-Z]|%[sdv@]|\\{|\\[|…|[x.#?-]{1,6}$|' +
  '(?:null|none|nil|undefined|true|false|empty|blank|yes|no|string|str|number|object|bytes|unicode|any|nonetype|redacted|hidden|' +
  'masked|filtered|secretstr|example|test|foo|bar|value)\\W*$|' +
  '(?:your|my|the|an?|insert|enter|replace|put)[-_ ]|' +
  '(?:process|import\\.meta|os|env|config|self|this|settings|secrets)\\.|https?://)', 'i')

/** Words that sentences about secrets go on with, and the ends of machine codes about them. */
const prose = new RegExp('(?<![a-z])(?:' +
  'is|are|was|were|be|been|must|may|should|can|cannot|could|has|have|had|will|not|no|and|or|of|for|from|to|in|on|at|by|as|if|' +
  'the|an?|this|that|your|you|we|it|its|with|without|please|only|when|then|than|too|all|any|more|less|' +
  'required?|missing|invalid|valid|validation|incorrect|wrong|bad|expired?|expires|revoked|disabled|denied|rejected|refused|' +
  'failed|failure|fails?|' +
  'unknown|unauthorized|unauthenticated|forbidden|malformed|mismatch|mismatched|empty|blank|null|none|undefined|error|exceeded|limits?|' +
  'short|long|length|weak|min|minimum|max|maximum|field|fields|value|values|string|strings|type|types|format|header|headers|' +
  'parameter|parameters|param|argument|option|property|input|object|array|number|integer|boolean|optional|expected|received|got|found|' +
  'included|provided|given|set|unset|used|using|use|see|check|verify|enter|tokens?|keys?|secrets?|passwords?|credentials?|' +
  'authorization|authentication|auth|scheme|bearer|basic|session|cookies?|account|user|users|username|name|model|request|response|' +
  'supported|unsupported|allowed|configured|specified|characters?|least|most|does|do|did|accepted|correct|present|absent|unset|' +
  'changed|change|' +
  'reset|login|signature|rotation|rotated|management|quota|rate|usage|count|budget|per|day|minute|id|ids)(?![a-z])', 'i')

export function isPlaceholder (value: string): boolean {
  return placeholder.test(value)
}

/** True if a text has a word that sentences have. */
export function isProse (value: string): boolean {
  return prose.test(value)
}

/** True if a value is made of letters, as words are; joints do not matter. */
export function isWord (value: string): boolean {
  return /^[a-z]+(?:[-_.' ][a-z]+)*$/i.test(value)
}

/** How many pieces a run falls into where its kinds change, as `Claude`, `3`, `GPT`, `Turbo` are pieces. */
function piecesOf (value: string): number {
  let pieces = 0
  let previous = 0
  for (let at = 0; at < value.length; at++) {
    const kind = kindAt(value, at) & alphanumeric
    if (kind !== previous && !(kind === lower && previous === upper)) pieces++
    previous = kind
  }
  return pieces
}

/** Tells which kinds of characters a text has. */
export function kindsOf (value: string): number {
  let kinds = 0
  for (let at = 0; at < value.length; at++) kinds |= kindAt(value, at)
  return kinds
}

/** The least length of what can be scrambled. */
const leastScrambled = 8

/** True if a chunk of letters and digits changes between their kinds more often than words, names and versions do. */
export function isScrambled (chunk: string): boolean {
  if (chunk.length < leastScrambled) return false
  const kinds = kindsOf(chunk)
  if ((kinds & letter) === 0) return false
  if ((kinds & digit) === 0) return chunk.length >= 12 && (kinds & letter) === letter && chunk.length / piecesOf(chunk) < 2.6
  // a word with a number behind it, or before it
  if (/^(?:[A-Z]?[a-z]+|[A-Z]+)\d{1,6}$|^\d{1,8}[A-Z]?[a-z]{1,12}$/.test(chunk)) return false
  return chunk.length / piecesOf(chunk) < 4.5 || /^[0-9a-f]+$/i.test(chunk) || chunk.length >= 16
}

/** How many chunks of a value are looked at. */
const mostChunks = 32

/** How many `x` in a row stand for what is not shown. */
const leastCrosses = 4

/** True if a value has a part that is scrambled; a date, a UUID's parts and a model's name are not. */
export function looksSecret (value: string): boolean {
  let at = 0
  let crosses = 0
  for (let chunks = 0; at < value.length; chunks++) {
    const begins = at
    for (; (kindAt(value, at) & alphanumeric) !== 0; at++) {
      crosses = (value.charCodeAt(at) | 0x20) === 0x78 ? crosses + 1 : 0
      if (crosses === leastCrosses) return true
    }
    if (at - begins >= leastScrambled && chunks < mostChunks && isScrambled(value.slice(begins, at))) return true
    for (; at < value.length && (kindAt(value, at) & alphanumeric) === 0; at++) crosses = 0
  }
  return false
}

/** True if a chunk has small letters, capitals and digits in no order that a word, a name in camel case or a hash has. */
export function isRandom (chunk: string): boolean {
  const kinds = kindsOf(chunk)
  return (kinds & alphanumeric) === alphanumeric && chunk.length / piecesOf(chunk) < 3.4
}
