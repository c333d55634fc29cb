/** What was thrown while a request was at work, as one of the contract's errors. */
import type { FastifyRequest } from 'fastify'
import { classify } from '../classify/index.js'
import { hostOfFailure } from '../detect-origin.js'
import { ContractError } from '../errors.js'
import { settingsOf } from '../scope.js'
import { logFailure } from './report.js'
import { forgetPromise } from './response.js'

/** What else is known of a thrown value. */
interface Known {
  /** The provider that was called, where the caller says it. */
  readonly origin?: string | undefined
  /** The status that the reply had, for an error that states none. */
  readonly replyStatus?: number | undefined
  /** The body of a response that the error carries unread. */
  readonly unread?: string | undefined
}

/** Asks the option `translate` first, then the rules. A ContractError says already what it means. */
export function errorOfThrown (thrown: unknown, request: FastifyRequest, known: Known = {}): ContractError {
  return translated(thrown, request) ?? classify(thrown, { ...known, registry: settingsOf(request.server).registry, hostOfFailure: status => hostOfFailure(request, status) })
}

/** What the app says that its own error means; where that fails it is logged, and the rules decide. */
function translated (thrown: unknown, request: FastifyRequest): ContractError | undefined {
  const { translate } = settingsOf(request.server)
  if (translate === undefined || thrown instanceof ContractError) return undefined
  try {
    const error: unknown = translate(thrown, request)
    if (error === undefined || error instanceof ContractError) return error && classify(error, {})
    forgetPromise(error)
    throw new TypeError(`it must return one of the contract's errors or undefined; it returned ${error === null ? 'null' : typeof error}`)
  } catch (failure) {
    logFailure(request.log, failure, "humanloopErrors: option 'translate' failed; the error is classified without it")
    return undefined
  }
}
