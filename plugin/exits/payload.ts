/** What a handler sent, read as far as it tells something: streams are read, encoded bytes decoded. */
import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { longestWaitMs, mostBytes, mostChunks, readInTime } from '../classify/unread.js'
import { isObject, read } from '../classify/read.js'

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer

/** RFC 9110 §8.4.1, brotli of RFC 7932, and Zstandard of RFC 8878, which newer versions of Node have. */
const decoders: Readonly<Record<string, Decoder | undefined>> = {
  identity: bytes => bytes,
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: read(zlib, 'zstdDecompressSync') as Decoder | undefined
}

/** A stream as Fastify takes one for a payload. */
export function isStream (payload: unknown): payload is Readable | ReadableStream<Uint8Array> {
  return isObject(payload) && (typeof read(payload, 'pipe') === 'function' || typeof read(payload, 'getReader') === 'function')
}

/**
 * All bytes of a stream; undefined where they are too many, come too late, or break off. The stream is released, unless somebody holds it.
 */
export async function bytesOf (stream: Readable | ReadableStream<Uint8Array>): Promise<Buffer | undefined> {
  if ('pipe' in stream) return bytesOfNodeStream(stream)
  const { bytes, whole } = await readInTime(stream).catch(() => unreadable) // locked, or broken: it will not be sent
  return whole ? bytes : undefined
}

const unreadable = { bytes: Buffer.alloc(0), whole: false }

async function bytesOfNodeStream (stream: Readable): Promise<Buffer | undefined> {
  stream.on('error', nothing) // what fails in it from now on concerns nobody
  const readable = typeof read(stream, Symbol.asyncIterator) === 'function' ? stream : new Readable().wrap(stream)
  const timer = setTimeout(() => { release(stream) }, longestWaitMs)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of readable) {
      const bytes = Buffer.from(chunk)
      chunks.push(bytes)
      size += bytes.length
      if (size > mostBytes || chunks.length > mostChunks) return undefined
    }
    return Buffer.concat(chunks)
  } catch {
    return undefined // it broke off, or its time was up
  } finally {
    clearTimeout(timer)
    release(stream)
  }
}

/** Ends a stream that will not be sent; a stream of old has no way. */
function release (stream: Readable): void {
  if (typeof read(stream, 'destroy') === 'function') stream.destroy()
}

function nothing (): void {}

/** JSON opened; any other text as it is. */
export function parsed (text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text // no JSON: the text is what there is
  }
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
