/** The table of nine: every error answer is one of these rows, and everything else is derived from them. */
import { errorTypes, type ErrorCode } from './codes.js'

export { isErrorCode, type ErrorCode, type ErrorType } from './codes.js'

/** One row of the table: what an error answer with this status means. */
export interface ErrorStatus {
  /** HTTP status, and the `code` of the body. */
  readonly code: number
  /** The `type` of the body; fixed by `code`. */
  readonly type: string
  /** Id of the shared schema: the component's name in OpenAPI documents, the class's in generated clients. */
  readonly schemaId: string
  readonly title: string
  /** What the answer means; the message of an error that says nothing fit to be shown. */
  readonly description: string
  /** True if waiting may help (not: if repeating is harmless). */
  readonly retryable: boolean
  /** True if the response says after how many seconds, in `retry-after`, if that is known. */
  readonly retryAfter: boolean
  /** True if a POST may have taken effect all the same. */
  readonly mayHaveTakenEffect: boolean
  /** What the caller can do about it. */
  readonly advice: string
  /** A message as a caller might see it, raised by this service. */
  readonly example: string
  /** A message as a caller might see it, raised by a model provider; none for 400, as a provider's 400 is our 422. */
  readonly providerExample?: { readonly message: string, readonly origin: string }
}

/**
 * The nine answers by HTTP status.
 *
 * Titles and meanings follow Humanloop's API reference.
 *
 * @example
 * ```ts
 * import { errorStatuses } from 'fastify-humanloop-errors/schemas'
 *
 * errorStatuses[429].type // 'rate_limit_error'
 * errorStatuses[429].retryable // true
 * ```
 */
export const errorStatuses = {
  400: {
    code: 400,
    type: errorTypes[400],
    schemaId: 'HumanloopBadRequestError',
    title: 'Bad request',
    description: 'The request was improperly formatted or presented.',
    retryable: false,
    retryAfter: false,
    mayHaveTakenEffect: false,
    advice: 'Correct the request as the message says: its JSON, content type, size, headers or path.',
    example: "Body is not valid JSON but content-type is set to 'application/json'"
  },
  401: {
    code: 401,
    type: errorTypes[401],
    schemaId: 'HumanloopAuthenticationError',
    title: 'Authentication issue',
    description: 'The API key is incorrect or missing, or the user has no right to the resource.',
    retryable: false,
    retryAfter: false,
    mayHaveTakenEffect: false,
    advice: 'Check the key and what it may do. With a provider as origin it is the key, the permissions or the bill of the provider’s account.',
    example: 'Invalid API key.',
    providerExample: {
      message: 'Incorrect API key provided: [redacted]. You can find your API key at https://platform.openai.com/account/api-keys.',
      origin: 'OpenAI'
    }
  },
  404: {
    code: 404,
    type: errorTypes[404],
    schemaId: 'HumanloopNotFoundError',
    title: 'Not found',
    description: 'The requested resource could not be located.',
    retryable: false,
    retryAfter: false,
    mayHaveTakenEffect: false,
    advice: 'Check method and path, the id in it, and the name of the model.',
    example: 'Route GET:/v4/chats not found',
    providerExample: {
      message: 'The model `gpt-5.2-proo` does not exist or you do not have access to it.',
      origin: 'OpenAI'
    }
  },
  422: {
    code: 422,
    type: errorTypes[422],
    schemaId: 'HumanloopUnprocessableEntityError',
    title: 'Unprocessable entity',
    description: 'Properly formatted, but with invalid instructions, or not matching the fields that the endpoint requires.',
    retryable: false,
    retryAfter: false,
    mayHaveTakenEffect: false,
    advice: 'Correct the field or value that the message names.',
    example: 'body/messages/0/role must be equal to one of the allowed values',
    providerExample: {
      message: "This model's maximum context length is 4097 tokens. However, you requested 10000012 tokens (12 in the messages, 10000000 in the completion). Please reduce the length of the messages or completion.",
      origin: 'OpenAI'
    }
  },
  429: {
    code: 429,
    type: errorTypes[429],
    schemaId: 'HumanloopRateLimitError',
    title: 'Rate limit reached',
    description: 'More requests than allowed in a period of time.',
    retryable: true,
    retryAfter: true,
    mayHaveTakenEffect: false,
    advice: 'Wait as long as `retry-after` says, then send fewer requests at a time. With `x-should-retry: false` a quota is used up or a bill open, and waiting does not cure it.',
    example: 'Rate limit exceeded, retry in 1 minute',
    providerExample: {
      message: 'Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 14567, Requested 24754. Please try again in 18.642s.',
      origin: 'OpenAI'
    }
  },
  500: {
    code: 500,
    type: errorTypes[500],
    schemaId: 'HumanloopUnknownError',
    title: 'Unknown exception',
    description: 'An unexpected issue occurred on the server.',
    retryable: true,
    retryAfter: false,
    mayHaveTakenEffect: true,
    advice: 'Try again. Where it stays, report it with the answer’s `x-request-id`: the cause is in the log under it.',
    example: 'An unexpected issue occurred on the server.',
    providerExample: {
      message: 'Internal server error',
      origin: 'Anthropic'
    }
  },
  503: {
    code: 503,
    type: errorTypes[503],
    schemaId: 'HumanloopServiceUnavailableError',
    title: 'Service unavailable',
    description: 'The service is temporarily overloaded: try again.',
    retryable: true,
    retryAfter: true,
    mayHaveTakenEffect: false,
    advice: 'Try again after a pause, a longer one each time.',
    example: 'The service is temporarily overloaded: try again.',
    providerExample: {
      message: 'Bedrock is unable to process your request.',
      origin: 'AWS Bedrock'
    }
  },
  504: {
    code: 504,
    type: errorTypes[504],
    schemaId: 'HumanloopTimeoutError',
    title: 'Server timeout',
    description: 'The server did not respond in time.',
    retryable: true,
    retryAfter: true,
    mayHaveTakenEffect: true,
    advice: 'Try again, or ask for less: a shorter prompt, fewer tokens.',
    example: 'The server did not respond in time.',
    providerExample: {
      message: 'Deadline expired before operation could complete.',
      origin: 'Google'
    }
  },
  529: {
    code: 529,
    type: errorTypes[529],
    schemaId: 'HumanloopOverloadedError',
    title: 'Overloaded',
    description: 'The server is overloaded and cannot process the request.',
    retryable: true,
    retryAfter: true,
    mayHaveTakenEffect: false,
    advice: 'Try again after a pause, a longer one each time, or use another model.',
    example: 'The server is overloaded and cannot process the request.',
    providerExample: {
      message: 'Overloaded',
      origin: 'Anthropic'
    }
  }
} as const satisfies Record<number, ErrorStatus>

/** Id of the shared schema of the four fields, whatever their row. */
export const errorDetailId = 'HumanloopErrorDetail'

/** Id of the shared schema of any of the nine bodies. */
export const errorEnvelopeId = 'HumanloopError'

/** The nine statuses in ascending order. */
export const errorCodes = Object.keys(errorStatuses).map(Number) as ErrorCode[]
