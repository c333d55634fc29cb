/** One response schema for each status, and what a route declares to refer to them. */
import type { Static, TObject, TSchema, TUnsafe } from '@sinclair/typebox'
import { detailOf, ErrorDetail, ErrorEnvelope, type TErrorDetail } from './envelope.js'
import { errorCodes, errorStatuses, isErrorCode, type ErrorCode } from './statuses.js'
import { Type } from './type.js'

/** Schema of the whole body of one status. */
export type TErrorResponse<Code extends ErrorCode> = TObject<{ detail: TErrorDetail<Code> }>

/** Says what a response means, and if it is worth to ask again. */
export function describeResponse (code: ErrorCode): string {
  const { title, description, retryable, retryAfter } = errorStatuses[code]
  if (!retryable) return `${title}: ${description} Not worth retrying unchanged.`
  return `${title}: ${description} Worth retrying${retryAfter ? ', after `retry-after` seconds where the answer has it' : ''}.`
}

function responseOf<Code extends ErrorCode> (code: Code): TErrorResponse<Code> {
  const { schemaId } = errorStatuses[code]
  return Type.Object({ detail: detailOf(code) }, {
    $id: schemaId,
    title: schemaId,
    description: describeResponse(code),
    additionalProperties: false
  })
}

/** The response schema of each status, by status. */
export const responseSchemas = Object.fromEntries(errorCodes.map(code => [code, responseOf(code)])) as
  { readonly [Code in ErrorCode]: TErrorResponse<Code> }

/** All that the plugin registers with `addSchema`. */
export const sharedSchemas: readonly TSchema[] = [ErrorDetail, ErrorEnvelope, ...Object.values(responseSchemas)]

/** A `$ref` to a shared schema that carries its static type for both generations of TypeBox's type provider. */
export type ResponseRef<T> = TUnsafe<T> & { '~unsafe': T }

/** What `errorResponses` returns: a `$ref` for each status. */
export type ErrorResponses<Code extends ErrorCode> = { [C in Code]: ResponseRef<Static<TErrorResponse<C>>> }

/**
 * References to the shared schemas, to spread into a route's `response`. Without arguments: all nine.
 *
 * They document the route and type `reply.code(…).send(…)`; they are never compiled into serializers and change no
 * status. The plugin must be registered before the route.
 *
 * @param codes some of 400, 401, 404, 422, 429, 500, 503, 504, 529
 * @returns `{ 404: { $ref: 'HumanloopNotFoundError#' }, … }`
 * @throws RangeError for any other status
 *
 * @example
 * ```ts
 * import { Type } from '@sinclair/typebox'
 * import { errorResponses } from 'fastify-humanloop-errors/schemas'
 *
 * app.get('/projects/:id', {
 *   schema: { response: { 200: Type.Object({ id: Type.String() }), ...errorResponses(404, 422) } }
 * }, async () => ({ id: 'pr_1' }))
 * ```
 */
export function errorResponses (): ErrorResponses<ErrorCode>
export function errorResponses<Code extends ErrorCode> (...codes: [Code, ...Code[]]): ErrorResponses<Code>
export function errorResponses (...codes: ErrorCode[]): Partial<ErrorResponses<ErrorCode>> {
  const listed = codes.length === 0 ? errorCodes : codes
  return Object.fromEntries(listed.map(code => {
    if (!isErrorCode(code)) {
      throw new RangeError(`errorResponses: ${String(code)} is not a status of the contract; use some of ${errorCodes.join(', ')}`)
    }
    return [code, references[code]]
  }))
}

/** One object for each status, however many routes refer to it. */
const references = Object.fromEntries(errorCodes.map(code => {
  return [code, Object.freeze({ $ref: `${errorStatuses[code].schemaId}#` })]
})) as unknown as ErrorResponses<ErrorCode>
