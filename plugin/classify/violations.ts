/** The violations that a validator reported. */
import { has, read, readList, readText } from './read.js'

/** How many violations a message lists. */
const mostViolations = 50

/**
 * Says the violations that a validator reported, where and what: Fastify's list, or that of Ajv where a schema is `$async`.
 *
 * @returns undefined for an error that has no such list
 */
export function violationsOf (error: unknown): string | undefined {
  const reported = read(error, 'validation')
  const violations = reported === true ? read(error, 'errors') : reported
  if (!has(violations, 'length')) return undefined
  const context = readText(error, 'validationContext') ?? 'request'
  return readList(violations, mostViolations)
    .map(violation => `${context}${readText(violation, 'instancePath') ?? ''} ${readText(violation, 'message') ?? 'is invalid'}`)
    .join(', ') || `${context} is invalid`
}
