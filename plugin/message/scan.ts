/** A walk through a text: where it is, what it found, and how many steps that took. */
import { alphanumeric, kindAt, link, run } from './characters.js'
import type { Readable } from './readable.js'
import { namesOfStart, startBehind, type Names } from './secret-names.js'
import { isScrambled } from './secret-values.js'

/** How far a rule looks ahead before it decides; once it has, it reads on as far as the secret goes. */
export const lookAhead = 96

/** The least length of a chunk of letters and digits in a key. */
const keyChunk = 10

/** How much of a run is looked at for a name. */
const longestName = 40

/** The break of a line within a key: indented, quoted as in a mail, or with the mark of a line that goes on. */
const lineBreak = /[ \t]{0,4}[\\=]?(?:\r?\n[ \t>|]{0,24})+/y

export class Scan {
  readonly text: string
  readonly #readable: Readable
  /** Where the secrets begin and end, in the readable text, in turn. */
  readonly found: number[] = []
  /** How many characters were looked at, those that were looked at twice counted twice. */
  steps = 0
  /** Up to here nothing is a secret for its looks alone. */
  plainUntil = 0
  /** Up to here names were looked for. */
  namesUntil = 0
  /** Up to here no name has a value that is a secret. */
  pairsUntil = 0
  /** Where the next header is that an HTTP client refuses; -1 where there is none any more. */
  refusedAt = -2
  /** Up to here no user and password stand without a URL. */
  loginsUntil = 0
  /** Up to here no URL has user information. */
  hostsUntil = 0

  constructor (readable: Readable) {
    this.text = readable.text
    this.#readable = readable
  }

  /** The kinds of the characters of the run that was found last. */
  kinds = 0
  /** What its last word of names may be the end of. */
  names: Names | undefined
  /** The first chunk of letters and digits behind a place that is as long as a key's. */
  #chunk = { from: 0, begins: 0, isScrambled: false }

  kind (at: number): number {
    this.steps++
    return kindAt(this.text, at)
  }

  /** Finds the end of a run of some kinds of characters, at most `most` characters away. */
  endOf (kinds: number, from: number, most = Infinity): number {
    const text = this.text
    const limit = Math.min(text.length, from + most)
    let at = from
    while (at < limit && (kindAt(text, at) & kinds) !== 0) at++
    this.steps += at - from + 1
    return at
  }

  /** Finds the end of the run that begins at a place, and notes its kinds. */
  endOfRun (from: number): number {
    const { text } = this
    let kinds = 0
    let start = 0
    let names: Names | undefined
    let wordAt = 0
    let at = from
    for (; at < text.length; at++) {
      const kind = kindAt(text, at)
      if ((kind & run) === 0) break
      kinds |= kind
      start = startBehind(start, text.charCodeAt(at))
      const found = namesOfStart(start, text, at)
      if (found === undefined) continue
      names = found
      wordAt = at
    }
    this.names = at <= this.namesUntil || wordAt - 2 < at - longestName ? undefined : names
    this.namesUntil = at
    this.kinds = kinds
    this.steps += at - from + 1
    return at
  }

  /** True if a token has, from a place on, a chunk that is as long and as scrambled as a key's; looked for once. */
  hasKeyChunk (from: number): boolean {
    if (from < this.#chunk.from || from > this.#chunk.begins) this.#chunk = this.#keyChunk(from)
    return this.#chunk.isScrambled
  }

  #keyChunk (from: number): { from: number, begins: number, isScrambled: boolean } {
    const { text } = this
    let at = from
    while (at < text.length && (kindAt(text, at) & (run | link)) !== 0) {
      const next = this.endOf(alphanumeric, at)
      const chunk = next - at < keyChunk ? '' : text.slice(at, Math.min(next, at + lookAhead))
      if (isScrambled(chunk)) return { from, begins: at, isScrambled: true }
      at = next + 1
    }
    this.steps += at - from
    return { from, begins: at, isScrambled: false }
  }

  /** Matches a pattern, whose quantifiers are all bounded, at a place. */
  match (pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at
    const found = pattern.exec(this.text)
    this.steps += found === null ? 1 : found[0].length + 1
    return found
  }

  /** Finds the next character of some kind, at most `most` characters away. */
  nextOf (kinds: number, from: number, most = Infinity): number {
    const { text } = this
    const limit = Math.min(text.length, from + most)
    let at = from
    while (at < limit && (kindAt(text, at) & kinds) === 0) at++
    this.steps += at - from
    return at
  }

  /** Finds a text; where it is absent, the end. Only for what is then taken up to there. */
  find (wanted: string, from: number): number {
    const at = this.text.indexOf(wanted, from)
    const ends = at === -1 ? this.text.length : at
    this.steps += ends - from
    return ends
  }

  /** Finds the end of a token: a run with what tokens have between their runs. */
  endOfToken (from: number, most = Infinity): number {
    let at = this.endOf(run, from, most)
    for (;;) {
      const next = this.endOf(link, at, 3)
      if (next === at || (this.kind(next) & run) === 0) return this.text[at] === '=' ? next : at
      at = this.endOf(run, next, most - (next - from))
    }
  }

  /** Finds the end of a quoted value: the next quote that is quoted as often as the one before the value. */
  endOfQuoted (from: number, most = Infinity): number {
    const { text } = this
    const quote = text.charCodeAt(from - 1)
    const width = this.#readable.widthOf(from - 1)
    const limit = Math.min(this.text.length, from + most)
    let at = from
    while (at < limit && !(text.charCodeAt(at) === quote && this.#readable.widthOf(at) === width)) at++
    this.steps += at - from
    return at
  }

  /** Takes out what stands between two places, with what follows on the next lines as far as it looks like more of it. */
  take (from: number, to: number): number {
    const ends = this.#endOfBroken(to)
    this.found.push(from, ends)
    return ends
  }

  /** Takes out what stands between two places only if it goes on on the next line. */
  takeBroken (from: number, to: number): number | undefined {
    return this.#endOfBroken(to) === to ? undefined : this.take(from, to)
  }

  #endOfBroken (to: number): number {
    let ends = to
    for (let next = this.match(lineBreak, ends); next !== null; next = this.match(lineBreak, ends)) {
      const begins = ends + next[0].length
      const more = this.endOfToken(begins, lookAhead)
      if (!isScrambled(this.text.slice(begins, more).replace(/[^A-Za-z0-9]/g, ''))) break
      ends = this.endOfToken(begins)
    }
    return ends
  }
}
