/** From an HTTP status to one of the nine: for this service's own errors, and for a provider's. */
import type { ErrorCode } from '../../schemas/statuses.js'

export { ownCode } from '../../schemas/service-status.js'

/** CONTRACT §4. Any other 4xx is 422, for the caller's request to this service was well formed; any other 5xx is 500. */
export const providerStatuses: Partial<Record<ErrorCode, readonly number[]>> = {
  401: [401, 402, 403, 407, 451],
  404: [404, 410],
  429: [429],
  500: [424],
  503: [425, 502, 503, 507, 520, 521, 523, 525, 526, 527, 530],
  504: [408, 499, 504, 522, 524, 598, 599],
  529: [529]
}

const provider: ReadonlyMap<number, ErrorCode> = new Map(Object.entries(providerStatuses).flatMap(([answer, statuses]) =>
  statuses.map(status => [status, Number(answer) as ErrorCode] as const)))

/** @param status 400 to 599 */
export function providerCode (status: number): ErrorCode {
  return provider.get(status) ?? (status < 500 ? 422 : 500)
}
