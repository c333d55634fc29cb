/** A ContractError among what was thrown: itself, a copy with the origin that its caller gave it, or another copy's. */
import { ContractError, errorClasses, type ContractErrorOptions } from '../errors.js'
import { isErrorCode } from '../../schemas/statuses.js'
import { copyHeaders } from './headers.js'
import { isObject, read, readStatus, readText } from './read.js'

/**
 * The outermost ContractError of a chain. It keeps an origin that it has.
 *
 * @param origin what one without an origin is given
 */
export function contractErrorIn (chain: readonly object[], origin: string | undefined): ContractError | undefined {
  const error = chain.find(link => link instanceof ContractError)
  if (error === undefined) return undefined
  if (ContractError.isOwn(error) && (error.hasOrigin || origin === undefined)) return error
  return rebuilt(error, origin)
}

/** The fields of an error of another copy of this package are not trusted: they are read one by one. */
function rebuilt (error: object, origin: string | undefined): ContractError {
  const detail = read(error, 'detail')
  const code = read(error, 'statusCode')
  const retryable = read(error, 'retryable')
  const upstream = read(error, 'upstream')
  return new errorClasses[isErrorCode(code) ? code : 500](readText(detail, 'message'), {
    origin: read(error, 'hasOrigin') === true ? readText(detail, 'origin') : origin,
    retryAfter: read(error, 'retryAfter') as ContractErrorOptions['retryAfter'],
    retryable: typeof retryable === 'boolean' ? retryable : undefined,
    headers: copyHeaders(read(error, 'headers')),
    upstream: isObject(upstream) ? { status: readStatus(upstream, 'status'), requestId: readText(upstream, 'requestId') } : undefined,
    cause: read(error, 'cause')
  })
}
