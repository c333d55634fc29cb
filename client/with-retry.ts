/** Repeats a call as the contract allows, within a budget of attempts and time. */
import { ApiError } from './api-error.js'
import { textOf } from './field.js'
import { networkError } from './network.js'
import { errorOf } from './read-error.js'

/** The longest wait before the second attempt, in seconds; it doubles with each. */
const firstWait = 0.5

/** The longest wait that no answer asked for, in seconds. */
const longestWait = 8

/** The longest time that a timer can take, in milliseconds: 24 days. More would fire at once. */
const longestTimer = 2 ** 31 - 1

/** One failed attempt that will be repeated. */
export interface Retry {
  /** Which attempt failed: 1 is the first. */
  attempt: number
  /** How long the next one is waited for, in milliseconds. */
  delayMs: number
  error: ApiError
}

export interface RetryOptions {
  /** How many calls are made at most, the first included. Default: 3. */
  attempts?: number | undefined
  /** How long all of it may take, in milliseconds: calls and waits. Default: 24 days, the longest that a timer can take. */
  budgetMs?: number | undefined
  /**
   * The longest wait before an attempt, in milliseconds. Where an answer asks for a longer one, its error is thrown at once:
   * coming back earlier than that is in vain. Default: a minute.
   */
  waitMs?: number | undefined
  /** Ends calls and waits with its reason. */
  signal?: AbortSignal | undefined
  /** Called before each wait. */
  onRetry?: ((retry: Retry) => void) | undefined
}

/**
 * Calls until an answer is a success, as often as it is worth it.
 *
 * Repeated are the answers that the contract calls worth retrying (429, 500, 503, 504, 529, unless they carry
 * `x-should-retry: false`), calls that failed in the network (`fetch` throws a TypeError, so every TypeError counts), and an
 * `AbortSignal.timeout` within `fn`. The wait is what `retry-after` says, else a random part of 0.5 s, 1 s, 2 s … 8 s.
 *
 * The budget holds whatever `fn` does. A wait that does not fit into what is left of it, or that is longer than `waitMs`,
 * is not begun.
 *
 * @param fn makes one call; it is given a signal that it should hand on to `fetch`
 * @returns the first answer with a status below 400, its body unread
 * @throws the last ApiError, its `gaveUp` telling whether `attempts`, `wait` or `budget` were the reason not to go on;
 *   a `timeout_error` where the budget ended during a call; the reason of an abort; TypeError and RangeError for a wrong
 *   option; anything else that `fn` throws, at once
 * @example
 * ```ts
 * import { withRetry } from 'fastify-humanloop-errors/client'
 *
 * const response = await withRetry(signal => fetch(url, { signal }), {
 *   attempts: 4,
 *   budgetMs: 30_000,
 *   onRetry: ({ attempt, delayMs, error }) => console.warn(`${error.message} Trying again in ${delayMs} ms (${attempt} of 4).`)
 * })
 * response.ok // true
 * ```
 */
export async function withRetry (fn: (signal: AbortSignal) => Response | Promise<Response>, options: RetryOptions = {}): Promise<Response> {
  const {
    attempts = 3, budgetMs = longestTimer, waitMs = 60_000, signal = new AbortController().signal, onRetry = () => {}
  } = options
  check('fn', fn, typeof fn === 'function')
  check('attempts', attempts, Number.isInteger(attempts) && attempts > 0)
  check('budgetMs', budgetMs, budgetMs > 0 && budgetMs <= longestTimer)
  check('waitMs', waitMs, waitMs > 0)
  check('signal', signal, signal instanceof AbortSignal)
  check('onRetry', onRetry, typeof onRetry === 'function')

  const end = performance.now() + budgetMs
  const budget = new AbortController()
  // no listener on the caller's signal; it still ends the body of the answer that is returned
  const either = AbortSignal.any([signal, budget.signal])
  let failure: ApiError | undefined
  let endOfWait: ReturnType<typeof setTimeout> | undefined
  let onAbort!: () => void
  const endOfBudget = setTimeout(() => {
    budget.abort(gaveUp('budget', new ApiError(504, `There was no answer within ${budgetMs} ms.`, { cause: failure })))
  }, budgetMs)
  const aborted = new Promise<never>((_resolve, reject) => {
    either.addEventListener('abort', onAbort = () => reject(either.reason))
  })
  try {
    for (let attempt = 1; ; attempt++) {
      either.throwIfAborted()
      try {
        return await Promise.race([answerOf(fn, either), aborted])
      } catch (error) {
        either.throwIfAborted()
        if (!(error instanceof ApiError && error.retryable)) throw error
        failure = error
      }
      const seconds = failure.retryAfter ?? Math.random() * Math.min(longestWait, waitMs / 1000, firstWait * 2 ** (attempt - 1))
      const delayMs = Math.ceil(seconds * 1000)
      if (attempt === attempts) throw gaveUp('attempts', failure)
      if (delayMs > waitMs) throw gaveUp('wait', failure)
      if (performance.now() + delayMs >= end) throw gaveUp('budget', failure)
      onRetry({ attempt, delayMs, error: failure })
      await Promise.race([new Promise(resolve => { endOfWait = setTimeout(resolve, delayMs) }), aborted])
    }
  } finally {
    clearTimeout(endOfBudget)
    clearTimeout(endOfWait)
    either.removeEventListener('abort', onAbort)
  }
}

/** The answer of one call that is a success; anything else is thrown, failures of the call as ApiErrors. */
async function answerOf (fn: (signal: AbortSignal) => Response | Promise<Response>, signal: AbortSignal): Promise<Response> {
  let response
  try {
    response = await fn(signal)
  } catch (error) {
    throw /^T(ype|imeout)Error$/.test(textOf(error, 'name')) ? networkError(error) : error
  }
  // an answer that comes after the end is read by nobody: it is discarded, too
  if (response.status < 400 && !signal.aborted) return response
  throw await errorOf(response, signal)
}

function gaveUp (reason: NonNullable<ApiError['gaveUp']>, error: ApiError): ApiError {
  error.gaveUp = reason
  return error
}

function check (name: string, value: unknown, isRight: boolean): void {
  if (!isRight) throw new (typeof value === 'number' ? RangeError : TypeError)(`withRetry: ${name} must not be ${String(value)}`)
}
