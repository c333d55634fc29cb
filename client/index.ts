/** For callers of an API with this contract: read its errors and its streams, and repeat what is worth it. */
export { isErrorEnvelope, type ErrorCode, type ErrorEnvelope, type ErrorType } from './envelope.js'
export { ApiError, type ApiErrorOf, type ApiErrorOptions } from './api-error.js'
export { readError } from './read-error.js'
export { readEvents, type StreamEvent } from './read-events.js'
export { withRetry, type Retry, type RetryOptions } from './with-retry.js'
