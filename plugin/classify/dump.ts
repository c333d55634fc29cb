/** Texts that are a dump, or end in one: a page of HTML, or an object as JSON, Python or a list of violations prints it. */

/** A text in two: words for a human, and what was printed behind them. */
export interface Split {
  readonly words: string
  /** Undefined for a text that is all words. */
  readonly dump: string | undefined
}

/** How much of a text is looked at, in UTF-16 code units: as much as a message is made of. */
const window = 16_384

/** Where a page begins; not in quotes, as parsers name what they did not expect. */
const page = /^\s{0,64}<[!?/a-z]|(?<!["'`])<(?:!doctype|html|head|body)\b/i

/** Where an object begins: at the start, or behind a colon or a dash. */
const object = /(?:^|[:-])\s{0,8}(?:b['"])?(?:\{\s{0,8}["']|\[\s{0,8}\{)/

/** What follows an object that is a part of a message, and not its end: `Invalid value: {"a":1}. Supported are …`. */
const goesOn = /^[)'"`]?[.,;)]?\s[A-Za-z]/

/** What pydantic prints behind each violation: the value that it was given. */
const quotedInput = /\s?\[type=[\w.]{1,64}, input_value=[^\n]*/g

/** Takes a dump off the end of a text. */
export function splitDump (text: string): Split {
  const shown = text.slice(0, window).replaceAll(quotedInput, '')
  const begins = shown.search(page)
  if (begins !== -1) return { words: wordsBefore(shown, begins), dump: '' }
  const opens = shown.search(object)
  if (opens === -1) return { words: shown, dump: undefined }
  const printed = shown.slice(opens)
  const isJson = /^[^'"]{0,20}"/.test(printed)
  const rest = printed.slice(Math.max(printed.lastIndexOf('}'), printed.lastIndexOf(']')) + 1)
  const words = wordsBefore(shown, opens)
  if (isJson && words !== '' && goesOn.test(rest)) return { words: shown, dump: undefined }
  return { words, dump: text.slice(text.indexOf(printed.slice(0, 64))) }
}

/** The words before a dump, without the status that SDKs put before everything. */
function wordsBefore (text: string, end: number): string {
  const words = text.slice(0, end).replace(/^\d{3} /, '').trim().replace(/[\s:(-]{1,8}$/, '')
  return /[A-Za-z]{2}/.test(words) ? words : ''
}

/** The JSON in a dump. */
export function jsonIn (dump: string): string {
  const begins = dump.search(/[[{]/)
  return dump.slice(begins, Math.max(dump.lastIndexOf('}'), dump.lastIndexOf(']')) + 1)
}

/** A message as Python prints it, in quotes of either kind. */
const message = /['"](?:message|msg|detail)['"]: ?(?:'([^'\\]{1,4096})'|"([^"\\]{1,4096})")/g

/** The messages in a dict that Python printed: up to where it quotes the request. */
export function messagesIn (dump: string): string[] {
  const before = dump.slice(0, window).split(/['"]input['"]:/, 1)[0]!
  return [...before.matchAll(message)].map(([, single, double]) => single ?? double!)
}
