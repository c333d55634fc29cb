/** Events by which a provider says inside its stream that it failed, and which its SDK gives on instead of throwing them. */
import { isObject, read } from '../classify/read.js'
import type { DialectName } from './dialects.js'
import { dataOf, typeOf, type Event } from './event.js'

export interface ErrorEvent {
  /** The streams in which such an event is an error; all by default. */
  readonly dialects?: readonly DialectName[]
  readonly matches: (event: Event) => boolean
  /** The provider that speaks like this, where nothing else tells. */
  readonly family?: string
}

/** In this order; the first that matches is it. */
const rows: readonly ErrorEvent[] = [
  // cohere-ai: ERROR, ERROR_TOXIC and so on; https://docs.cohere.com/v2/docs/streaming
  { family: 'Cohere', matches: ({ data }) => read(data, 'type') === 'message-end' && /^ERROR/.test(finishReason(data)) },
  // openai throws it in chats, not in responses
  { family: 'OpenAI', dialects: ['openai-chat'], matches: hasError },
  { family: 'OpenAI', dialects: ['openai-responses'], matches: event => typeOf(event) === 'error' || typeOf(event) === 'response.failed' },
  { family: 'Anthropic', dialects: ['anthropic'], matches: event => typeOf(event) === 'error' },
  { family: 'Google', dialects: ['gemini'], matches: hasError },
  { family: 'Ollama', dialects: ['ndjson'], matches: isErrorLine },
  // ai: parts of `fullStream`; its `textStream` ends as if all were well
  { matches: ({ data }) => read(data, 'type') === 'error' && isObject(read(data, 'error')) }
]

function finishReason (data: unknown): string {
  const delta = read(data, 'delta')
  return String(read(delta, 'finishReason') ?? read(delta, 'finish_reason'))
}

function hasError (event: Event): boolean {
  const { data, text } = event
  return typeof data !== 'string' ? isObject(read(data, 'error')) : text.includes('"error"') && isObject(read(dataOf(event), 'error'))
}

/** A line with an error and nothing else. */
function isErrorLine (event: Event): boolean {
  if (!event.text.startsWith('{"error"')) return false
  const data = dataOf(event)
  return typeof read(data, 'error') === 'string' && Object.keys(data as object).length === 1
}

/** What is looked for in the streams of a dialect. */
export function errorEventsIn (dialect: DialectName): readonly ErrorEvent[] {
  return rows.filter(({ dialects }) => dialects === undefined || dialects.includes(dialect))
}
