/** Machine-readable codes that mean the same wherever they come from. Those of one provider stand in its row. */
import type { ErrorCode } from '../../schemas/statuses.js'
import type { Codes } from './row.js'

/**
 * A code without what differs between providers: case, separators, AWS's namespace before `#` and address behind `:`.
 * `com.amazon#ThrottlingException`, `throttling_exception` and `ThrottlingException:http://…` are one.
 */
export function foldCode (code: string): string {
  const bare = code.slice(0, 256)
  return bare.slice(bare.lastIndexOf('#') + 1).split(':', 1)[0]!.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** The table from machine code, folded, to answer. */
export function byCode (codes: Codes): ReadonlyMap<string, ErrorCode> {
  return new Map(Object.entries(codes).flatMap(([answer, codes]) =>
    codes.map(code => [foldCode(code), Number(answer) as ErrorCode] as const)))
}

/** Codes that decide, whatever the status they come with. */
export const decisiveCodes: Codes = {
  401: ['invalid_api_key', 'api_key_invalid', 'wrong_api_key', 'authentication_error'],
  404: ['model_not_found', 'deployment_not_found', 'not_found_error'],
  429: ['rate_limit_error', 'rate_limit_exceeded', 'too_many_requests', 'throttling_exception', 'service_quota_exceeded_exception'],
  504: ['timeout_error', 'deadline_exceeded'],
  529: ['overloaded_error', 'overloaded', 'engine_overloaded', 'engine_overloaded_error', 'model_overloaded']
}

/** Codes that tell only where there is no status: in a stream, or in a 200. */
export const indicativeCodes: Codes = {
  401: ['billing_error', 'permission_error', 'unauthenticated', 'permission_denied', 'access_denied_exception'],
  404: ['not_found', 'resource_not_found_exception'],
  422: [
    'invalid_request_error', 'invalid_prompt', 'invalid_argument', 'validation_exception', 'context_length_exceeded',
    'content_filter', 'request_too_large'
  ],
  429: ['resource_exhausted'],
  500: [
    'api_error', 'server_error', 'internal', 'internal_error', 'internal_server_error', 'internal_server_exception',
    'model_error_exception', 'model_stream_error_exception'
  ],
  503: ['service_unavailable', 'service_unavailable_error', 'service_unavailable_exception', 'unavailable'],
  504: ['timeout', 'model_timeout_exception']
}

/** Codes of a quota used up or a bill not paid: a 429 that waiting does not cure, else a 401. */
export const exhaustedCodes = ['insufficient_quota', 'exceeded_current_quota_error'] as const

export const decisive = byCode(decisiveCodes)
export const indicative = byCode(indicativeCodes)
export const exhausted: ReadonlySet<string> = new Set(exhaustedCodes.map(foldCode))
