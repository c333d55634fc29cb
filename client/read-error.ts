/** From an answer that is no success to an `ApiError`, whatever its body is. */
import { ownCode } from '../schemas/service-status.js'
import { ApiError } from './api-error.js'
import { isErrorEnvelope } from './envelope.js'
import { piecesOf } from './pieces.js'
import { sentenceIn } from './sentence.js'

/** How much of a body is read, in characters. */
const mostRead = 65_536

/** How long a body may take once the headers are there, in milliseconds. */
const longestWait = 2000

/**
 * The error that an answer stands for. An answer that is not the contract (a proxy's page, another server's JSON, an empty,
 * cut, endless or already read body) has the type that its status tells, the origin `'unknown'`, and a message of one line.
 *
 * At most 64 Ki characters of the body are read, for at most two seconds; the rest is cancelled.
 *
 * @param response an answer to `fetch`
 * @returns never rejects
 * @example
 * ```ts
 * import { readError } from 'fastify-humanloop-errors/client'
 *
 * const error = await readError(new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'retry-after': '7' } }))
 * error.type // 'service_unavailable_error'
 * error.origin // 'unknown'
 * error.retryAfter // 7
 * ```
 */
export async function readError (response: Response): Promise<ApiError> {
  return errorOf(response)
}

/** The same; what is aborted is not read any further. */
export async function errorOf (response: Response, signal?: AbortSignal): Promise<ApiError> {
  let text = ''
  let size = 0
  let body: unknown
  try {
    for await (const piece of piecesOf(response, signal, longestWait)) {
      text += piece
      // an empty piece counts as well: nothing else may end a body of them
      if ((size += piece.length + 1) > mostRead) break
    }
    body = JSON.parse(text)
  } catch {
    // a proxy's text is a sentence; half of anything else is none
    if (response.headers.get('content-type')?.startsWith('text/plain')) body = text
  }
  if (isErrorEnvelope(body)) {
    const { code, message, origin } = body.detail
    return new ApiError(code, message, { origin, response })
  }
  return new ApiError(ownCode(response.status), sentenceIn(body) || `The server answered ${response.status}.`, { response })
}
