/** Exit: anything thrown, rejected or sent as an error, in a handler or a hook. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toContractError } from '../classify/index.js'
import { sendAnswer } from './answer.js'

export function errorHandler (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode } = reply
  const replyStatus = statusCode >= 400 && statusCode <= 599 ? statusCode : undefined
  sendAnswer(request, reply, toContractError(thrown, { replyStatus }), thrown)
}
