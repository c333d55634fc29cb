/** The contract as data: the table of nine, the envelope, and a response schema for each status. */
export { errorStatuses, errorCodes, isErrorCode, type ErrorStatus, type ErrorCode, type ErrorType } from './statuses.js'
export { ErrorDetail, ErrorEnvelope } from './envelope.js'
export { errorResponses, responseSchemas, sharedSchemas, type ErrorResponses, type ResponseRef } from './responses.js'
