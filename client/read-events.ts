/** The events of a streamed answer, and its failure as an `ApiError`. */
import { ApiError } from './api-error.js'
import { textOf } from './field.js'
import { errorIn } from './frame-error.js'
import { framesOf, type Frame } from './frames.js'
import { networkError } from './network.js'
import { piecesOf } from './pieces.js'
import { errorOf } from './read-error.js'

/** The longest frame, in characters: far more than a model's answer. */
const longestFrame = 2 ** 24

/** The types of the last frame, where it is not `[DONE]`. */
const lastTypes = /^(message_stop|response\.(completed|incomplete))$/

/** One frame of a stream. */
export interface StreamEvent<Data = unknown> {
  /** The frame's `event`, `message` where it names none. */
  event: string
  /** What it holds: parsed where it is JSON, else its text. */
  data: Data
  /** The last `id` that the stream named; empty where none. */
  id: string
}

/**
 * The events of a streamed answer, as they are asked for: server-sent events, or lines of JSON where the content type is
 * `application/x-ndjson` or `application/jsonl`.
 *
 * The stream ends with `data: [DONE]`, which is no event, after `message_stop`, `response.completed` and
 * `response.incomplete`, and where the body ends. Leaving the loop cancels the body.
 *
 * @param response a streamed answer to `fetch`
 * @param options `signal` ends the stream with its reason
 * @throws ApiError for an answer that is none (a status that is no success, a page), for a frame that is an error, in whichever
 *   dialect, and, as a `service_unavailable_error`, for a stream that is cut, ends within a frame, or has one of more than
 *   16 Mi characters; the reason of an abort; TypeError for a body that was read already
 * @example
 * ```ts
 * import { readEvents } from 'fastify-humanloop-errors/client'
 *
 * const response = new Response('data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: [DONE]\n\n')
 * let text = ''
 * for await (const { data } of readEvents<{ delta: string }>(response)) text += data.delta
 * text // 'Hello'
 * ```
 */
export async function * readEvents<Data = unknown> (
  response: Response, { signal }: { signal?: AbortSignal | undefined } = {}
): AsyncGenerator<StreamEvent<Data>, void> {
  if (response.bodyUsed || response.body?.locked) throw new TypeError('readEvents: the body was read already')
  const type = response.headers.get('content-type') ?? ''
  const isLines = /ndjson|jsonl/i.test(type)
  const frames = framesOf(isLines)
  const eventOf = (frame: Frame): StreamEvent<Data> => {
    const event = { ...frame, data: parsed(frame.data) as Data }
    const error = errorIn(event, response)
    if (error) throw error
    return event
  }
  try {
    if (!response.ok || /html|\/json\b/i.test(type)) throw await errorOf(response, signal)
    for await (const piece of piecesOf(response, signal)) {
      for (const frame of frames.push(piece)) {
        signal?.throwIfAborted()
        if (frame.data === '[DONE]') return
        const event = eventOf(frame)
        yield event
        if (isLast(event)) return
      }
      if (frames.begun() > longestFrame) throw new Error('a frame is too long')
    }
    if (frames.begun()) {
      // only what tells by itself that it is whole may lack the line break behind it: 12 may be the half of 1234
      const [frame] = frames.push('\n\n')
      const event = frame && typeof parsed(frame.data) === 'object' && eventOf(frame)
      if (event && (isLines || isLast(event))) yield event
      else if (frame ? frame.data !== '[DONE]' : !isLines) throw new Error('it ended within a frame')
    }
    signal?.throwIfAborted()
  } catch (error) {
    signal?.throwIfAborted()
    // a signal that was given to fetch itself ends the body with its reason
    throw error instanceof ApiError || /^(Abort|Timeout)Error$/.test(textOf(error, 'name')) ? error : networkError(error, response)
  }
}

function isLast ({ data }: StreamEvent): boolean {
  return lastTypes.test(textOf(data, 'type'))
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
