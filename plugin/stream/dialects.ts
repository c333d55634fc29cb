/**
 * The protocols that streams are read with: how each writes an event, and which last frame its clients take for an error.
 * What they take for one was observed on the clients themselves; a clean end without it reads as success to all of them.
 */
import type { ErrorCode } from '../../schemas/statuses.js'
import type { ErrorDetail } from '../../schemas/envelope.js'
import { isObject, read } from '../classify/read.js'
import { dataOf, typeOf, type Event } from './event.js'

/** What was sent before a failure. */
export interface Sent {
  readonly first: Event
  readonly last: Event
}

export interface Dialect {
  readonly contentType: string
  readonly frame: (event: Event) => string
  /** The error: a last frame with the four fields. */
  readonly error: (detail: ErrorDetail, sent: Sent) => string
  /** Whether an event ends the stream: nothing is sent after it. */
  readonly ends: (event: Event) => boolean
}

const never = (): boolean => false

const sse = { contentType: 'text/event-stream; charset=utf-8', frame: sseFrame, ends: never }

function sseFrame ({ text, event, id }: Event): string {
  const data = text.includes('\n') || text.includes('\r') ? text.replaceAll(/\r\n|\r|\n/g, '\ndata: ') : text
  if (event === undefined && id === undefined) return `data: ${data}\n\n`
  return `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
}

/** Clients ignore events without a name: one that has none is named after the `type` in its data. */
function namedFrame (event: Event): string {
  return sseFrame(event.event === undefined ? { ...event, event: typeOf(event) } : event)
}

function named (name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

function unnamed (data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

/** Google's names: https://cloud.google.com/apis/design/errors#handling_errors */
const googleStatuses: Readonly<Record<ErrorCode, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE'
}

/** Codex looks for the error in the response, and the AI SDK as well: both only where its code is a string. */
function failedResponse (detail: ErrorDetail, { first, last }: Sent): string {
  const begun = read(dataOf(first), 'response')
  const number = read(dataOf(last), 'sequence_number')
  const next = Number.isInteger(number) ? number as number + 1 : 0
  const { type, message, code, origin } = detail
  const error = { type, message, code, param: null, origin }
  return named('response.failed', {
    type: 'response.failed',
    sequence_number: next,
    response: {
      ...isObject(begun) ? begun : { object: 'response', output: [] },
      status: 'failed',
      error: { ...detail, code: String(code) }
    },
    error
  }) + named('error', { type: 'error', sequence_number: next + 1, code, message, param: null, error })
}

const openaiEnds: ReadonlySet<string | undefined> = new Set(['response.completed', 'response.incomplete'])

export const dialects = {
  'openai-chat': {
    ...sse,
    // with an `event:` line, openai 4.28 would drop it
    error: ({ message, type, code, origin }) => unnamed({ error: { message, type, code, param: null, origin } }),
    ends: ({ data }) => data === '[DONE]'
  },
  anthropic: {
    ...sse,
    frame: namedFrame,
    error: ({ type, message, code, origin }) => named('error', { type: 'error', error: { type, message, code, origin } }),
    ends: event => typeOf(event) === 'message_stop'
  },
  humanloop: {
    ...sse,
    error: detail => named('error', { detail })
  },
  'openai-responses': {
    ...sse,
    frame: namedFrame,
    error: failedResponse,
    ends: event => openaiEnds.has(typeOf(event))
  },
  gemini: {
    ...sse,
    // a string code would be ignored
    error: ({ code, message, type, origin }) => unnamed({ error: { code, message, status: googleStatuses[code], type, origin } })
  },
  ndjson: {
    contentType: 'application/x-ndjson; charset=utf-8',
    // in JSON, line breaks stand between tokens only
    frame: ({ text }) => `${text.replaceAll(/[\r\n]+/g, ' ')}\n`,
    error: detail => `${JSON.stringify({ error: detail.message, detail })}\n`,
    ends: never
  }
} satisfies Record<string, Dialect>

/** What the clients of a route speak. */
export type DialectName = keyof typeof dialects
