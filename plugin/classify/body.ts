/** The families of error bodies: where the sentence, the machine codes and the status stand, by structure. */
import { cleanMessage } from '../message/clean.js'
import { isErrorStatus, isObject, read, readList, readText } from './read.js'
import { seconds } from './duration.js'

/** What an error body says. */
export interface BodyReading {
  /** The provider's own sentence, clean; absent where the body has none. */
  readonly message: string | undefined
  /** Machine codes, the most particular first. */
  readonly codes: readonly string[]
  /** An HTTP status inside the body. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  /** Seconds until a retry may succeed. */
  readonly retryAfter: number | undefined
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
    requestId: parts.map(requestIdOf).findLast(id => id !== undefined),
    retryAfter: parts.map(retryAfterOf).find(wait => wait !== undefined)
  }
}

/** Whether a body says something as an error does, not as a text that happened to be there. */
export function isErrorBody (body: unknown): boolean {
  return isObject(parsed(body))
}

/** A text that is JSON, or an event of a stream whose data is JSON, parsed; anything else as it is. */
function parsed (value: unknown): unknown {
  if (typeof value !== 'string' || value.length > longestJson) return value
  const json = /^\s*(?:event:[^\n]{0,64}\n)?data:/.test(value) ? value.slice(value.indexOf('data:') + 5) : value
  if (!/^\s*[[{]/.test(json)) return value
  try {
    return JSON.parse(json)
  } catch {
    return value // a text that only begins like JSON
  }
}

/** The objects in which a body's codes may stand, the most particular first. */
function partsOf (body: unknown): object[] {
  const root = first(body)
  const error = first(parsed(read(root, 'error')))
  return [
    ...readList(read(error, 'details'), mostEntries),
    ...readList(read(root, 'details'), mostEntries),
    read(error, 'metadata'),
    read(error, 'availability'),
    error,
    read(read(root, 'response'), 'error'),
    read(first(read(root, 'choices')), 'error'),
    first(read(root, 'errors')),
    read(read(root, 'fault'), 'detail'),
    read(root, 'base_resp'),
    read(root, 'delta'),
    exceptionIn(root)?.[1],
    root
  ].filter(isObject)
}

/** The first element of a list; anything else as it is. */
function first (value: unknown): unknown {
  return readList(value, 1)[0] ?? value
}

const codeFields = [
  'error_type', 'reason', 'code', 'type', '__type', 'status', 'error_code', 'errorCode', 'errorcode', 'status_code', 'finish_reason'
] as const

function codesOf (part: object): string[] {
  const named = codeFields.map(field => read(part, field))
  // OpenRouter tells a moderation by what it flagged, not by a code
  const flagged = read(part, 'flagged_input') === undefined ? undefined : 'flagged_input'
  return [flagged, ...named, exceptionIn(part)?.[0]].filter(code => typeof code === 'string' || Number.isInteger(code)).map(String)
}

/** AWS's stream events are keyed by the exception: `{ throttlingException: { message } }`. */
function exceptionIn (value: unknown): [name: string, exception: unknown] | undefined {
  if (!isObject(value)) return undefined
  try {
    return Object.entries(value).find(([key, inner]) => /(?:Exception|Error|Failure)$/.test(key) && isObject(inner))
  } catch {
    return undefined // a proxy that does not list its keys
  }
}

function statusOf (part: object): number | undefined {
  const numbers = ['code', 'status', 'status_code', 'statusCode', 'http_code', 'http_status', 'raw_status_code'].map(field => {
    const value = read(part, field)
    return typeof value === 'string' && /^[45]\d\d$/.test(value) ? Number(value) : value
  })
  return numbers.find(isErrorStatus)
}

function requestIdOf (part: object): string | undefined {
  return ['request_id', 'requestId', 'trace', 'id'].map(field => readText(part, field)).find(id => id !== undefined)
}

function retryAfterOf (part: object): number | undefined {
  return ['retryDelay', 'retry_delay', 'retry_after', 'retryAfter', 'estimated_time'].map(field => seconds(read(part, field))).find(wait => wait !== undefined)
}

/** The fields that hold a sentence, or an object or JSON that does, in the order in which they are preferred. */
const sentenceFields = [
  'message', 'Message', 'error', 'detail', 'errors', 'fault', 'faultstring', 'msg', 'status_msg', 'error_description', 'response',
  'base_resp', 'choices', 'delta', 'err', 'title'
] as const

function sentenceOf (value: unknown, looks = { left: mostLooks }): string | undefined {
  if (looks.left-- <= 0) return undefined
  if (typeof value === 'string') {
    const opened = parsed(value)
    return opened === value ? sentence(value) : sentenceOf(opened, looks)
  }
  const list = readList(value, mostEntries).map(entry => sentenceOf(entry, looks)).filter(entry => entry !== undefined)
  if (list.length > 0) return list.join('; ')
  // OpenRouter: what the provider behind it said
  const candidates = [read(read(value, 'metadata'), 'raw'), ...sentenceFields.map(field => read(value, field)), exceptionIn(value)?.[1]]
  for (const inner of candidates) {
    const found = typeof inner === 'string' || isObject(inner) ? sentenceOf(inner, looks) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** A text that can be shown: no HTML, no JSON that could not be parsed, no dump. */
function sentence (text: string): string | undefined {
  if (/^\s*(?:<[!?/a-z]|\{\s*"|\[\s*\{)/i.test(text) || text.includes('[object Object]')) return undefined
  return cleanMessage(text) || undefined
}
