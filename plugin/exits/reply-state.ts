/** What a reply remembers of its error response: properties of the reply, for a WeakMap would cost each response microseconds. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Happened } from '../response/report.js'
import type { ErrorResponse } from '../response/response.js'

// the same in every copy of the package: one may have made the server's options, another the plugin
const kResponse = Symbol.for('fastify-humanloop-errors.response')
const kHappened = Symbol.for('fastify-humanloop-errors.happened')
const kPayload = Symbol.for('fastify-humanloop-errors.payload')
const kLeaving = Symbol.for('fastify-humanloop-errors.leaving')
const kSealed = Symbol.for('fastify-humanloop-errors.sealed')
const kRequest = Symbol.for('fastify-humanloop-errors.request')
const kLeftAlone = Symbol.for('fastify-humanloop-errors.leftAlone')

type State = FastifyReply & {
  [kResponse]?: ErrorResponse | null
  [kHappened]?: Happened | null
  [kPayload]?: unknown
  [kLeaving]?: boolean
  [kSealed]?: boolean
}

export function addReplyState (app: FastifyInstance): void {
  app.decorateReply(kResponse, null)
  app.decorateReply(kHappened, null)
  app.decorateReply(kPayload, null)
  app.decorateReply(kLeaving, false)
  app.decorateReply(kSealed, false)
}

/** Remembers the error response that is to leave, and the payload that it leaves as: its body, or that encoded. */
export function remember (reply: FastifyReply, response: ErrorResponse, payload: unknown = response.body): void {
  const state = reply as State
  state[kResponse] = response
  state[kPayload] = payload
  leaveAlone(reply.raw)
}

/** Remembers what is to be reported when the response leaves; null once it was. */
export function setHappened (reply: FastifyReply, happened: Happened | null): void {
  (reply as State)[kHappened] = happened
}

/** What is to be reported when the response leaves. */
export function happenedOf (reply: FastifyReply): Happened | undefined {
  return (reply as State)[kHappened] ?? undefined
}

/** The error response that is to leave. */
export function responseOf (reply: FastifyReply): ErrorResponse | undefined {
  return (reply as State)[kResponse] ?? undefined // a reply that Fastify made before there was a route has no state
}

/** The payload that the error response leaves as. */
export function payloadOf (reply: FastifyReply): unknown {
  return (reply as State)[kPayload]
}

/** Notes that a payload with an error status is on its way out: what is thrown from now on, a hook throws. */
export function markLeaving (reply: FastifyReply): void {
  (reply as State)[kLeaving] = true
}

/** True if a payload with an error status is on its way out. */
export function isLeaving (reply: FastifyReply): boolean {
  return (reply as State)[kLeaving] === true
}

/** Notes that the response was written past Fastify: what Fastify still does with the reply reaches nobody. */
export function markSealed (reply: FastifyReply): void {
  (reply as State)[kSealed] = true
}

/** True if the response was written past Fastify, or is out: a handler may send more than once. */
export function isSealed (reply: FastifyReply): boolean {
  return (reply as State)[kSealed] === true || reply.raw.writableEnded
}

/** Marks a raw response that no exit may rewrite. */
export function leaveAlone (response: object): void {
  (response as { [kLeftAlone]?: true })[kLeftAlone] = true
}

/** True if no exit may rewrite a raw response. */
export function isLeftAlone (response: object): boolean {
  return (response as { [kLeftAlone]?: true })[kLeftAlone] === true
}

/** Remembers the request that a raw response belongs to. */
export function linkRequest (response: object, request: FastifyRequest): void {
  (response as { [kRequest]?: FastifyRequest })[kRequest] = request
}

/** The request that a raw response belongs to; undefined where Fastify had none, or nobody asked to link them. */
export function requestOf (response: object): FastifyRequest | undefined {
  return (response as { [kRequest]?: FastifyRequest })[kRequest]
}
