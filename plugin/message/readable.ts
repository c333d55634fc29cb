/** A text as a person would read it: escapes resolved, invisible characters gone, look-alikes of ASCII as ASCII. */

/** A text in which secrets are looked for, and the place of each of its characters in the original. */
export class Readable {
  readonly text: string
  readonly #places: Int32Array | undefined

  constructor (text: string, places?: Int32Array) {
    this.text = text
    this.#places = places
  }

  /** Tells the place of a character in the original; of the end, the original's end. */
  placeOf (at: number): number {
    return this.#places === undefined ? at : this.#places[at]!
  }

  /** Tells how many characters of the original a character is: 1 unless it is escaped or something invisible follows it. */
  widthOf (at: number): number {
    return this.placeOf(at + 1) - this.placeOf(at)
  }
}

/** An escape, a character that is not ASCII, a control character, or the dots of a mask. */
// eslint-disable-next-line no-control-regex
const unreadable = /[\\%&\x00-\x08\x0e-\x1f\x7f-\uffff]|\.\.\./

/** Backslashes, as many as there are: each time that a text is quoted there are twice as many. */
const backslashes = /\\+/y

/** What makes of the last backslash an escape: `\n`, `\"`, `\u0022`, `\u{22}`, `\x22`. */
const escaped = /([nrt])|(["'/`])|u([0-9a-f]{4})|(?:x|u\{)([0-9a-f]{2})\}?/iy

/** `%22`, `%2522`; `&quot;`, `&#34;`, `&#x22;`; the dots of a mask. */
const encoded = /%(?:25){0,8}([2-7][0-9a-f]|0[ad])|&(?:amp;){0,4}(?:(quot|amp|apos|lt|gt)|#(\d{2,4})|#x([0-9a-f]{2,4}));|\.{3,32}/iy

const entities: Readonly<Record<string, string>> = { quot: '"', amp: '&', apos: "'", lt: '<', gt: '>' }

/** Makes a text readable, in one pass. */
export function readable (text: string): Readable {
  if (!unreadable.test(text)) return new Readable(text)
  const codes = new Uint16Array(text.length)
  const places = new Int32Array(text.length + 1)
  let length = 0
  const put = (code: number, place: number): void => {
    const shown = visible(code)
    if (shown === invisible) return
    codes[length] = shown
    places[length++] = place
  }
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) {
      const ends = endOf(backslashes, text, at)
      const meaning = mayBeEscape(text.charCodeAt(ends)) ? matchAt(escaped, text, ends) : null
      if (meaning === null) for (let place = at; place < ends; place++) put(code, place)
      else put(escapeOf(meaning), at)
      at = ends + (meaning === null ? 0 : meaning[0].length)
    } else {
      const meaning = mayBeEncoded(code, text.charCodeAt(at + 1)) ? matchAt(encoded, text, at) : null
      put(meaning === null ? code : encodedOf(meaning), at)
      at += meaning === null ? 1 : meaning[0].length
    }
  }
  places[length] = text.length
  return new Readable(Buffer.from(codes.buffer, 0, 2 * length).toString('utf16le'), places)
}

/** True if what stands behind `%`, `&` or a dot may be what they encode. */
function mayBeEncoded (code: number, next: number): boolean {
  if (code === 0x25) return next >= 0x30 && next <= 0x37
  return (code === 0x26 && (next === 0x23 || next >= 0x41)) || (code === 0x2e && next === 0x2e)
}

/** True for letters, quotes and a slash. */
function mayBeEscape (next: number): boolean {
  return next >= 0x4e || next === 0x22 || next === 0x27 || next === 0x2f
}

function matchAt (pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function endOf (pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex
}

function escapeOf ([, whitespace, quoted, unicode, hex]: RegExpExecArray): number {
  if (whitespace !== undefined) return whitespace === 't' ? 0x09 : 0x0a
  return quoted === undefined ? Number.parseInt(unicode ?? hex!, 16) : quoted.charCodeAt(0)
}

function encodedOf ([, percent, entity, decimal, hex]: RegExpExecArray): number {
  if (entity !== undefined) return entities[entity.toLowerCase()]!.charCodeAt(0)
  if (decimal !== undefined) return Number(decimal)
  const code = percent ?? hex
  return code === undefined ? 0x2026 : Number.parseInt(code, 16)
}

const invisible = 0xffff

/** What was found out about characters that are not ASCII; 0 for those that did not occur yet. */
const found = new Uint16Array(0x10000)

/** Tells what a reader sees of a character. */
function visible (code: number): number {
  if (code < 0x7f) return code >= 0x20 || (code >= 0x09 && code <= 0x0d) ? code : invisible
  if (found[code] === 0) found[code] = likeness(code)
  return found[code]!
}

/** Nothing of an invisible character, ASCII of its full-width form, a quote of each quote, a space of each space. */
function likeness (code: number): number {
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0
  const character = String.fromCharCode(code)
  if (/[\p{Cc}\p{Cf}\p{Mn}\u115f\u1160\u3164\uffa0\uffff]/u.test(character)) return invisible
  if (/\p{Zs}/u.test(character)) return 0x20
  if (/[“”„‟«»]/.test(character)) return 0x22
  return /[‘’‚‛‹›]/.test(character) ? 0x27 : code
}
