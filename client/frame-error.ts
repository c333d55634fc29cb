/** Tells the frames that are errors, in any of the dialects of streams, and reads them. */
import { ownCode } from '../schemas/service-status.js'
import { errorTypes, type ErrorCode } from '../schemas/codes.js'
import { ApiError } from './api-error.js'
import { holdsDetail } from './envelope.js'
import { field, textOf } from './field.js'
import { sentenceIn } from './sentence.js'

/** Words that tell which of the nine it is: their types, and what other servers say for them. */
const words = new Map<unknown, ErrorCode>([
  ...Object.entries(errorTypes).map(([code, type]) => [type, Number(code) as ErrorCode] as const),
  ['invalid_request_error', 400],
  ['permission_error', 401],
  ['rate_limit_exceeded', 429]
])

/**
 * @param frame its data parsed
 * @param response the answer that is streamed
 * @returns undefined for a frame that is no error
 */
export function errorIn ({ event, data }: { event: string, data: unknown }, response: Response): ApiError | undefined {
  const error = field(data, 'error')
  const ours = [error, field(data, 'detail')].find(holdsDetail)
  if (ours) return new ApiError(ours.code, ours.message, { origin: ours.origin, response })
  if (error || event === 'error' || /^(error|response\.failed)$/.test(textOf(data, 'type'))) {
    return foreignError(error ?? field(field(data, 'response'), 'error') ?? data, response)
  }
  return undefined
}

/** An error in another server's words. */
function foreignError (error: unknown, response: Response): ApiError {
  const code = field(error, 'code')
  const named = words.get(field(error, 'type')) ?? words.get(code)
  return new ApiError(named ?? ownCode(Number(code) || Number(field(error, 'status'))), sentenceIn(error), { response })
}
