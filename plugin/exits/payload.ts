/** What a handler sent, read as far as it tells something: streams are read, encoded bytes decoded. */
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { mostBytes, readInTime } from '../classify/unread.js'
import { isObject, read } from '../classify/read.js'

/** RFC 9110 §8.4.1, and brotli of RFC 7932. */
const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync
}

/** A stream as Fastify takes one for a payload. */
export function isStream (payload: unknown): payload is Readable | ReadableStream<Uint8Array> {
  return isObject(payload) && (typeof read(payload, 'pipe') === 'function' || typeof read(payload, 'getReader') === 'function')
}

/** All bytes of a stream, as it was meant to be sent; undefined where they are too many, come too late, or break off. The stream is released. */
export async function bytesOf (stream: Readable | ReadableStream<Uint8Array>): Promise<Buffer | undefined> {
  try {
    const { bytes, whole } = await readInTime(asWebStream(stream))
    return whole ? bytes : undefined
  } catch {
    return undefined // locked, broken or cut: it will not be sent
  } finally {
    if (!(stream instanceof ReadableStream)) stream.destroy()
  }
}

function asWebStream (stream: Readable | ReadableStream<Uint8Array>): ReadableStream<unknown> {
  if (stream instanceof ReadableStream) return stream
  stream.on('error', () => {}) // what fails in it from now on concerns nobody
  return Readable.toWeb(stream instanceof Readable ? stream : new Readable().wrap(stream)) as ReadableStream
}

/**
 * A payload as text.
 *
 * @param encoding its `content-encoding`
 * @returns undefined for bytes that are no text, or in an encoding that is not known here
 */
export function textOf (payload: unknown, encoding: unknown): string | undefined {
  if (typeof payload === 'string' && encoding === undefined) return payload
  if (!Buffer.isBuffer(payload)) return undefined
  const text = encoding === undefined ? payload.toString() : decoded(payload, String(encoding))
  return text?.includes('\ufffd') === true ? undefined : text
}

function decoded (bytes: Buffer, encoding: string): string | undefined {
  try {
    return decoders[encoding.toLowerCase()]?.(bytes, { maxOutputLength: mostBytes }).toString()
  } catch {
    return undefined // not what it says it is
  }
}
