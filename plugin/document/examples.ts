/** Bodies as callers might see them, for the document: one raised by this service, and one by a model provider. */
import type { ErrorEnvelope } from '../../schemas/envelope.js'
import { errorStatuses, type ErrorCode, type ErrorStatus } from '../../schemas/statuses.js'

/** The examples of one status, by who raised the error; a provider never raises a 400. */
export interface Examples { readonly service: ErrorEnvelope, readonly provider?: ErrorEnvelope }

/** @param origin the name of this service */
export function examplesOf (code: ErrorCode, origin: string): Examples {
  const { type, example, providerExample }: ErrorStatus = errorStatuses[code]
  const body = (message: string, raisedBy: string): ErrorEnvelope =>
    ({ detail: { type, message, code, origin: raisedBy } }) as ErrorEnvelope
  return {
    service: body(example, origin),
    ...(providerExample !== undefined && { provider: body(providerExample.message, providerExample.origin) })
  }
}
