/**
 * Events by which a provider says inside its stream that it failed. They are looked for in every stream: which of them come
 * depends on the provider, not on what the clients of the route speak, and some SDKs give them on instead of throwing them.
 */
import { readBody } from '../classify/body.js'
import { has, isObject, read, readList, readText } from '../classify/read.js'
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError } from '../errors.js'
import { dataOf, typeOf, type Event } from './event.js'

/** An error as an event tells it. */
export interface ErrorEvent {
  /** What was sent: parsed where it is JSON, else its text. */
  readonly body: unknown
  /** The provider that speaks like this, where nothing else tells. */
  readonly family: string | undefined
}

interface Row {
  readonly family?: string
  /** @param type the event's name, or the `type` in its data */
  readonly matches: (data: object, type: string | undefined) => boolean
}

/** In this order; the first that matches is it. */
const rows: readonly Row[] = [
  // https://docs.cohere.com/v2/docs/streaming: ERROR, ERROR_TOXIC and so on; v1 has `event_type`
  {
    family: 'Cohere',
    matches: (data, type) => (type === 'message-end' || read(data, 'event_type') === 'stream-end') && finishReason(data).startsWith('ERROR')
  },
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html, and the message as it came
  { family: 'AWS Bedrock', matches: data => isException(data) || exceptionType(data) !== undefined },
  // https://openrouter.ai/docs/api-reference/errors: beside the choices, or without a word
  { family: 'OpenRouter', matches: data => read(readList(read(data, 'choices'), 1)[0], 'finish_reason') === 'error' },
  { family: 'Anthropic', matches: data => read(data, 'type') === 'error' && readText(read(data, 'error'), 'type') !== undefined },
  { family: 'Google', matches: data => holdsError(data) && readText(read(data, 'error'), 'status') !== undefined },
  // of chats, and of all that follow OpenAI; the AI SDK's parts have the type `error`
  { family: 'OpenAI', matches: holdsError },
  { family: 'OpenAI', matches: (data, type) => type === 'response.failed' || (type === 'error' && has(data, 'code')) },
  // vLLM, Mistral
  { family: 'Model provider', matches: data => read(data, 'object') === 'error' },
  { family: 'Ollama', matches: data => readText(data, 'error') !== undefined && Object.keys(data).length === 1 },
  // https://huggingface.co/docs/text-generation-inference
  { family: 'Hugging Face', matches: data => readText(data, 'error_type') !== undefined && saysNothingElse(data) },
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

function finishReason (data: object): string {
  const delta = read(data, 'delta')
  return String(read(delta, 'finishReason') ?? read(delta, 'finish_reason') ?? read(data, 'finish_reason'))
}

/** `{ throttlingException: { message } }`. */
function isException (data: object): boolean {
  const [key = '', ...others] = Object.keys(data)
  return others.length === 0 && key.endsWith('Exception') && isObject(read(data, key))
}

/** The header of a message of AWS's event streams, which a decoder gives as `{ type, value }`. */
function exceptionType (data: object): string | undefined {
  const header = read(read(data, 'headers') ?? data, ':exception-type')
  return typeof header === 'string' ? header : readText(header, 'value')
}

/** A first look, for every event: none that is an error is without one of these. `"error":null` is none. */
const looksLikeError = /"error"(?!\s*:\s*null)|"errors"|xception"|exception-type|"ERROR|"response\.failed"/

/** An event that is an error. Others cost a look at their text: texts inside JSON have no bare quotes, and few good events are parsed. */
export function errorEventIn (event: Event): ErrorEvent | undefined {
  const { text, event: name } = event
  const isNamed = name === 'error' || name === 'response.failed'
  if (!isNamed && !looksLikeError.test(text)) return undefined
  const data = dataOf(event)
  if (!isObject(data)) return isNamed ? { body: data ?? text, family: undefined } : undefined
  const type = typeOf({ ...event, data })
  const row = rows.find(({ matches }) => matches(data, type))
  return row && { body: withCode(data), family: row.family }
}

/** AWS's header where it is read as a code. */
function withCode (data: object): object {
  const type = exceptionType(data)
  return type === undefined ? data : { __type: type, message: readBody(read(data, 'body') ?? data).message }
}

const codes: ReadonlyMap<unknown, ErrorCode> = new Map(Object.entries(errorStatuses).map(([code, { type }]) => [
  type, Number(code) as ErrorCode
]))

/** The error of another service with this contract, in whichever dialect: its four fields stay. */
export function contractErrorOf ({ body }: ErrorEvent): ContractError | undefined {
  for (const fields of [read(body, 'detail'), read(body, 'error')]) {
    const code = codes.get(read(fields, 'type'))
    const origin = readText(fields, 'origin')
    if (code !== undefined && origin !== undefined) return new errorClasses[code](readText(fields, 'message'), { origin })
  }
  return undefined
}
