/** A model provider's failure as one of the nine: its machine code, then its fixed sentences, then the HTTP status. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError } from '../errors.js'
import { builtInRegistry, providerNamed, type Provider, type Registry, type Sentence } from '../providers/index.js'
import { readBody, type BodyReading } from './body.js'
import { foldCode, indicative } from '../providers/codes.js'
import { headerReader, type HeaderReader } from './headers.js'
import { networkMessages, type NoAnswer } from './network.js'
import { unansweredCode } from './own.js'
import { retryAfter } from './retry.js'
import type { Answer } from './sdks.js'
import { providerCode } from './status.js'

/**
 * An answer that a provider gave.
 *
 * @param origin the provider's display name
 * @param answer `status` is undefined for an error inside a 200 or a stream
 * @param known the providers that are known, and what was thrown, for the log
 */
export function answeredError (
  origin: string, answer: Omit<Answer, 'url'>, known: { registry?: Registry | undefined, cause?: unknown } = {}
): ContractError {
  const { registry = builtInRegistry(), cause } = known
  const provider = providerNamed(origin, registry)
  const header = headerReader(answer.headers)
  const body = readBody(answer.body, registry)
  const codes = machineCodes(header, body)
  const status = answer.status
  const code = decided(provider, codes, status, body)
  return new errorClasses[code](body.message, {
    origin,
    retryAfter: retryAfter(header, registry.buckets) ?? body.retryAfter,
    retryable: code === 429 && isIncurable(provider, header, codes, status, body) ? false : undefined,
    upstream: { status, requestId: requestId(header, body, provider, registry) },
    cause
  })
}

/** A call to a provider that got no response. */
export function unansweredError (origin: string, reason: NoAnswer, cause?: unknown): ContractError {
  return new errorClasses[unansweredCode(reason)](networkMessages[reason](origin), { origin, upstream: {}, cause })
}

/** Headers that hold a machine code: AWS, Hugging Face. */
const codeHeaders = ['x-amzn-errortype', 'x-error-code'] as const

function machineCodes (header: HeaderReader, body: BodyReading): string[] {
  const inHeaders = codeHeaders.map(name => header(name)).filter(code => code !== undefined)
  return [...inHeaders, ...body.codes].map(foldCode)
}

function decided (provider: Provider, codes: readonly string[], status: number | undefined, body: BodyReading): ErrorCode {
  for (const code of codes) {
    const answer = provider.decisive.get(code)
    if (answer !== undefined) return answer
    if (provider.exhausted.has(code)) return status === undefined || status === 429 ? 429 : 401
  }
  const fixed = sentenceFor(provider, status, body)
  if (fixed !== undefined) return fixed.code
  if (status !== undefined) return provider.statuses?.[status] ?? providerCode(status)
  const indicated = codes.map(code => indicative.get(code)).find(answer => answer !== undefined)
  if (indicated !== undefined) return indicated
  return body.status === undefined ? 500 : providerCode(body.status)
}

function sentenceFor (provider: Provider, status: number | undefined, { message = '' }: BodyReading): Sentence | undefined {
  return provider.sentences?.find(sentence => sentence.status === status && message.startsWith(sentence.startsWith) &&
    message.includes(sentence.includes ?? ''))
}

/** Whether waiting does not cure a 429: a quota used up, a bill not paid, or one request that is over the limit by itself. */
function isIncurable (provider: Provider, header: HeaderReader, codes: readonly string[], status: number | undefined, body: BodyReading): boolean {
  return header('x-should-retry') === 'false' || status === 413 || codes.some(code => provider.exhausted.has(code)) ||
    sentenceFor(provider, status, body)?.retryable === false
}

/** Finds the provider's id of the request: in a header of its own, one that others have, the body, and last in Cloudflare's. */
function requestId (header: HeaderReader, body: BodyReading, { requestIdHeaders = [] }: Provider, registry: Registry): string | undefined {
  const names = [...requestIdHeaders, ...registry.requestIdHeaders]
  return names.map(name => header(name)).find(value => value !== undefined) ?? body.requestId ?? header('cf-ray')
}
