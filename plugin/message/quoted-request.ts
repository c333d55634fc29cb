/** Requests, prompts in them, that providers and validators quote in their messages. */
import { kindAt, valueEnd } from './characters.js'
import type { Scan } from './scan.js'

/** `input_value={…}, input_type=dict` of pydantic, whose quotations have holes. */
const inputValue = 'input_value='

/** `'input': {…}` among the pairs of a violation (pydantic, FastAPI, vLLM). */
const inputPair = '[{,]\\s{0,4}["\']input["\']\\s?:\\s{0,4}(?=[[{("\'\\d-]|None|True|False|null|true|false)'

/** `Value: [{…`, `Text: {…`: type validation and JSON parsing of the AI SDK; `On instance: …` of Python's jsonschema. */
const labelled = new RegExp('(?:Type validation failed: Value|JSON parsing failed: Text): |(?:Value|Text): (?=\\{["\']|\\[\\{)|' +
  'On instance(?:\\[[^\\]\\n]{1,64}\\]){0,8}:\\s{1,8}', 'y')

/** The first pair of a message of a conversation, or of a request's body. */
const conversation = '(?=\\[?\\{\\s{0,8}["\'](?:role["\']\\s?:\\s?["\'](?:user|system|assistant|developer|tool|function|model)|' +
  '(?:messages|contents)["\']\\s?:\\s?\\[|(?:prompt|content)["\']\\s?:\\s?["\']))'

/** What stands before a quoted request, by its first character. */
const before: Readonly<Partial<Record<string, RegExp>>> = {
  '{': new RegExp(`${inputPair}|${conversation}`, 'y'),
  ',': new RegExp(inputPair, 'y'),
  '[': new RegExp(conversation, 'y'),
  V: labelled,
  T: labelled,
  J: labelled,
  O: labelled
}

export function quotedRequest (scan: Scan, at: number): number | undefined {
  const { text } = scan
  const first = text[at]!
  if (first === 'i' && text.startsWith(inputValue, at)) {
    const from = at + inputValue.length
    return scan.take(from, scan.find(', input_type=', from))
  }
  const pattern = before[first]
  if (pattern === undefined || (first > 'Z' || first < 'A' ? kindAt(text, at + 1) & valueEnd : 1) === 0) return undefined
  const found = scan.match(pattern, at)
  return found === null ? undefined : scan.take(at + found[0].length, endOfValue(scan, at + found[0].length))
}

const closers: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' }

/** Finds the end of a quoted value: its brackets and quotes closed, or of the text. */
function endOfValue (scan: Scan, from: number): number {
  const { text } = scan
  const open: string[] = []
  let at = from
  for (; at < text.length; at++) {
    const character = text[at]!
    if (character === '"' || character === "'") at = scan.endOfQuoted(at + 1)
    else if (character in closers) open.push(closers[character]!)
    else if (character === open.at(-1)) open.pop()
    else if (open.length === 0 && ',}]).\n'.includes(character)) break
    if (open.length === 0 && !/[\w-]/.test(character)) { at++; break }
  }
  scan.steps += at - from
  return Math.min(at, text.length)
}
