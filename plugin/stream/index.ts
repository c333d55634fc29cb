/** `reply.sendEvents`: a stream whose failures stay inside the contract, before its first byte and after. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Type } from '../../schemas/type.js'
import { read } from '../classify/read.js'
import { ContractError } from '../errors.js'
import { checkOptions } from '../options.js'
import { displayName, type Registry } from '../providers/index.js'
import { isHeaderValue } from '../response/headers.js'
import { logDisconnected, logFailure } from '../response/report.js'
import { settingsOf } from '../scope.js'
import { dialects, type Dialect, type DialectName } from './dialects.js'
import { EventStream } from './event-stream.js'
import { explained, failuresOf } from './failures.js'
import { discard, ignore, type Source } from './source.js'

export type { ServerSentEvent } from './event.js'
export type { DialectName } from './dialects.js'
export type { Source as EventSource } from './source.js'

/** The options of `reply.sendEvents`; all may be left out. */
export interface SendEventsOptions {
  /**
   * The dialect of the route's clients: it decides which last frame they take for an error.
   *
   * @default 'openai-chat'
   */
  dialect?: DialectName | undefined
  /**
   * Milliseconds that the source may be silent; longer is a 504.
   *
   * @default no limit
   */
  idleTimeout?: number | undefined
  /**
   * The model provider that is called, by name or id, as with `withOrigin`.
   *
   * @default nobody is named: the error tells who failed
   */
  origin?: string | undefined
}

const dialectNames = Object.keys(dialects) as DialectName[]

export const sendEventsSchema = Type.Partial(Type.Object({
  dialect: Type.Unsafe<DialectName>(Type.Union(dialectNames.map(name => Type.Literal(name)), {
    description: `one of ${dialectNames.join(', ')}`
  })),
  idleTimeout: Type.Number({ exclusiveMinimum: 0, description: 'a positive number of milliseconds' }),
  origin: Type.String({ pattern: '\\S', description: 'the name of a provider' })
}, { additionalProperties: false }))

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Sends events: server-sent events, or lines of JSON. What fails before the first of them gets a real status and the
     * contract's body; what fails later ends the stream with one last frame that the route's clients take for an error.
     *
     * @param source an async iterable, a Node stream, a web `ReadableStream`, or a function `(signal) => source` whose signal
     *   is aborted when the client leaves. Its items are `{ data, event?, id? }`; any other value is the data. Data that is no
     *   string is sent as JSON. Bytes are a provider's own stream of events, which are sent on one by one.
     * @returns the reply: an async handler returns it
     * @throws TypeError for a wrong option; Error when the reply was sent already
     * @example
     * ```ts
     * app.get('/count', async (_request, reply) => {
     *   async function * count () {
     *     for (let n = 1; n <= 3; n++) yield { n }
     *   }
     *   return reply.sendEvents(count(), { dialect: 'humanloop', idleTimeout: 30_000 })
     * })
     * ```
     */
    sendEvents (source: Source, options?: SendEventsOptions): this
  }
}

const kStreams = Symbol('fastify-humanloop-errors.streams')

export function addStreams (app: FastifyInstance): void {
  app.decorateReply(kStreams, false)
  app.decorateReply('sendEvents', sendEvents)
}

function sendEvents (this: FastifyReply, source: Source, options: SendEventsOptions = {}): FastifyReply {
  const { dialect: name, idleTimeout, origin } = checked(options, settingsOf(this.request.server).registry)
  claim(this, source)
  const { raw, request } = this
  const dialect = dialects[name]
  const stream = new EventStream(source, idleTimeout, dialect, failuresOf(request, this, origin))
  let begun = false

  const left = (): void => {
    if (stream.destroyed) return
    stream.destroy()
    if (!raw.writableEnded) logDisconnected(request.log, { origin, begun })
    else if (!begun) {
      request.log.warn(
        'reply.sendEvents: another answer was sent before the first event; an async handler must return what sendEvents returns'
      )
    }
  }
  raw.once('close', left)
  if (isClosed(raw)) left()

  const begin = (): void => {
    begun = true
    setHeaders(this, dialect)
    if (request.method === 'HEAD') stream.destroy()
    this.send(stream.destroyed ? Readable.from([]) : stream)
  }
  const fail = async (thrown: unknown): Promise<void> => {
    stream.destroy()
    const isPlain = thrown instanceof Error && origin === undefined // the error handler finds out what it means
    const error = isPlain ? thrown : await explained(thrown, request, origin)
    // as from withOrigin: what is not the provider's stays what it is
    this.send(thrown instanceof Error && error instanceof ContractError && !error.hasOrigin ? thrown : error)
  }
  stream.begin().then(begin).catch(fail).catch((error: unknown) => {
    raw.destroy() // nothing can be said: the cut tells
    logFailure(request.log, error, 'reply.sendEvents: no response could be sent')
  }).catch(ignore)
  return this
}

/** @throws TypeError that names the option and says what it takes */
function checked (options: SendEventsOptions, registry: Registry | undefined): SendEventsOptions & { dialect: DialectName } {
  checkOptions('reply.sendEvents', sendEventsSchema, options)
  const { dialect = 'openai-chat', idleTimeout, origin } = options
  return { dialect, idleTimeout, origin: origin === undefined ? undefined : displayName(origin, registry) }
}

/**
 * A reply has one answer.
 *
 * @throws Error where it was sent already; the source is released then
 */
function claim (reply: FastifyReply, source: Source): void {
  const streams = reply as FastifyReply & { [kStreams]: boolean }
  if (!reply.sent && !reply.raw.headersSent && !streams[kStreams]) {
    streams[kStreams] = true
    return
  }
  discard(source)
  throw new Error('reply.sendEvents: this reply was sent already; a reply is sent once')
}

function setHeaders (reply: FastifyReply, { contentType }: Dialect): void {
  reply.header('content-type', contentType).removeHeader('content-length')
  setUnlessSet(reply, 'cache-control', 'no-store')
  setUnlessSet(reply, 'x-accel-buffering', 'no') // nginx would hold events back
  setUnlessSet(reply, 'x-request-id', reply.request.id)
}

/** Sets a header, if it is legal and the app has not set it. */
function setUnlessSet (reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name) && isHeaderValue(value)) reply.header(name, value)
}

/** Whether the client is gone; over HTTP/2 it is the stream that tells. */
function isClosed (raw: FastifyReply['raw']): boolean {
  return raw.destroyed || read(read(raw, 'stream'), 'destroyed') === true
}
