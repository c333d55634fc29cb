/** Errors that carry an answer whose body nobody has read yet: ky 1, and a `Response` that was thrown itself. */
import { chainOf } from './chain.js'
import { isErrorStatus, isObject, read } from './read.js'

/** How much of a body is read, in bytes. */
export const mostBytes = 64 * 1024

/** In how many pieces: empty ones would never add up. */
export const mostChunks = 4096

/** How long a body may take. */
export const longestWaitMs = 1000

/** The response with an unread body that an error carries. */
export function unreadResponse (thrown: unknown): Response | undefined {
  if (!isObject(thrown)) return undefined
  const responses = [thrown, ...chainOf(thrown).map(error => read(error, 'response'))].filter(isObject)
  return responses.find((response): response is Response => read(response, 'bodyUsed') === false && isErrorStatus(read(response, 'status')) &&
    typeof read(read(response, 'body'), 'getReader') === 'function')
}

/** The beginning of a stream; what comes after 64 KiB, or later than a second, is cancelled. */
interface Beginning {
  readonly bytes: Buffer
  /** Whether this is all there was. */
  readonly whole: boolean
}

/**
 * What comes of a stream within a second, at most 64 KiB.
 *
 * @throws what reading it throws
 */
export async function readInTime (stream: ReadableStream<unknown>): Promise<Beginning> {
  const reader = stream.getReader()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<undefined>(resolve => { timer = setTimeout(resolve, longestWaitMs, undefined) })
  const chunks: Uint8Array[] = []
  let whole = false
  try {
    for (let size = 0; size < mostBytes && chunks.length < mostChunks;) {
      const part = await Promise.race([reader.read(), deadline])
      whole = part?.done === true
      if (part === undefined || part.done) break
      const chunk = typeof part.value === 'string' ? Buffer.from(part.value) : part.value as Uint8Array
      chunks.push(chunk)
      size += chunk.byteLength
    }
  } finally {
    clearTimeout(timer)
    reader.cancel().catch(() => {}) // it fails where the stream failed, which is known by then
  }
  return { bytes: Buffer.concat(chunks).subarray(0, mostBytes), whole }
}

/**
 * The beginning of a response's body as text.
 *
 * @throws what reading the body throws
 */
export async function bodyInTime (response: Response): Promise<string> {
  if (response.body === null || response.bodyUsed) return ''
  return new TextDecoder().decode((await readInTime(response.body)).bytes)
}

/** The same; nothing of a body that cannot be read. */
export async function unreadBody (response: Response): Promise<string | undefined> {
  return bodyInTime(response).catch(() => undefined) // cut: the status tells
}
