/** One event of a stream, as a source gives it and as text. */
import { isObject, read, readText } from '../classify/read.js'

/** What a source yields to say more than the data of an event. */
export interface ServerSentEvent {
  /** A string as it is; anything else is sent as JSON. */
  readonly data: unknown
  /** The event's name, in one line. */
  readonly event?: string | undefined
  /** In one line. */
  readonly id?: string | number | undefined
}

/** An event whose data is text. */
export interface Event {
  readonly text: string
  /** What the text was made of. */
  readonly data: unknown
  readonly event: string | undefined
  readonly id: string | undefined
}

const fields: ReadonlySet<string> = new Set(['data', 'event', 'id'])

/**
 * An item of a source as an event: `{ data, event?, id? }` where it is a plain object with `data` and no other fields than
 * these; any other value is the data itself.
 *
 * @throws TypeError for data that has no JSON, and for a name or an id that would break the line
 */
export function eventOf (item: unknown): Event {
  if (!isServerSentEvent(item)) return { text: textOf(item), data: item, event: undefined, id: undefined }
  const { data, event, id } = item
  return { text: textOf(data), data, event: line(event, 'event'), id: line(typeof id === 'number' ? String(id) : id, 'id') }
}

function isServerSentEvent (item: unknown): item is ServerSentEvent {
  if (!isObject(item) || !Object.hasOwn(item, 'data')) return false
  const prototype: unknown = Object.getPrototypeOf(item)
  // a list of OpenAI's has data, too, and an object beside it
  return (prototype === Object.prototype || prototype === null) && Object.keys(item).every(key => fields.has(key))
}

function textOf (data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  if (text === undefined) {
    throw new TypeError(
      `reply.sendEvents: the data of an event has no JSON; it is ${data === undefined ? 'undefined' : `a ${typeof data}`}`
    )
  }
  return text
}

function line (value: string | undefined, name: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && !/[\r\n]/.test(value))) return value
  throw new TypeError(`reply.sendEvents: ${name} must be a string without line breaks`)
}

/** The name of an event, or the `type` in its data; raw streams, whose data is text, name their events. */
export function typeOf ({ event, data }: Event): string | undefined {
  const type = event ?? readText(data, 'type')
  return type === undefined || /[\r\n]/.test(type) ? undefined : type
}

/** The data of an event as it was sent. */
export function dataOf ({ text }: Event): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a text that is no JSON has no fields
  }
}

/** The types of the events with which providers end their streams, where that is not `[DONE]`; `message-end` is Cohere's. */
const terminalTypes: ReadonlySet<unknown> = new Set(['message_stop', 'response.completed', 'response.incomplete', 'message-end'])

/** True if an event says that its stream is complete. */
export function isTerminal (event: Event): boolean {
  const data = dataOf(event)
  return event.text === '[DONE]' || (isObject(data) && terminalTypes.has(read(data, 'type') ?? event.event))
}
