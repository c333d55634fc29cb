/** The families of error bodies: where the sentence, the machine codes and the status stand, by structure. */
import { cleanMessage } from '../message/clean.js'
import { redact } from '../message/redact.js'
import { builtInRegistry, type Registry } from '../providers/index.js'
import { jsonIn, messagesIn, splitDump } from './dump.js'
import { isErrorStatus, isObject, read, readList, readPath, readText } from './read.js'
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

/** How many objects and texts are looked into for a message: enough for any provider, and a bound for hostile bodies. */
const mostLooks = 64

/** How much text of one body is parsed as JSON, in UTF-16 code units; no provider's error comes near. */
const mostJson = 256 * 1024

/** How many entries of a list of violations are read. */
const mostEntries = 20

type Shape = Registry['body']

/** What may still be spent on one body, and where providers put what they say. */
interface Budget { looks: number, json: number, readonly shape: Shape }

/** Reads an error body: parsed JSON, JSON in a text, or plain text. HTML says nothing to a caller. */
export function readBody (body: unknown, { body: shape } = builtInRegistry()): BodyReading {
  const budget: Budget = { looks: mostLooks, json: mostJson, shape }
  const value = parsed(body, budget)
  const parts = partsOf(value, budget)
  return {
    message: sentenceOf(value, budget),
    codes: parts.flatMap(part => codesOf(part, shape)),
    status: parts.map(statusOf).find(isErrorStatus),
    requestId: parts.map(requestIdOf).findLast(id => id !== undefined),
    retryAfter: parts.map(retryAfterOf).find(wait => wait !== undefined)
  }
}

/** True if a body says something as an error does, not as a text that happened to be there. */
export function isErrorBody (body: unknown): boolean {
  return isObject(parsed(body, { json: mostJson }))
}

/** A text that is JSON, or an event of a stream whose data is JSON, parsed; anything else as it is. */
function parsed (value: unknown, budget: Pick<Budget, 'json'>): unknown {
  if (typeof value !== 'string') return value
  const json = /^\s*(?:event:[^\n]{0,64}\n)?data:/.test(value) ? value.slice(value.indexOf('data:') + 5) : value
  return /^\s*[[{]/.test(json) ? parse(json, budget) ?? value : value
}

/** Parses JSON while the budget lasts; undefined for a text that only begins like JSON. */
function parse (json: string, budget: Pick<Budget, 'json'>): unknown {
  if (json.length > budget.json) return undefined
  budget.json -= json.length
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** The objects in which a body's codes may stand, the most particular first. */
function partsOf (body: unknown, budget: Budget): object[] {
  const root = first(body)
  const error = first(parsed(read(root, 'error'), budget))
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
    ...budget.shape.parts.map(field => read(root, field)),
    read(root, 'delta'),
    keyedIn(root, budget.shape)?.[1],
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

function codesOf (part: object, shape: Shape): string[] {
  const marks = shape.marks.filter(field => read(part, field) !== undefined)
  const named = codeFields.map(field => read(part, field))
  return [...marks, ...named, keyedIn(part, shape)?.[0]].filter(code => typeof code === 'string' || Number.isInteger(code)).map(String)
}

/** Finds an error that has its code as its key: `{ throttlingException: { message } }`. */
function keyedIn (value: unknown, { keyed }: Shape): [code: string, error: unknown] | undefined {
  if (!isObject(value)) return undefined
  try {
    return Object.entries(value).find(([key, inner]) => keyed.some(end => key.endsWith(end)) && isObject(inner))
  } catch {
    return undefined // a proxy that does not list its keys
  }
}

function statusOf (part: object): number | undefined {
  const numbers = ['code', 'status', 'status_code', 'statusCode', 'http_code', 'http_status', 'raw_status_code'].map(field => {
    const value = read(part, field)
    return typeof value === 'string' && /^[45]\d\d$/.test(value) ? Number(value) : value
  })
  return numbers.find(isErrorStatus) as number | undefined
}

/** What an `id` that is a request's looks like; a body may call anything an `id`. */
const requestIdShape = /^[\w.:-]{8,128}$/

function requestIdOf (part: object): string | undefined {
  const named = ['request_id', 'requestId', 'trace'].map(field => readText(part, field)).find(id => id !== undefined)
  const id = named ?? readText(part, 'id')
  if (id === undefined || (named === undefined && !requestIdShape.test(id))) return undefined
  return redact(id) === id ? id : undefined
}

function retryAfterOf (part: object): number | undefined {
  return ['retryDelay', 'retry_delay', 'retry_after', 'retryAfter', 'estimated_time'].map(field => seconds(read(part, field))).find(wait => wait !== undefined)
}

/** The fields that hold a sentence, or an object or JSON that does, in the order in which they are preferred. */
const sentenceFields = [
  'message', 'Message', 'error', 'detail', 'errors', 'fault', 'faultstring', 'msg', 'status_msg', 'error_description', 'response'
] as const

/** The same, behind the fields of single providers. */
const lastSentenceFields = ['choices', 'delta', 'err', 'title'] as const

function sentenceOf (value: unknown, budget: Budget): string | undefined {
  if (budget.looks-- <= 0) return undefined
  if (typeof value === 'string') {
    const opened = parsed(value, budget)
    return opened === value ? sentence(value, budget) : sentenceOf(opened, budget)
  }
  const list = readList(value, mostEntries).map(entry => sentenceOf(entry, budget)).filter(entry => entry !== undefined)
  if (list.length > 0) return list.join('; ')
  const { messages, parts } = budget.shape
  const candidates = [
    ...messages.map(path => readPath(value, path)),
    ...[...sentenceFields, ...parts, ...lastSentenceFields].map(field => read(value, field)),
    keyedIn(value, budget.shape)?.[1]
  ]
  for (const inner of candidates) {
    const found = typeof inner === 'string' || isObject(inner) ? sentenceOf(inner, budget) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** A text that can be shown: no HTML, no dump of an object, whatever words stand before it. */
function sentence (text: string, budget: Budget): string | undefined {
  if (text.includes('[object Object]')) return undefined
  const { words, dump } = splitDump(text)
  return (dump === undefined ? undefined : inDump(dump, budget)) ?? (cleanMessage(words) || undefined)
}

/** The message inside a dump, where there is one. */
function inDump (dump: string, budget: Budget): string | undefined {
  const opened = parse(jsonIn(dump), budget)
  if (isObject(opened)) return sentenceOf(opened, budget)
  return cleanMessage(messagesIn(dump).join('; ')) || undefined
}
