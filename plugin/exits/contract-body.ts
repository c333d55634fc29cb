/** Whether a body is the contract already: a check compiled from the TypeBox schemas. */
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { responseSchemas } from '../../schemas/responses.js'
import type { ErrorEnvelope } from '../../schemas/envelope.js'

const contract = TypeCompiler.Compile(Type.Union(Object.values(responseSchemas)))

/** @param status of the answer, which `detail.code` has to equal */
export function isContract (body: unknown, status: number): body is ErrorEnvelope {
  try {
    return contract.Check(body) && body.detail.code === status
  } catch {
    return false // a body that cannot be read cannot be sent
  }
}
