/** Exit: anything thrown, rejected or sent as an error, in a handler or a hook. */
import type { FastifyInstance, FastifyReply, FastifyRequest, onErrorHookHandler } from 'fastify'
import { classify } from '../classify/index.js'
import { unreadBody, unreadResponse } from '../classify/unread.js'
import { hostOfFailure } from '../detect-origin.js'
import { ContractError } from '../errors.js'
import { safeError } from '../log/safe-error.js'
import { sendAnswer } from './answer.js'
import { hasFailed, isSending, markFailed } from './marks.js'

/** Our handler as Fastify keeps it, by the app that it was set on. */
const handlers = new WeakSet<object>()

/** @throws Error where another handler was set, and may not be replaced */
export function setErrorHandler (app: FastifyInstance): void {
  try {
    app.setErrorHandler(errorHandler)
  } catch (cause) {
    throw new Error('humanloopErrors: an error handler was set before the plugin, and allowErrorHandlerOverride is false; remove one of the two', { cause })
  }
  handlers.add(app.errorHandler)
  // a hook for every error would cost each answer a microsecond: only routes with a handler of their own have it
  app.addHook('onRoute', options => {
    if (options.errorHandler === undefined) return
    const before = options.onError ?? []
    options.onError = [...Array.isArray(before) ? before : [before], rememberFailure]
  })
}

const rememberFailure: onErrorHookHandler = (_request, reply, _thrown, done) => {
  markFailed(reply)
  done()
}

/** Whether what is sent may come from an error handler that is not ours: one of the scope, or of the route. */
export function hasOtherErrorHandler (request: FastifyRequest, reply: FastifyReply): boolean {
  return !handlers.has(request.server.errorHandler) || hasFailed(reply)
}

export function errorHandler (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void | Promise<FastifyReply> {
  if (isSending(reply)) { // a hook failed on the way out of an answer that no handler threw: that of an unknown route
    request.log.error({ err: safeError(thrown) }, 'a hook failed while an error answer was sent; the answer is sent without it')
    reply.send(thrown)
    return
  }
  if (ContractError.isOwn(thrown)) return sendAnswer(request, reply, thrown) // the way of most errors
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
  sendAnswer(request, reply, error, { thrown })
}
