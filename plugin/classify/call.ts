/** Finds the failed outgoing call behind an error: to whom it went, and what came back. */
import { providerAt, type Registry } from '../providers/index.js'
import type { Circumstances } from './circumstances.js'
import { isErrorBody } from './body.js'
import { hostCalled, isUnreadable, noAnswer, noAnswerInWords, type NoAnswer } from './network.js'
import { statedStatus } from './own.js'
import { read } from './read.js'
import { hostOf, isMistake, providerOfClass, sdkOf, type Answer, type Reader } from './sdks.js'

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
type Known = Pick<Circumstances, 'origin' | 'unread' | 'hostOfFailure'> & { readonly registry: Registry }

/** One error of a chain, how to read what its SDK or client says, and the provider that its class tells. */
export interface Link { readonly error: object, readonly sdk: Reader | undefined, readonly provider: string | undefined }

/** What one link says of the call. */
interface Said { readonly origin: string | undefined, readonly answer: Answer }

/** The links of a chain of errors; what stands behind a mistake in how an SDK was used is that mistake's detail. */
export function linksOf (chain: readonly object[], registry: Registry): { links: Link[], isMistaken: boolean } {
  const mistake = chain.findIndex(isMistake)
  const calls = mistake === -1 ? chain : chain.slice(0, mistake + 1)
  const links = calls.map(error => {
    const provider = providerOfClass(error, registry)
    return { error, sdk: sdkOf(error, registry, provider), provider }
  })
  return { links, isMistaken: mistake !== -1 }
}

/**
 * Where the call went to, in this order: what the caller said, the host that was called (as the error tells it, or as it was
 * followed), the SDK's provider.
 *
 * @param links the error and all behind it, the outermost first
 * @returns undefined for an error that is none of a call
 */
export function failedCall (links: readonly Link[], { origin, unread, hostOfFailure, registry }: Known): FailedCall | undefined {
  const chain = links.map(({ error }) => error)
  const said = links.map(link => saidBy(link, origin, unread)).filter(one => one !== undefined)
  const answered = said.findLast(({ answer }) => isAnswer(answer))
  const reason = noAnswer(chain) ?? (said.length > 0 || origin !== undefined ? inWords(chain) : undefined)
  if (said.length === 0 && reason === undefined) return undefined

  const one = answered ?? said[0]
  const provider = origin ?? providerOf(hostOf(one?.answer.url) ?? hostCalled(chain), registry) ??
    providerOf(hostOfFailure?.(answered?.answer.status), registry) ?? one?.origin
  return { provider, answer: answered?.answer, reason: reason ?? 'unreachable' }
}

/** What tells why a call failed only where it is known that it was one. */
function inWords (chain: readonly object[]): NoAnswer | undefined {
  return chain.some(isUnreadable) ? 'unreadable' : chain.map(noAnswerInWords).find(reason => reason !== undefined)
}

function providerOf (host: string | undefined, registry: Registry): string | undefined {
  return host === undefined ? undefined : providerAt(host, registry)
}

function saidBy ({ error, sdk, provider }: Link, origin: string | undefined, unread: string | undefined): Said | undefined {
  if (sdk !== undefined) {
    const answer = sdk.answer(error)
    return { origin: sdk.origin ?? provider, answer: { ...answer, body: answer.body ?? unread } }
  }
  // attributed by its caller or by its class, any error with a status is a response of that provider
  const status = (origin ?? provider) === undefined ? undefined : statedStatus(error)
  if (status === undefined) return undefined
  return { origin: origin ?? provider, answer: { status, headers: read(error, 'headers'), body: read(error, 'data') ?? read(error, 'message') } }
}

/** An error status, or an error inside a 200; a 200 that could not be read is no answer. */
function isAnswer ({ status, body }: Answer): boolean {
  return status !== undefined || isErrorBody(body)
}
