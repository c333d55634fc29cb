/** The families of error bodies: where the sentence, the machine codes and the status stand, by structure. */
import { cleanMessage } from '../message/clean.js'
import { isErrorStatus, isObject, read, readList, readText } from './read.js'

/** What an error body says. */
export interface BodyReading {
  /** The provider's own sentence, clean; absent where the body has none. */
  readonly message: string | undefined
  /** Machine codes, the most particular first. */
  readonly codes: readonly string[]
  /** An HTTP status inside the body. */
  readonly status: number | undefined
  readonly requestId: string | undefined
}

/** How many objects and texts are looked into for a sentence: enough for any provider, and a bound for hostile bodies. */
const mostLooks = 64

/** The longest text that is parsed as JSON; no provider's error comes near. */
const longestJson = 256 * 1024

/** How many entries of a list of violations are read. */
const mostEntries = 20

/** Reads an error body: parsed JSON, JSON in a text, or plain text. HTML says nothing to a caller. */
export function readBody (body: unknown): BodyReading {
  const value = parsed(body)
  const parts = partsOf(value)
  return {
    message: sentenceOf(value),
    codes: parts.flatMap(codesOf),
    status: parts.map(statusOf).find(isErrorStatus),
    requestId: readText(value, 'request_id') ?? readText(value, 'id')
  }
}

/** A text that is JSON, parsed; anything else as it is. */
function parsed (value: unknown): unknown {
  if (typeof value !== 'string' || value.length > longestJson || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value // a text that only begins like JSON
  }
}

/** The objects in which a body's codes may stand, the innermost first. */
function partsOf (body: unknown): object[] {
  const root = readList(body, 1)[0] ?? body
  const error = parsed(read(root, 'error'))
  return [
    ...readList(read(error, 'details'), mostEntries),
    error,
    read(read(root, 'response'), 'error'),
    ...readList(read(root, 'errors'), 1),
    read(read(root, 'fault'), 'detail'),
    read(root, 'delta'),
    exceptionIn(root)?.[1],
    root
  ].filter(isObject)
}

const codeFields = ['reason', 'code', 'type', '__type', 'status', 'error_code', 'error_type', 'errorcode', 'finish_reason'] as const

function codesOf (part: object): string[] {
  const named = codeFields.map(field => read(part, field))
  const exception = exceptionIn(part)?.[0]
  return [...named, exception].filter(code => typeof code === 'string' || Number.isInteger(code)).map(String)
}

/** Bedrock's stream events are keyed by the exception: `{ throttlingException: { message } }`. */
function exceptionIn (value: unknown): [name: string, exception: unknown] | undefined {
  if (!isObject(value)) return undefined
  try {
    return Object.entries(value).find(([key, inner]) => key.endsWith('Exception') && isObject(inner))
  } catch {
    return undefined // a proxy that does not list its keys
  }
}

function statusOf (part: object): number | undefined {
  const numbers = ['code', 'status', 'status_code', 'statusCode', 'http_code'].map(field => {
    const value = read(part, field)
    return typeof value === 'string' && /^[45]\d\d$/.test(value) ? Number(value) : value
  })
  return numbers.find(isErrorStatus)
}

/** The fields that hold a sentence, or an object or JSON that does, in the order in which they are preferred. */
const sentenceFields = ['message', 'Message', 'error', 'detail', 'errors', 'fault', 'faultstring', 'msg', 'response', 'delta', 'err', 'title'] as const

function sentenceOf (value: unknown, looks = { left: mostLooks }): string | undefined {
  if (looks.left-- <= 0) return undefined
  if (typeof value === 'string') {
    const opened = parsed(value)
    return opened === value ? sentence(value) : sentenceOf(opened, looks)
  }
  const list = readList(value, mostEntries).map(entry => sentenceOf(entry, looks)).filter(entry => entry !== undefined)
  if (list.length > 0) return list.join('; ')
  for (const field of sentenceFields) {
    const inner = read(value, field)
    const found = typeof inner === 'string' || isObject(inner) ? sentenceOf(inner, looks) : undefined
    if (found !== undefined) return found
  }
  const exception = exceptionIn(value)
  return exception === undefined ? undefined : sentenceOf(exception[1], looks)
}

/** A text that can be shown: no HTML, no JSON that could not be parsed, no dump. */
function sentence (text: string): string | undefined {
  if (/^\s*(?:<|\{|\[[{"])/.test(text) || text.includes('[object Object]')) return undefined
  return cleanMessage(text) || undefined
}
