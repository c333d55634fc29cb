/** The headers of an error response, one row each: everything that sends, documents, explains or checks them reads it here. */
import { errorCodes, errorStatuses, type ErrorCode, type ErrorStatus } from './statuses.js'

/** One header of an error response. */
export interface ErrorHeader {
  /** The codes of the responses that have it. */
  readonly codes: readonly ErrorCode[]
  /** Who failed, where a response has it: this service, a model provider, or any of them. */
  readonly raisedBy: 'service' | 'provider' | 'anyone'
  /** True if each response of those codes to a request has it; otherwise those for which something is known. */
  readonly required: boolean
  /** The value of a header that has always the same. */
  readonly value?: string
  /** The option of the plugin that gives its value; without it no response has the header. */
  readonly option?: 'authenticate'
  readonly meaning: string
  /** The JSON Schema of its value. */
  readonly schema: { readonly type: 'string' | 'integer' } & Readonly<Record<string, unknown>>
  /** A value as a caller might see it. */
  readonly example: string | number
  /** True if the value that the app has set on the reply stays. */
  readonly yieldsToApp: boolean
  /** True if an error may bring it among its own headers. */
  readonly yieldsToError: boolean
}

/** The headers of the contract, by name. */
export const errorHeaders = {
  'content-type': {
    codes: errorCodes,
    raisedBy: 'anyone',
    required: true,
    value: 'application/json; charset=utf-8',
    meaning: 'The body is JSON, whatever was asked for.',
    schema: { type: 'string', enum: ['application/json; charset=utf-8'] },
    example: 'application/json; charset=utf-8',
    yieldsToApp: false,
    yieldsToError: false
  },
  'retry-after': {
    codes: errorCodes.filter(code => errorStatuses[code].retryAfter),
    raisedBy: 'anyone',
    required: false,
    meaning: 'Seconds until a retry may succeed; absent where nobody knows.',
    schema: { type: 'integer', minimum: 0, maximum: 3600 },
    example: 7,
    yieldsToApp: true,
    yieldsToError: false // an error has a field for it
  },
  'x-should-retry': {
    codes: [429],
    raisedBy: 'anyone',
    required: false,
    meaning: 'Present where waiting does not help: a quota is used up, or a bill is open.',
    schema: { type: 'string', enum: ['false'] },
    example: 'false',
    yieldsToApp: false,
    yieldsToError: true
  },
  'www-authenticate': {
    codes: [401],
    raisedBy: 'service',
    required: false,
    option: 'authenticate',
    meaning: 'How to authenticate, where this service asks for it: not where a provider does.',
    schema: { type: 'string' },
    example: 'Bearer',
    yieldsToApp: true,
    yieldsToError: true
  },
  'x-request-id': {
    codes: errorCodes,
    raisedBy: 'anyone',
    required: true,
    meaning: 'The id of the request, under which the log has it.',
    schema: { type: 'string' },
    example: 'req-1',
    yieldsToApp: true,
    yieldsToError: true
  },
  'x-provider-request-id': {
    codes: errorCodes,
    raisedBy: 'provider',
    required: false,
    meaning: 'The id that the model provider gave its request, where it failed and sent one.',
    schema: { type: 'string' },
    example: 'req_011CdufXo8Y2LVfY2veyuQWG',
    yieldsToApp: false,
    yieldsToError: true
  },
  'cache-control': {
    codes: errorCodes,
    raisedBy: 'anyone',
    required: true,
    value: 'no-store',
    meaning: 'No error is to be kept.',
    schema: { type: 'string', enum: ['no-store'] },
    example: 'no-store',
    yieldsToApp: false,
    yieldsToError: false
  }
} as const satisfies Record<string, ErrorHeader>

/** The name of one of these headers, in lower case. */
export type ErrorHeaderName = keyof typeof errorHeaders

/** A header with its name. */
export type NamedErrorHeader = readonly [name: ErrorHeaderName, header: ErrorHeader]

/** The headers as a list. */
export const errorHeaderRows = Object.entries(errorHeaders) as readonly NamedErrorHeader[]

/**
 * Lists the headers that responses of a status may have; a provider's only where a provider may raise it.
 *
 * @param options those of the plugin that are set
 */
export function headersDocumentedOn (code: ErrorCode, options: { readonly authenticate?: string | undefined }): NamedErrorHeader[] {
  const { providerExample }: ErrorStatus = errorStatuses[code]
  return errorHeaderRows.filter(([, { codes, raisedBy, option }]) => codes.includes(code) &&
    (raisedBy !== 'provider' || providerExample !== undefined) &&
    (option === undefined || options[option] !== undefined))
}

/** RFC 9110 §8: headers that describe the content of the response that failed, and framing that is no longer true. */
export const contentHeaders: ReadonlySet<string> = new Set([
  'etag', 'last-modified', 'expires', 'content-encoding', 'content-disposition', 'content-range', 'accept-ranges',
  'transfer-encoding', 'content-length', 'trailer'
])
