/** Exit: what only the options of Fastify's constructor can reach. */
import { ServerResponse } from 'node:http'
import { Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '../../schemas/type.js'
import { isObject, read } from '../classify/read.js'
import { safeError } from '../log/safe-error.js'
import { checkOptions } from '../options.js'
import { respondToClientError, type ClientError } from './client-error.js'
import { handlerName } from './connection.js'
import { errorHandler } from './error-handler.js'
import { guardPayload } from './guard.js'
import { contractResponse, type Hijacked } from './server-response.js'

/** The second argument of `serverOptions`; all may be left out. */
export interface ServerOptionsOptions {
  /**
   * The fate of error responses that are written past Fastify, with `reply.hijack()` or `reply.raw`: `'leave'` leaves them
   * to whoever took the response over, `'contract'` brings them inside the contract.
   *
   * @default 'leave'
   */
  hijacked?: Hijacked | undefined
}

export const serverOptionsSchema = Type.Partial(Type.Object({
  hijacked: Type.Union([Type.Literal('leave'), Type.Literal('contract')], {
    description: "'leave' or 'contract': what becomes of error responses that are written past Fastify"
  })
}, { additionalProperties: false }))

type FrameworkErrors = (error: Error, request: FastifyRequest, reply: FastifyReply) => unknown
type ClientErrorHandler = (this: FastifyInstance, error: ClientError, socket: Socket) => void

/**
 * Options for `Fastify({ … })`, for those exits that only the constructor reaches: bad URLs, over-long parameters and failed
 * constraints (`frameworkErrors`), malformed HTTP (`clientErrorHandler`), and what Node and a closing Fastify answer by
 * themselves (a `ServerResponse` class in `http`, `https`, or with `http2` an `Http2ServerResponse`). The plugin has to be
 * registered as well.
 *
 * Handlers that are given for the same options are called first, and where they answer, that is the answer; what
 * `frameworkErrors` sends is guarded, and where it throws, or returns a promise and has not answered when that settles, the
 * plugin answers. A response class that is given is extended. A `logger` given as options or `true` has
 * `safeErrorSerializer` for `err`, unless it has one of its own; a `loggerInstance` stays as it is.
 *
 * @param options of Fastify's constructor, with which these are merged
 * @param more options of this function alone
 * @returns the merged options
 * @throws TypeError for options that are no object, or another value of `hijacked`
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import humanloopErrors, { serverOptions } from 'fastify-humanloop-errors'
 *
 * const app = Fastify(serverOptions({ bodyLimit: 4096 }))
 * await app.register(humanloopErrors)
 *
 * const answer = await app.inject('/%ff')
 * answer.json().detail.message // "'/%ff' is not a valid url component"
 * ```
 */
export function serverOptions<Options extends object = object> (options?: Options, more: ServerOptionsOptions = {}): Options {
  if (options !== undefined && !isObject(options)) throw new TypeError(`serverOptions: the options must be an object as Fastify's constructor takes it; they are ${typeof options}`)
  checkOptions('serverOptions', serverOptionsSchema, more)
  const { hijacked = 'leave' } = more
  return {
    ...options as Options,
    ...loggerOption(options),
    ...responseClass(options, hijacked),
    frameworkErrors: frameworkErrors(functionIn<FrameworkErrors>(options, 'frameworkErrors')),
    clientErrorHandler: clientErrorHandler(functionIn<ClientErrorHandler>(options, 'clientErrorHandler'))
  }
}

function functionIn<F> (options: unknown, name: string): F | undefined {
  const given = read(options, name)
  if (given !== undefined && typeof given !== 'function') throw new TypeError(`serverOptions: option '${name}' must be a function; it is ${typeof given}`)
  return given as F | undefined
}

/** Options of Fastify's logger with a serializer for errors, for Fastify's own lines dump all that a client hangs on its errors. */
function loggerOption (options: unknown): object {
  const logger = read(options, 'logger')
  if (logger !== true && (!isObject(logger) || typeof read(logger, 'child') === 'function')) return {} // none, or one that Fastify refuses
  const given = logger === true ? {} : logger
  const serializers = read(given, 'serializers')
  return { logger: { ...given, serializers: { ...isObject(serializers) ? serializers : {}, err: read(serializers, 'err') ?? safeError } } }
}

/** The option of Fastify's that hands our class to the server that it makes. */
function responseClass (options: unknown, hijacked: Hijacked): object {
  const https = read(options, 'https')
  const key = https === undefined || https === null || https === false ? 'http' : 'https'
  const given = read(options, key)
  const classes = read(options, 'http2') === true
    ? { Http2ServerResponse: read(given, 'Http2ServerResponse') ?? Http2ServerResponse, Http1ServerResponse: read(given, 'Http1ServerResponse') ?? ServerResponse }
    : { ServerResponse: read(given, 'ServerResponse') ?? ServerResponse }
  return {
    [key]: {
      ...isObject(given) ? given : {},
      ...Object.fromEntries(Object.entries(classes).map(([name, Base]) => [name, contractResponse(Base as typeof ServerResponse, hijacked)]))
    }
  }
}

function frameworkErrors (given: FrameworkErrors | undefined): FrameworkErrors {
  if (given === undefined) return respond
  return (error, request, reply) => {
    const { send } = reply
    let isAnswered = false
    reply.send = payload => {
      isAnswered = true
      if (payload instanceof Error) void respond(payload, request, withSend(reply, send))
      else guardPayload(request, reply, plain(payload, reply), (_error, guarded) => { withSend(reply, send).send(guarded) })
      return reply
    }
    const respondUnlessDone = (failure: unknown): void => {
      if (!isAnswered && !reply.sent) void respond(failure, request, withSend(reply, send))
    }
    try {
      // one that returns no promise may respond later
      const returned = given(error, request, reply)
      if (returned instanceof Promise) returned.then(() => respondUnlessDone(error), respondUnlessDone)
    } catch (thrown) {
      respondUnlessDone(thrown)
    }
  }
}

/**
 * Lets the error handler respond. Where even that fails, the connection ends: here is nobody above who would catch it, and
 * the client would wait. Never rejects.
 */
async function respond (thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    await errorHandler(thrown, request, reply)
  } catch (failure) {
    request.log.error({ err: safeError(failure) }, 'humanloopErrors: the response to a bad request failed; its connection ends')
    reply.raw.destroy()
  }
}

function withSend (reply: FastifyReply, send: FastifyReply['send']): FastifyReply {
  reply.send = send
  return reply
}

/** An object as the text that it would leave as. */
function plain (payload: unknown, reply: FastifyReply): unknown {
  if (!isObject(payload) || Object.getPrototypeOf(payload) !== Object.prototype) return payload
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return JSON.stringify(payload)
}

function clientErrorHandler (given: ClientErrorHandler | undefined): ClientErrorHandler {
  const handler: ClientErrorHandler = function (error, socket) {
    respondToClientError(this, error, socket, given?.bind(this))
  }
  return Object.defineProperty(handler, 'name', { value: handlerName })
}
