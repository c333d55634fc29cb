/**
 * The one place that replaces `reply.send`. Fastify has no hook for what is sent while an error response is being made or
 * is on its way out, and would go on to its own error handler, which shows the message of what was thrown.
 */
import type { FastifyReply } from 'fastify'

/**
 * Hands what is sent from now on to a function, until `releaseSend`.
 *
 * @param onSend gets the payload
 */
export function interceptSend (reply: FastifyReply, onSend: (payload: unknown) => void): void {
  reply.send = function (payload) {
    onSend(payload)
    return this
  }
}

/** Puts Fastify's own `send`, which is on the prototype, back. */
export function releaseSend (reply: FastifyReply): void {
  Reflect.deleteProperty(reply, 'send')
}
