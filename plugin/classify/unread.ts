/** Errors that carry an answer whose body nobody has read yet: ky 1, and a `Response` that was thrown itself. */
import { chainOf } from './chain.js'
import { isErrorStatus, isObject, read } from './read.js'

/** How much of a body is read, in bytes. */
const mostBytes = 64 * 1024

/** In how many pieces: empty ones would never add up. */
const mostChunks = 4096

/** How long a body may take, in milliseconds. */
const longestWait = 1000

/** The response with an unread body that an error carries. */
export function unreadResponse (thrown: unknown): Response | undefined {
  if (!isObject(thrown)) return undefined
  const responses = [thrown, ...chainOf(thrown).map(error => read(error, 'response'))].filter(isObject)
  return responses.find((response): response is Response => read(response, 'bodyUsed') === false && isErrorStatus(read(response, 'status')) &&
    typeof read(read(response, 'body'), 'getReader') === 'function')
}

/**
 * The beginning of a response's body as text; what comes after 64 KiB, or too late, is cancelled.
 *
 * @param deadline ends the reading when it resolves
 * @throws what reading the body throws
 */
async function beginningOf (response: Response, deadline: Promise<undefined>): Promise<string> {
  if (response.body === null || response.bodyUsed) return ''
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  for (let size = 0; size < mostBytes && chunks.length < mostChunks;) {
    const part = await Promise.race([reader.read(), deadline])
    if (part === undefined || part.done) break
    chunks.push(part.value)
    size += part.value.byteLength
  }
  reader.cancel().catch(() => {}) // it fails where the body failed, which is known by then
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, mostBytes))
}

/**
 * What comes of a body within a second, at most 64 KiB.
 *
 * @throws what reading it throws
 */
export async function bodyInTime (response: Response): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await beginningOf(response, new Promise(resolve => { timer = setTimeout(resolve, longestWait, undefined) }))
  } finally {
    clearTimeout(timer)
  }
}

/** The same; nothing of a body that cannot be read. */
export async function unreadBody (response: Response): Promise<string | undefined> {
  return bodyInTime(response).catch(() => undefined) // cut: the status tells
}
