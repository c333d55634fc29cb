/** The headers of an error response, and those that may not stay beside it. */
import { contentHeaders, errorHeaderRows, errorHeaders, type ErrorHeaderName, type NamedErrorHeader } from '../../schemas/headers.js'
import { read } from '../classify/read.js'
import type { ContractError } from '../errors.js'

export { contentHeaders } from '../../schemas/headers.js'

/** A header's value as Node takes it. */
export type HeaderValue = string | string[]

/** Headers by their name in lower case. */
export type ResponseHeaders = Readonly<Record<string, HeaderValue>>

/** Headers of the connection: HTTP/2 refuses a response that has one (RFC 9113 §8.2.2). */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'http2-settings', 'upgrade', 'te'
])

function nameOf ([name]: NamedErrorHeader): string {
  return name
}

/** Headers that an error may not set: the contract's own, and the connection's. */
const reserved: ReadonlySet<string> = new Set([
  ...contentHeaders, ...connectionHeaders, ...errorHeaderRows.filter(([, { yieldsToError }]) => !yieldsToError).map(nameOf), 'host', 'date'
])

/** Headers of which one that the app has set stays. */
const yielding: ReadonlySet<string> = new Set(errorHeaderRows.filter(([, { yieldsToApp }]) => yieldsToApp).map(nameOf))

/** The name of a header, RFC 9110 §5.6.2, and its value, §5.5, as Node takes them. */
export const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
export const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** True if a text may be the value of a header. */
export function isHeaderValue (text: string): boolean {
  return fieldValue.test(text)
}

/** True if Node would send a header; it throws for one that is illegal. */
function isHeader (name: string, value: unknown): boolean {
  if (!fieldName.test(name)) return false // HTTP/2's `:status` is none
  return typeof value === 'number' || (typeof value === 'string' && fieldValue.test(value)) ||
    (Array.isArray(value) && value.every(one => isHeader(name, one)))
}

/** Headers of another service's response that mean the same in ours (CONTRACT §3). */
const relayed = /^(?:retry-after|allow|vary|link|(?:x-)?ratelimit.*)$/

/** True if a header of another service's response may leave with ours. */
export function mayBeRelayed (name: string): boolean {
  return relayed.test(name)
}

/** True if a header that the app has set may leave with an error response, over this version of HTTP. */
export function mayStay (name: string, value: unknown, httpVersionMajor: number): boolean {
  if (contentHeaders.has(name) || !isHeader(name, value)) return false
  return httpVersionMajor === 2 ? !connectionHeaders.has(name) && name !== 'host' : !keepsConnection(name, value)
}

/** True for what a proxy relays of its own connection: with it Node keeps that of a client who has asked to close it. */
function keepsConnection (name: string, value: unknown): boolean {
  return name === 'keep-alive' || (name === 'connection' && String(value).toLowerCase() === 'keep-alive')
}

/**
 * A header's value as HTTP/2 takes it. Node refuses two lines there of a header that may have one; one line with both values
 * means the same (RFC 9110 §5.3), but for `set-cookie`.
 */
export function valueFor (name: string, value: unknown): unknown {
  return Array.isArray(value) && name !== 'set-cookie' ? value.join(', ') : value
}

/** True if a header that the app has set stays as it is. */
export function yieldsToApp (name: string): boolean {
  return yielding.has(name)
}

/** What the headers of an error response are made of. */
interface Parts {
  readonly error: ContractError
  /** True if this service failed, not a provider. */
  readonly isService: boolean
  readonly bodyBytes: number
  /** The option `authenticate`. */
  readonly challenge: string | undefined
  readonly requestId: string | undefined
}

/** The value of each header of the contract; undefined if nothing is known. */
const valueOf: Readonly<Record<ErrorHeaderName, (parts: Parts) => string | undefined>> = {
  'content-type': () => errorHeaders['content-type'].value,
  'cache-control': () => errorHeaders['cache-control'].value,
  'retry-after': ({ error: { retryAfter } }) => retryAfter === undefined ? undefined : String(retryAfter),
  'x-should-retry': ({ error }) => error.retryable ? undefined : 'false',
  'www-authenticate': ({ challenge }) => challenge,
  'x-request-id': ({ requestId }) => requestId !== undefined && isHeaderValue(requestId) ? requestId : undefined,
  'x-provider-request-id': ({ error }) => error.upstream?.requestId
}

/** Makes the headers of CONTRACT §1 and §7. */
export function headersOf (parts: Parts): Record<string, HeaderValue> {
  const { error, isService, bodyBytes } = parts
  const headers = headersIn(error.headers)
  headers['content-length'] = String(bodyBytes)
  for (const [name, { codes, raisedBy, yieldsToApp }] of errorHeaderRows) {
    if (!codes.includes(error.detail.code) || (raisedBy === 'service' && !isService)) continue
    if (yieldsToApp && headers[name] !== undefined) continue // the error's own
    const value = valueOf[name](parts)
    if (value !== undefined) headers[name] = value
  }
  return headers
}

/** The headers that an error brings, as far as they are legal and its to set. */
function headersIn (given: object | undefined): Record<string, HeaderValue> {
  const headers: Record<string, HeaderValue> = Object.create(null) // one may be named `__proto__`
  if (given === undefined) return headers
  for (const [key, value] of entriesOf(given)) {
    const name = key.toLowerCase()
    if (reserved.has(name)) continue
    const values = (Array.isArray(value) ? value : [value]).map(one => typeof one === 'number' ? String(one) : one)
    if (isHeader(name, values)) headers[name] = values.length === 1 ? values[0] : values
  }
  return headers
}

function entriesOf (headers: object): Array<[string, unknown]> {
  try {
    return Object.keys(headers).map(name => [name, read(headers, name)])
  } catch {
    return [] // a proxy that does not list its keys
  }
}
