/** Exit: anything thrown, rejected or sent as an error, in a handler or a hook. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { ContractError } from '../errors.js'
import { logFailure } from '../response/report.js'
import { errorOfThrown } from '../response/thrown-error.js'
import { interceptSend, releaseSend } from './intercept-send.js'
import { isLeaving, isSealed, responseOf } from './reply-state.js'
import { absorb, responseIsOut, logHookFailure, sendError, sendInPlace, sendPastHooks } from './send.js'

/** @throws Error where another handler was set, and may not be replaced */
export function setErrorHandler (app: FastifyInstance): void {
  try {
    app.setErrorHandler(errorHandler)
  } catch (cause) {
    throw new Error(
      'humanloopErrors: an error handler was set before the plugin, and allowErrorHandlerOverride is false; remove one of the two',
      { cause }
    )
  }
}

export function errorHandler (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void | Promise<FastifyReply> {
  if (isSealed(reply)) { // the handler has sent more than once
    if (thrown !== responseIsOut) logFailure(request.log, thrown, 'a hook failed after a response was sent')
    return interceptSend(reply, () => absorb(reply))
  }
  if (responseOf(reply) !== undefined) { // of an unknown route, or of what a handler sent by itself
    logHookFailure(request.log, thrown)
    return sendInPlace(request, reply, thrown)
  }
  if (ContractError.isOwn(thrown)) return sendError(request, reply, thrown, { thrown }) // the way of most errors
  const response = unreadResponse(thrown)
  if (response === undefined) return respond(thrown, request, reply)
  let isAnswered = false
  interceptSend(reply, failure => { // what is sent meanwhile is a failure, too: the handler's time is up
    if (failure === undefined) return // an async handler that has sent without `return`
    releaseSend(reply)
    isAnswered = true
    sendPastHooks(request, reply, meaningOf(failure, request, reply), { thrown: failure })
  })
  return unreadBody(response).then(unread => {
    if (isAnswered) return reply
    releaseSend(reply)
    respond(thrown, request, reply, unread)
    return reply
  })
}

function respond (thrown: unknown, request: FastifyRequest, reply: FastifyReply, unread?: string): void {
  sendError(request, reply, meaningOf(thrown, request, reply, unread), { thrown })
}

function meaningOf (thrown: unknown, request: FastifyRequest, reply: FastifyReply, unread?: string): ContractError {
  const { statusCode } = reply
  // a hook that throws while a response leaves says nothing of the status that this has
  const replyStatus = statusCode >= 400 && statusCode <= 599 && !isLeaving(reply) ? statusCode : undefined
  return errorOfThrown(thrown, request, { replyStatus, unread })
}
