/** A model provider's failure as one of the nine: its machine code, then its fixed sentences, then the HTTP status. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { errorClasses, type ContractError } from '../errors.js'
import { providerNamed, type Provider, type Sentence } from '../providers/index.js'
import { readBody, type BodyReading } from './body.js'
import { foldCode, indicative } from '../providers/codes.js'
import { headerReader, type HeaderReader } from './headers.js'
import { networkMessages, type NoAnswer } from './network.js'
import { unansweredCode } from './own.js'
import { retryAfter } from './retry.js'
import type { Answer } from './sdks.js'
import { providerCode } from './status.js'

/** Where providers put their id of the request, in order of preference; the body comes before `cf-ray`. */
const requestIdHeaders = [
  'x-request-id', 'request-id', 'x-amzn-requestid', 'apim-request-id', 'x-ms-request-id', 'opc-request-id',
  'x-generation-id', 'mistral-correlation-id', 'msh-request-id', 'x-litellm-call-id', 'x-b3-traceid'
] as const

/**
 * An answer that a provider gave.
 *
 * @param origin the provider's display name
 * @param answer `status` is undefined for an error inside a 200 or a stream
 * @param cause what was thrown, for the log
 */
export function answeredError (origin: string, answer: Omit<Answer, 'url'>, cause?: unknown): ContractError {
  const provider = providerNamed(origin)
  const header = headerReader(answer.headers)
  const body = readBody(answer.body)
  const codes = machineCodes(header, body)
  const status = answer.status
  const code = decided(provider, codes, status, body)
  return new errorClasses[code](body.message, {
    origin,
    retryAfter: retryAfter(header) ?? body.retryAfter,
    retryable: code === 429 && isIncurable(provider, header, codes, status, body) ? false : undefined,
    upstream: { status, requestId: requestId(header, body) },
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

function requestId (header: HeaderReader, body: BodyReading): string | undefined {
  return requestIdHeaders.map(name => header(name)).find(value => value !== undefined) ?? body.requestId ?? header('cf-ray')
}
