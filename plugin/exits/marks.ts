/** What a reply remembers of its errors: properties of the reply, for a WeakMap would cost each answer microseconds. */
import type { FastifyInstance, FastifyReply } from 'fastify'

// the same in every copy of the package: one may have made the server's options, another the plugin
const kFit = Symbol.for('fastify-humanloop-errors.fit')
const kSending = Symbol.for('fastify-humanloop-errors.sending')
const kFailed = Symbol.for('fastify-humanloop-errors.failed')
const kLeft = Symbol.for('fastify-humanloop-errors.left')

type Marked = FastifyReply & { [kFit]: unknown, [kSending]: boolean, [kFailed]: boolean }

export function addMarks (app: FastifyInstance): void {
  app.decorateReply(kFit, null)
  app.decorateReply(kSending, false)
  app.decorateReply(kFailed, false)
}

/** A payload may leave: it is the contract's body. */
export function markFit (reply: FastifyReply, payload: unknown): void {
  (reply as Marked)[kFit] = payload
  leaveAlone(reply.raw)
}

/** Whether a payload was found fit to leave. */
export function isFit (reply: FastifyReply, payload: unknown): boolean {
  return payload != null && (reply as Marked)[kFit] === payload
}

/** Whether a payload of this reply was found fit, so that its answer has been logged. */
export function isTold (reply: FastifyReply): boolean {
  return (reply as Marked)[kFit] != null // one that Fastify made before there was a route has no marks
}

/** How many bytes the payload has that was found fit. */
export function fitLength (reply: FastifyReply): number {
  return Buffer.byteLength((reply as Marked)[kFit] as string | Buffer)
}

/** An answer of the contract's is on its way out. */
export function markSending (reply: FastifyReply): void {
  (reply as Marked)[kSending] = true
}

export function isSending (reply: FastifyReply): boolean {
  return (reply as Marked)[kSending]
}

/** Something was thrown for this reply, and an error handler of its route answers. */
export function markFailed (reply: FastifyReply): void {
  (reply as Marked)[kFailed] = true
}

export function hasFailed (reply: FastifyReply): boolean {
  return (reply as Marked)[kFailed]
}

/** A raw response whose content is settled, or is the user's business. */
export function leaveAlone (response: object): void {
  (response as { [kLeft]?: true })[kLeft] = true
}

export function isLeftAlone (response: object): boolean {
  return (response as { [kLeft]?: true })[kLeft] === true
}
