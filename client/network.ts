/** Calls that have no answer, or half of one. */
import { ApiError } from './api-error.js'
import { field, textOf } from './field.js'
import { sentenceIn } from './sentence.js'

/**
 * What `fetch` or the reading of a body threw, as an error of the contract: unreachable and cut are 503; a time limit, which
 * undici tells in the cause, is 504.
 *
 * @param response the answer that broke off
 */
export function networkError (error: unknown, response?: Response): ApiError {
  const isTimeout = [error, field(error, 'cause')].some(link => /TimeoutError$/.test(textOf(link, 'name')))
  return new ApiError(isTimeout ? 504 : 503, (response ? 'The stream was cut: ' : '') + sentenceIn(error), { response, cause: error })
}
