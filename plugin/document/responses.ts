/** The nine answers as OpenAPI writes a response: what they mean, their headers, an example of each who may raise them. */
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { codesWithRetryAfter, describeResponse } from '../../schemas/responses.js'
import { examplesOf } from './examples.js'

interface Header { readonly description: string, readonly required?: true, readonly schema: object, readonly example: unknown }

/** OpenAPI's Response Object. */
export interface Answer {
  readonly description: string
  readonly headers: Readonly<Record<string, Header>>
  readonly content: { readonly 'application/json': { readonly schema: object, readonly examples: object } }
}

export interface AnswerOptions {
  /** The name of this service. */
  readonly origin: string
  /** The value of `www-authenticate` on this service's own 401. */
  readonly authenticate?: string | undefined
  /** The `$ref` to the schema of the body. */
  readonly $ref: string
}

export function answerOf (code: ErrorCode, { origin, authenticate, $ref }: AnswerOptions): Answer {
  const { service, provider } = examplesOf(code, origin)
  return {
    description: `${describeResponse(code)}\n\n${errorStatuses[code].advice}`,
    headers: headersOf(code, authenticate),
    content: {
      'application/json': {
        schema: { $ref },
        examples: {
          service: { summary: `Raised by ${origin}`, value: service },
          ...(provider !== undefined && { provider: { summary: `Raised by ${provider.detail.origin}`, value: provider } })
        }
      }
    }
  }
}

function headersOf (code: ErrorCode, authenticate: string | undefined): Answer['headers'] {
  return structuredClone({ // in YAML, an object that stands twice becomes an anchor
    ...(codesWithRetryAfter.has(code) && { 'retry-after': retryAfter }),
    ...(code === 429 && { 'x-should-retry': shouldRetry }),
    ...(code === 401 && authenticate !== undefined && { 'www-authenticate': { description: wwwAuthenticate, schema: { type: 'string' }, example: authenticate } }),
    'x-request-id': requestId,
    ...(code !== 400 && { 'x-provider-request-id': providerRequestId }), // a provider's 400 is our 422
    'cache-control': cacheControl
  })
}

export const wwwAuthenticate = 'How to authenticate, where this service asks for it: not where a provider does.'

const retryAfter: Header = {
  description: 'Seconds until a retry may succeed; absent where nobody knows.',
  schema: { type: 'integer', minimum: 0, maximum: 3600 },
  example: 7
}

const shouldRetry: Header = {
  description: 'Present where waiting does not help: a quota is used up, or a bill is open.',
  schema: { type: 'string', enum: ['false'] },
  example: 'false'
}

const requestId: Header = {
  description: 'The id of the request, under which the log has it.',
  required: true,
  schema: { type: 'string' },
  example: 'req-1'
}

const providerRequestId: Header = {
  description: 'The id that the model provider gave its request, where it failed and sent one.',
  schema: { type: 'string' },
  example: 'req_011CdufXo8Y2LVfY2veyuQWG'
}

const cacheControl: Header = {
  description: 'No error is to be kept.',
  required: true,
  schema: { type: 'string', enum: ['no-store'] },
  example: 'no-store'
}
