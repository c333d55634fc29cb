/** Whether an error is that of a call to another service; to which, and what came back. */
import { providerAt } from '../providers/index.js'
import { hostCalled, noAnswer, type NoAnswer } from './network.js'
import { statedStatus } from './own.js'
import { read, readText } from './read.js'
import { hostOf, sdkOf, type Answer, type Sdk } from './sdks.js'

/** A call that failed. */
export interface FailedCall {
  /** The display name of the provider that was called; undefined where it is no known one. */
  readonly provider: string | undefined
  /** What came back. */
  readonly answer: Answer | undefined
  /** Why nothing came back. */
  readonly reason: NoAnswer
}

interface Link { readonly sdk: Sdk | undefined, readonly answer: Answer }

/** Whether an error states a status of its own, not that of a call: who wraps a failure in such an error has decided. */
export function decidesItself (error: object | undefined): boolean {
  return error !== undefined && sdkOf(error) === undefined && statedStatus(error) !== undefined
}

/**
 * @param chain the error and all behind it, the outermost first
 * @param origin the provider that was called, where the caller said it
 * @returns undefined for an error that is none of a call
 */
export function failedCall (chain: readonly object[], origin: string | undefined): FailedCall | undefined {
  const links = chain.map(error => linkOf(error, origin)).filter(link => link !== undefined)
  const answered = links.findLast(({ answer }) => isAnswer(answer))
  const reason = noAnswer(chain) ?? (origin !== undefined && chain.some(isUnreadable) ? 'unreachable' : undefined)
  if (links.length === 0 && reason === undefined) return undefined

  const link = answered ?? links[0]
  const host = hostOf(link?.answer.url) ?? hostCalled(chain)
  return {
    provider: origin ?? (host === undefined ? undefined : providerAt(host)?.name) ?? link?.sdk?.origin,
    answer: answered?.answer,
    reason: reason ?? 'unreachable'
  }
}

function linkOf (error: object, origin: string | undefined): Link | undefined {
  const sdk = sdkOf(error)
  if (sdk !== undefined) return { sdk, answer: sdk.answer(error) }
  // attributed by its caller, any error with a status is an answer of that provider
  const status = origin === undefined ? undefined : statedStatus(error)
  if (status === undefined) return undefined
  const body = read(error, 'body') ?? read(error, 'data') ?? read(error, 'message')
  return { sdk, answer: { status, headers: read(error, 'headers'), body } }
}

function isAnswer ({ status, body }: Answer): boolean {
  return status !== undefined || (body !== undefined && body !== null)
}

/** The answer was no JSON. */
function isUnreadable (error: object): boolean {
  return readText(error, 'name') === 'SyntaxError' && /\bJSON\b/.test(readText(error, 'message') ?? '')
}
