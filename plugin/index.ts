/**
 * fastify-humanloop-errors: one line, and every error answer of a Fastify server is inside the contract, documented and
 * typed.
 */
import fp from 'fastify-plugin'
import type { ErrorCode } from '../schemas/statuses.js'
import { followCalls } from './detect-origin.js'
import { documentRoutes } from './document/routes.js'
import { shareSchemas } from './document/shared-schemas.js'
import { setErrorHandler } from './exits/error-handler.js'
import { watchConnections } from './exits/connection.js'
import { guardResponses } from './exits/guard.js'
import { addReplyState } from './exits/reply-state.js'
import { linkRawResponses } from './exits/server-response.js'
import { setNotFound } from './exits/not-found.js'
import { logBoot } from './exits/boot-log.js'
import { checkedOptions, type HumanloopErrorsOptions } from './options.js'
import { hasOwnSettings, sameSettings, setSettings, settingsAround, settingsWith } from './scope.js'
import { addStreams } from './stream/index.js'

export {
  ContractError, BadRequestError, AuthenticationError, NotFoundError, UnprocessableEntityError, RateLimitError, UnknownError,
  ServiceUnavailableError, TimeoutError, OverloadedError, type ContractErrorOptions, type Upstream
} from './errors.js'
export { toContractError } from './classify/index.js'
export { fromFetch, fromResponse, type ProviderResponse } from './classify/response.js'
export { openapi, type OpenapiOptions, type TransformDocument } from './document/openapi.js'
export { serverOptions, type ServerOptionsOptions } from './exits/server-options.js'
export { withOrigin } from './classify/with-origin.js'
export { safeError as safeErrorSerializer, type SafeError } from './log/safe-error.js'
export { errorReference } from './reference/index.js'
export { ErrorReference } from './reference/schema.js'
export type { ErrorReferenceOptions } from './reference/options.js'
export type { EventPattern, ProviderRow } from './providers/index.js'
export type { DialectName, EventSource, SendEventsOptions, ServerSentEvent } from './stream/index.js'
export type { Happened, HumanloopErrorsOptions } from './options.js'
export type { ErrorCode, ErrorType } from '../schemas/statuses.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The errors that the route documents, of the nine; `false` leaves the route alone: no guard, no documentation. */
    errors?: false | readonly ErrorCode[]
  }
}

/**
 * Brings every error answer of the server inside the contract.
 *
 * Register it before the routes, with `await`: routes that exist already keep Fastify's error handler. A second
 * registration in one scope with equal options does nothing. A child scope may register it again, with an `origin` of its
 * own for one.
 *
 * @throws TypeError at boot for an option that does not exist or has the wrong type
 * @throws Error at boot for a second registration in one scope with other options
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import humanloopErrors from 'fastify-humanloop-errors'
 *
 * const app = Fastify()
 * await app.register(humanloopErrors)
 * ```
 */
export const humanloopErrors = fp<HumanloopErrorsOptions>(async (app, given) => {
  const options = checkedOptions(given)
  const around = settingsAround(app)
  if (around !== undefined && hasOwnSettings(app)) {
    if (sameSettings(around, options)) return app.log.info('humanloopErrors: registered a second time in one scope; the first registration stands')
    throw new Error('humanloopErrors: registered twice in one scope with different options; keep one registration')
  }
  setSettings(app, settingsWith(options, around))
  if (options.detectOrigin === true && around?.detectOrigin !== true) followCalls(app)
  if (around !== undefined) { // the exits of the scope around this one read the settings of the request's scope
    if (app.prefix !== '') setNotFound(app)
    return
  }

  logBoot(app)
  documentRoutes(app)
  shareSchemas(app)
  setErrorHandler(app)
  setNotFound(app)
  addReplyState(app)
  addStreams(app)
  guardResponses(app)
  linkRawResponses(app)
  watchConnections(app)
}, { name: 'fastify-humanloop-errors', fastify: '5.x' })

export default humanloopErrors
