/** What a reply remembers of its errors: properties of the reply, for a WeakMap would cost each answer microseconds. */
import type { FastifyInstance, FastifyReply } from 'fastify'

const kAnswer = Symbol('fastify-humanloop-errors.answer')
const kFailed = Symbol('fastify-humanloop-errors.failed')

type Marked = FastifyReply & { [kAnswer]: string | null, [kFailed]: boolean }

export function addMarks (app: FastifyInstance): void {
  app.decorateReply(kAnswer, null)
  app.decorateReply(kFailed, false)
}

/** The reply was given the contract's body. */
export function markAnswered (reply: FastifyReply, body: string): void {
  (reply as Marked)[kAnswer] = body
}

/** Whether a payload is the contract's body that this reply was given. */
export function isAnswer (reply: FastifyReply, payload: unknown): boolean {
  return typeof payload === 'string' && (reply as Marked)[kAnswer] === payload
}

/** Something was thrown for this reply, and an error handler of its route answers. */
export function markFailed (reply: FastifyReply): void {
  (reply as Marked)[kFailed] = true
}

export function hasFailed (reply: FastifyReply): boolean {
  return (reply as Marked)[kFailed]
}
