/** Whether a body is the contract already: checked by the TypeBox schema of its status. */
import { responseSchemas } from '../../schemas/responses.js'
import type { ErrorEnvelope } from '../../schemas/envelope.js'
import { isErrorCode } from '../../schemas/statuses.js'
import { violationIn } from '../violation.js'

/** @param status of the answer, which `detail.code` has to equal */
export function isContract (body: unknown, status: number): body is ErrorEnvelope {
  try {
    return isErrorCode(status) && violationIn(responseSchemas[status], body) === undefined
  } catch {
    return false // a body that cannot be read cannot be sent
  }
}
