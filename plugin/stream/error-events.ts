/**
 * Events by which a provider says inside its stream that it failed. They are looked for in every stream: which of them come
 * depends on the provider, not on what the clients of the route speak, and some SDKs give them on instead of throwing them.
 */
import { readBody } from '../classify/body.js'
import { isObject, read, readList, readPath, readText } from '../classify/read.js'
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError } from '../errors.js'
import { builtInRegistry, type EventPattern, type Registry } from '../providers/index.js'
import { dataOf, typeOf, type Event } from './event.js'

/** An error as an event tells it. */
export interface ErrorEvent {
  /** What was sent: parsed where it is JSON, else its text. */
  readonly body: unknown
  /** The provider that speaks like this, where nothing else tells. */
  readonly provider: string | undefined
}

interface Row {
  readonly provider?: string
  /** @param type the event's name, or the `type` in its data */
  readonly matches: (data: object, type: string | undefined) => boolean
}

/** Events that many providers send, behind those of single ones; the first that matches is it. */
const sharedRows: readonly Row[] = [
  // of chats, and of all that follow OpenAI; the AI SDK's parts have the type `error`
  { provider: 'OpenAI', matches: holdsError },
  // vLLM, Mistral
  { provider: 'Model provider', matches: data => read(data, 'object') === 'error' },
  // xAI, watsonx
  { matches: saysNothingElse },
  { matches: (_data, type) => type === 'error' }
]

/** Fields of a body that is an error. One that has others beside a text in `error` may be anything. */
const errorFields: ReadonlySet<string> = new Set([
  'error', 'errors', 'error_type', 'error_code', 'code', 'type', 'status', 'status_code', 'message', 'detail', 'details', 'param', 'title',
  'request_id', 'trace'
])

function saysNothingElse (data: object): boolean {
  const isSaid = readText(data, 'error') !== undefined || readList(read(data, 'errors'), 1).length > 0
  return isSaid && Object.keys(data).every(key => errorFields.has(key))
}

/** True if the error is the stream's: data of another type may hold one that is not, such as a tool's. */
function holdsError (data: object): boolean {
  return isObject(read(data, 'error')) && read(data, 'type') === undefined
}

/** The header of a message of AWS's event streams, which a decoder gives as `{ type, value }`. */
function exceptionType (data: object): string | undefined {
  const header = read(read(data, 'headers') ?? data, ':exception-type')
  return typeof header === 'string' ? header : readText(header, 'value')
}

/** What is looked for in every event of a scope. */
interface Look {
  /** Matches the text of each event that may be an error. */
  readonly text: RegExp
  /** Names of events that are errors whatever their data. */
  readonly names: ReadonlySet<string | undefined>
}

const looks = new WeakMap<Registry, Look>()

function lookOf (registry: Registry): Look {
  const look = looks.get(registry) ?? makeLook(registry)
  looks.set(registry, look)
  return look
}

/** Each pattern can match only where its first field, or the text in it, stands; `"error":null` is no error. */
function makeLook ({ errorEvents }: Registry): Look {
  const traces = new Set(['"errors"', ...errorEvents.map(traceOf)])
  traces.delete('"error"')
  const texts = [...traces].map(trace => trace.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const named = errorEvents.filter(({ only, fields }) => only === undefined && fieldIn(fields) === undefined).map(({ type }) => type)
  return { text: new RegExp(`"error"(?!\\s*:\\s*null)|${texts.join('|')}`), names: new Set(['error', ...named]) }
}

/** Gives the first field that an event must have to match. */
function fieldIn (fields: EventPattern['fields'] = {}): [path: string, value: string | boolean] | undefined {
  return Object.entries(fields).find(([, value]) => value !== false)
}

/** A piece of the JSON of every event that a pattern matches: the text in its first field, else that field's name. */
function traceOf ({ type = '', only, fields }: EventPattern): string {
  const [path, value] = fieldIn(fields) ?? []
  const text = typeof value === 'string' && value !== '*' ? value : path?.split('.', 1)[0] ?? only ?? type
  return JSON.stringify(text).replace('*"', '').replace('"*', '')
}

function matchesPattern ({ type: expected, only, fields = {} }: EventPattern, data: object, type: string | undefined): boolean {
  return (expected === undefined || expected === type) && (only === undefined || isOnly(data, only)) &&
    Object.entries(fields).every(([path, value]) => isValue(readPath(data, path), value))
}

function isOnly (data: object, field: string): boolean {
  const [key = '', ...others] = Object.keys(data)
  if (others.length > 0) return false
  return field.startsWith('*') ? key.endsWith(field.slice(1)) && isObject(read(data, key)) : key === field
}

function isValue (value: unknown, expected: string | boolean): boolean {
  if (typeof expected === 'boolean') return (value !== undefined) === expected
  if (typeof value !== 'string' || value === '') return false
  return expected.endsWith('*') ? value.startsWith(expected.slice(0, -1)) : value === expected
}

/** An event that is an error. Others cost a look at their text: texts inside JSON have no bare quotes, and few good events are parsed. */
export function errorEventIn (event: Event, registry = builtInRegistry()): ErrorEvent | undefined {
  const { text, event: name } = event
  const look = lookOf(registry)
  const isNamed = look.names.has(name)
  if (!isNamed && !look.text.test(text)) return undefined
  const data = dataOf(event)
  if (!isObject(data)) return isNamed ? { body: data ?? text, provider: undefined } : undefined
  const type = typeOf({ ...event, data })
  const row = registry.errorEvents.find(pattern => matchesPattern(pattern, data, type)) ??
    sharedRows.find(({ matches }) => matches(data, type))
  return row && { body: withCode(data, registry), provider: row.provider }
}

/** AWS's header where it is read as a code. */
function withCode (data: object, registry: Registry): object {
  const type = exceptionType(data)
  return type === undefined ? data : { __type: type, message: readBody(read(data, 'body') ?? data, registry).message }
}

const codes: ReadonlyMap<unknown, ErrorCode> = new Map(Object.entries(errorStatuses).map(([code, { type }]) => [type, Number(code) as ErrorCode]))

/** The error of another service with this contract, in whichever dialect: its four fields stay. */
export function contractErrorOf ({ body }: ErrorEvent): ContractError | undefined {
  for (const fields of [read(body, 'detail'), read(body, 'error')]) {
    const code = codes.get(read(fields, 'type'))
    const origin = readText(fields, 'origin')
    if (code !== undefined && origin !== undefined) return new errorClasses[code](readText(fields, 'message'), { origin })
  }
  return undefined
}
