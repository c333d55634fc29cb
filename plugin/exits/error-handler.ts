/** Exit: anything thrown, rejected or sent as an error, in a handler or a hook. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { classify } from '../classify/index.js'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { hostOfFailure } from '../detect-origin.js'
import { sendAnswer } from './answer.js'

export function errorHandler (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void | Promise<FastifyReply> {
  const response = unreadResponse(thrown)
  if (response === undefined) {
    answer(thrown, request, reply)
  } else {
    return unreadBody(response).then(body => {
      answer(thrown, request, reply, body)
      return reply
    })
  }
}

function answer (thrown: unknown, request: FastifyRequest, reply: FastifyReply, unread?: string): void {
  const { statusCode } = reply
  const error = classify(thrown, {
    replyStatus: statusCode >= 400 && statusCode <= 599 ? statusCode : undefined,
    unread,
    hostOfFailure: status => hostOfFailure(request, status)
  })
  sendAnswer(request, reply, error, thrown)
}
