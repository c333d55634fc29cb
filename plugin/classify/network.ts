/** Calls without a response: refused, lost, unreadable, too late, aborted; and the one message that callers get for each. */
import { read, readText } from './read.js'

/** Why there is no response. */
export type NoAnswer = 'unreachable' | 'lost' | 'unreadable' | 'timeout' | 'aborted'

/**
 * What a caller is told, whatever the client library said: its words name internal hosts, certificates and files, and
 * differ from library to library. They go to the log. A call that was aborted while its caller waited took too long.
 */
export const networkMessages: Readonly<Record<NoAnswer, (provider: string) => string>> = {
  unreachable: provider => `${provider} could not be reached.`,
  lost: provider => `The connection to ${provider} was lost before its response was complete.`,
  unreadable: provider => `${provider} sent a response that could not be read.`,
  timeout: provider => `${provider} did not respond in time.`,
  aborted: provider => `${provider} did not respond in time.`
}

const codes: Readonly<Record<NoAnswer, readonly string[]>> = {
  unreachable: [
    'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN',
    'EADDRNOTAVAIL', 'EPROTO',
    // Bun
    'ConnectionRefused', 'FailedToOpenSocket'
  ],
  lost: [
    'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    // Bun
    'ConnectionClosed'
  ],
  unreadable: ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR_BODY_PARSE_FAILURE'],
  timeout: [
    'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ECONNABORTED', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'
  ],
  aborted: ['UND_ERR_ABORTED', 'ABORT_ERR', 'ERR_CANCELED']
}

const byCode: ReadonlyMap<string, NoAnswer> = new Map(Object.entries(codes).flatMap(([reason, list]) =>
  list.map(code => [code, reason as NoAnswer] as const)))

/** Codes that come in families: TLS certificates and OpenSSL, HTTP/2, the HTTP parser. */
const families: ReadonlyArray<readonly [RegExp, NoAnswer]> = [
  [/^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/, 'unreachable'],
  [/^ERR_HTTP2_/, 'lost'],
  [/^HPE_/, 'unreadable']
]

const byName: ReadonlyMap<string, NoAnswer> = new Map([
  ['TimeoutError', 'timeout'],
  ['AbortError', 'aborted']
])

/** Fixed messages of HTTP clients whose errors carry no code; they survive minification, names do not. */
const byMessage: ReadonlyMap<string, NoAnswer> = new Map([
  // Stainless SDKs: openai, @anthropic-ai/sdk, groq-sdk, together-ai
  ['Connection error.', 'unreachable'],
  ['Request timed out.', 'timeout'],
  ['Request was aborted.', 'aborted'],
  // cohere-ai
  ['"timeout"', 'timeout'],
  ['The user aborted a request', 'aborted'],
  // @aws-sdk
  ['Unexpected error: http2 request did not get a response', 'lost'],
  // fetch: Node's, Bun's
  ['fetch failed', 'unreachable'],
  ['terminated', 'lost'],
  ['Unable to connect. Is the computer able to access the url?', 'unreachable']
])

/** Beginnings of such messages, where an address or a cause follows: Deno's fetch. The first that matches is it. */
const byBeginning: ReadonlyArray<readonly [beginning: string, includes: string, reason: NoAnswer]> = [
  ['error sending request', 'client error (SendRequest)', 'lost'],
  ['error sending request', '', 'unreachable'],
  ['error reading a body from connection', '', 'lost']
]

/** Node's own words, which errors of libraries take over without the code: `connect ECONNREFUSED 127.0.0.1:9200`. */
const systemCall = /\b(?:connect|getaddrinfo|read|write) (E[A-Z_]{3,20})\b/

/** How much of a message is looked at. */
const lookedAt = 512

/** True if a text is what an HTTP client says of its connection, not what a provider says. */
export function isNetworkSentence (text: string | undefined): boolean {
  return text !== undefined && byMessage.has(text)
}

/** What one link of a chain of errors says. */
function told (link: object): NoAnswer | undefined {
  const code = readText(link, 'code')
  if (code !== undefined) {
    // a mistake in how HTTP/2 or TLS is used has a code of the family, too
    const known = byCode.get(code) ?? (isProgrammingError(link) ? undefined : families.find(([family]) => family.test(code))?.[1])
    if (known !== undefined) return known
  }
  // the message before the name: AWS's SDK calls a reset a TimeoutError
  const message = (readText(link, 'message') ?? '').slice(0, lookedAt)
  const name = readText(link, 'name') ?? 'Error'
  return byMessage.get(message) ??
    byBeginning.find(([beginning, includes]) => message.startsWith(beginning) && message.includes(includes))?.[2] ??
    byName.get(name) ?? (name === 'Error' ? undefined : byCode.get(systemCall.exec(message)?.[1] ?? ''))
}

/**
 * Finds out why a call got no response, as the innermost error of its chain tells that tells anything.
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

/** Words of SDKs for which there is no row, looked at only where the caller said that it was a provider's call. */
const phrases: ReadonlyArray<readonly [RegExp, NoAnswer]> = [
  [/\btime(?:d[ -]?| ?-?)out\b/i, 'timeout'],
  [/\bconnection (?:reset|closed|aborted)\b/i, 'lost'],
  [/\bconnection (?:error|refused)\b/i, 'unreachable']
]

/** Errors by which a language tells a mistake in a program; no call fails like this. */
const programming: ReadonlySet<string> = new Set([
  'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError', 'AssertionError'
])

/** True if an error is a mistake in a program, by its name. */
export function isProgrammingError (error: unknown): boolean {
  return programming.has(readText(error, 'name') ?? '')
}

/** Why a call got no response, as the words of its error tell; undefined for a mistake in the program. */
export function noAnswerInWords (error: object): NoAnswer | undefined {
  if (isProgrammingError(error)) return undefined
  const message = (readText(error, 'message') ?? '').slice(0, lookedAt)
  return phrases.find(([phrase]) => phrase.test(message))?.[1]
}

/** Errors of readers: of @mistralai/mistralai and @openrouter/sdk where their schema does not know an event; of the AI SDK. */
const readers: ReadonlySet<string> = new Set([
  'ZodError', 'AI_JSONParseError', 'AI_EmptyResponseBodyError', 'AI_InvalidResponseDataError', 'AI_InvalidStreamPartError'
])

/**
 * True if a response was no JSON, or none that the SDK's schema knows; cohere-ai 8 does not throw then, but resolves with
 * what it says of it.
 */
export function isUnreadable (error: object): boolean {
  const name = readText(error, 'name') ?? ''
  return readers.has(name) || (name === 'SyntaxError' && /\bJSON\b/.test(readText(error, 'message') ?? '')) ||
    readText(error, 'reason') === 'non-json'
}

/** The host that was called, where a network error tells it. */
export function hostCalled (chain: readonly object[]): string | undefined {
  for (const link of chain) {
    const hostname = readText(link, 'hostname')
    if (hostname !== undefined && read(link, 'syscall') !== undefined) return hostname
  }
  return undefined
}
