/** Says which provider a piece of code calls: an OpenAI SDK that points at DeepSeek says nothing of it by itself. */
import { ContractError } from '../errors.js'
import { classify } from './index.js'
import { unreadBody, unreadResponse } from './unread.js'

/**
 * What fails inside is a failure of that provider: its HTTP answers, network failures and timeouts. A programming error
 * stays what it is, and so does a ContractError that has its origin.
 *
 * @param origin the provider's name or id; a name that is not known is used as it is
 * @param work a promise, or a function that is called at once
 * @returns what `work` resolves to
 * @throws ContractError with that origin, the error that was thrown as its `cause`
 * @example
 * ```ts
 * import { withOrigin } from 'fastify-humanloop-errors'
 *
 * const deepseek = new OpenAI({ baseURL: 'https://api.deepseek.com', apiKey: 'key' })
 * app.get('/models', async () => withOrigin('deepseek', () => deepseek.models.list()))
 * ```
 */
export async function withOrigin<T> (origin: string, work: PromiseLike<T> | (() => PromiseLike<T> | T)): Promise<T> {
  try {
    return await (typeof work === 'function' ? work() : work)
  } catch (thrown) {
    const response = unreadResponse(thrown)
    const error = classify(thrown, { origin, unread: response && await unreadBody(response) })
    throw error.hasOrigin || thrown instanceof ContractError ? error : thrown
  }
}
