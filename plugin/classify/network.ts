/** Calls that got no answer: refused, reset, unresolved, timed out, aborted. */
import { read, readText } from './read.js'

/** Why no answer came. */
export type NoAnswer = 'unreachable' | 'timeout' | 'aborted'

const unreachable = [
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EHOSTUNREACH', 'EHOSTDOWN',
  'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EPROTO', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED',
  'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  // bodies that cannot be decoded
  'Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR_BODY_PARSE_FAILURE'
] as const

const timeout = [
  'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ECONNABORTED', 'ERR_SOCKET_CONNECTION_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'
] as const

const aborted = ['UND_ERR_ABORTED', 'ABORT_ERR', 'ERR_CANCELED'] as const

const byCode: ReadonlyMap<string, NoAnswer> = new Map([
  ...unreachable.map(code => [code, 'unreachable'] as const),
  ...timeout.map(code => [code, 'timeout'] as const),
  ...aborted.map(code => [code, 'aborted'] as const)
])

/** Codes that come in families: TLS certificates, OpenSSL, the HTTP parser, HTTP/2. */
const unreachableFamilies = /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_HTTP2_|HPE_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

const byName: ReadonlyMap<string, NoAnswer> = new Map([
  ['TimeoutError', 'timeout'],
  ['AbortError', 'aborted']
])

/** Fixed sentences of HTTP clients whose errors carry no code; they survive minification, names do not. */
const byMessage: ReadonlyMap<string, NoAnswer> = new Map([
  // Stainless SDKs: openai, @anthropic-ai/sdk, groq-sdk, together-ai
  ['Connection error.', 'unreachable'],
  ['Request timed out.', 'timeout'],
  ['Request was aborted.', 'aborted'],
  // cohere-ai
  ['"timeout"', 'timeout'],
  ['The user aborted a request', 'aborted'],
  // @aws-sdk
  ['Unexpected error: http2 request did not get a response', 'unreachable'],
  // fetch
  ['fetch failed', 'unreachable'],
  ['terminated', 'unreachable']
])

/** Whether a text is what an HTTP client says of its connection, not what a provider says. */
export function isNetworkSentence (text: string | undefined): boolean {
  return text !== undefined && byMessage.has(text)
}

/** What one link of a chain of errors says. */
function told (link: object): NoAnswer | undefined {
  const code = readText(link, 'code')
  if (code !== undefined) {
    const known = byCode.get(code) ?? (unreachableFamilies.test(code) ? 'unreachable' : undefined)
    if (known !== undefined) return known
  }
  // the sentence before the name: AWS's SDK calls a reset a TimeoutError
  return byMessage.get(readText(link, 'message') ?? '') ?? byName.get(readText(link, 'name') ?? '')
}

/**
 * Why a call got no answer, as the innermost error of its chain tells that tells anything.
 *
 * @param chain the outermost error first
 */
export function noAnswer (chain: readonly object[]): NoAnswer | undefined {
  for (const link of chain.toReversed()) {
    const reason = told(link)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Sentences of SDKs for which there is no row, looked at only where the caller said that it was a provider's call. */
const phrases: ReadonlyArray<readonly [RegExp, NoAnswer]> = [
  [/\btime(?:d[ -]?| ?-?)out\b/i, 'timeout'],
  [/\bconnection (?:error|refused|reset|closed|aborted)\b/i, 'unreachable']
]

/** Errors by which a language tells a mistake in a program; no call fails like this. */
const programming: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError', 'AssertionError'])

/** Why a call got no answer, as the words of its error tell; undefined for a mistake in the program. */
export function noAnswerInWords (error: object): NoAnswer | undefined {
  if (programming.has(readText(error, 'name') ?? '')) return undefined
  const message = (readText(error, 'message') ?? '').slice(0, 512)
  return phrases.find(([phrase]) => phrase.test(message))?.[1]
}

/**
 * The answer was no JSON, or none that the SDK's schema knows (@mistralai/mistralai, @openrouter/sdk of an error in a stream);
 * cohere-ai 8 does not throw then, but resolves with what it says of it.
 */
export function isUnreadable (error: object): boolean {
  return readText(error, 'name') === 'ZodError' || (readText(error, 'name') === 'SyntaxError' && /\bJSON\b/.test(readText(error, 'message') ?? '')) || readText(error, 'reason') === 'non-json'
}

/** The host that was called, where a network error tells it. */
export function hostCalled (chain: readonly object[]): string | undefined {
  for (const link of chain) {
    const hostname = readText(link, 'hostname')
    if (hostname !== undefined && read(link, 'syscall') !== undefined) return hostname
  }
  return undefined
}

/**
 * What a client library said of a call without an answer, where it is a sentence for a human: no bare code, no address, no
 * piece of the answer that could not be read.
 */
export function clientSentence (error: unknown): string | undefined {
  const message = readText(error, 'message')
  return message !== undefined && message.includes(' ') && !/[{}<>]|\bJSON\b|\bE[A-Z]{4,}\b|\d{1,3}(?:\.\d{1,3}){3}|\b[A-Z]\w*Error\b/.test(message) ? message : undefined
}
