/** What a route's compiled validators say, asked without a request. */
import type { ReachableRoute } from './reachable-route.js'

export type Part = 'params' | 'body' | 'querystring' | 'headers'

/** In the order in which Fastify validates them. */
export const parts: readonly Part[] = ['params', 'body', 'querystring', 'headers']

export type Validator = (data: unknown) => unknown

/** The validator of one part as the route uses it, whatever compiled it, and the schema that it was compiled from. */
export function validationOf (
  { arrived, declared }: Pick<ReachableRoute, 'arrived' | 'declared'>,
  part: Part
): { validator?: Validator | undefined, schema?: unknown } {
  const compiled: Validator | Readonly<Record<string, Validator>> | undefined = arrived.getValidationFunction(part)
  if (compiled === undefined) return {}
  const schema = declared.options.schema![part]
  if (typeof compiled === 'function') return { validator: compiled, schema }
  const { content } = schema as { content: Readonly<Record<string, { schema: unknown }>> }
  return { validator: compiled['application/json'], schema: content['application/json']?.schema ?? content }
}

/** As Fastify takes the verdict. A validator that throws fails the request as well, an asynchronous one rejects. */
export async function refuses (validator: Validator, value: unknown): Promise<boolean> {
  try {
    const verdict = await validator(value) as { error?: unknown } | boolean | null | undefined
    return verdict === false || (typeof verdict === 'object' && verdict?.error != null)
  } catch {
    return true
  }
}

/**
 * A value as it is seen in a path, a query or headers: scalars as text, lists of them as Fastify's query parser gives them,
 * where a single value is no list.
 *
 * @returns undefined for what cannot be said there
 */
export function textsOf (value: unknown): Record<string, string | string[]> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const texts: Record<string, string | string[]> = {}
  for (const [name, one] of Object.entries(value)) {
    const list = [one].flat()
    if (list.some(element => typeof element === 'object')) return undefined
    if (list.length > 0) texts[name] = list.length === 1 ? String(list[0]) : list.map(String)
  }
  return texts
}
