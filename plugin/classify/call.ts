/** Whether an error is that of a call to another service; to which, and what came back. */
import { providerAt } from '../providers/index.js'
import type { Circumstances } from './circumstances.js'
import { isErrorBody } from './body.js'
import { hostCalled, isUnreadable, noAnswer, noAnswerInWords, type NoAnswer } from './network.js'
import { statedStatus } from './own.js'
import { read } from './read.js'
import { hostOf, sdkOf, type Answer } from './sdks.js'

/** A call that failed. */
export interface FailedCall {
  /** The display name of the provider that was called; undefined where it is no known one. */
  readonly provider: string | undefined
  /** What came back. */
  readonly answer: Answer | undefined
  /** Why nothing came back. */
  readonly reason: NoAnswer
}

/** What is known beside the error itself. */
type Known = Pick<Circumstances, 'origin' | 'unread' | 'hostOfFailure'>

interface Link { readonly origin: string | undefined, readonly answer: Answer }

/** Whether an error states a status of its own, not that of a call: who wraps a failure in such an error has decided. */
export function decidesItself (error: object | undefined): boolean {
  return error !== undefined && sdkOf(error) === undefined && statedStatus(error) !== undefined
}

/**
 * Where the call went to, in this order: what the caller said, the host that was called (as the error tells it, or as it was
 * followed), the SDK's provider.
 *
 * @param chain the error and all behind it, the outermost first
 * @returns undefined for an error that is none of a call
 */
export function failedCall (chain: readonly object[], { origin, unread, hostOfFailure }: Known): FailedCall | undefined {
  const links = chain.map(error => linkOf(error, origin, unread)).filter(link => link !== undefined)
  const answered = links.findLast(({ answer }) => isAnswer(answer))
  const reason = noAnswer(chain) ?? (origin === undefined ? undefined : attributedReason(chain))
  if (links.length === 0 && reason === undefined) return undefined

  const link = answered ?? links[0]
  const provider = origin ?? providerOf(hostOf(link?.answer.url) ?? hostCalled(chain)) ??
    providerOf(hostOfFailure?.(answered?.answer.status)) ?? link?.origin
  return {
    provider,
    answer: answered?.answer,
    reason: reason ?? 'unreachable'
  }
}

/** What counts as a failed call only because the caller said that it was one. */
function attributedReason (chain: readonly object[]): NoAnswer | undefined {
  return chain.some(isUnreadable) ? 'unreachable' : chain.map(noAnswerInWords).find(reason => reason !== undefined)
}

function providerOf (host: string | undefined): string | undefined {
  return host === undefined ? undefined : providerAt(host)?.name
}

function linkOf (error: object, origin: string | undefined, unread: string | undefined): Link | undefined {
  const sdk = sdkOf(error)
  if (sdk !== undefined) {
    const answer = sdk.answer(error)
    return { origin: sdk.origin?.(error), answer: { ...answer, body: answer.body ?? unread } }
  }
  // attributed by its caller, any error with a status is an answer of that provider
  const status = origin === undefined ? undefined : statedStatus(error)
  if (status === undefined) return undefined
  const body = read(error, 'body') ?? read(error, 'data') ?? read(error, 'message')
  return { origin, answer: { status, headers: read(error, 'headers'), body } }
}

/** An error status, or an error inside a 200; a 200 that could not be read is no answer. */
function isAnswer ({ status, body }: Answer): boolean {
  return status !== undefined || isErrorBody(body)
}
