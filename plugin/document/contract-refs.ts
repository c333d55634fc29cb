/** References to the shared schemas: they stand for our responses in a route's `response`. */
import { errorHeaders } from '../../schemas/headers.js'
import { errorResponses, sharedSchemas } from '../../schemas/responses.js'
import { read } from '../classify/read.js'

export type Responses = Record<string, unknown>

const ownIds: ReadonlySet<unknown> = new Set(sharedSchemas.map(({ $id }) => $id))

/** The response that @fastify/swagger shows for a route that declares none: one without a body. */
export const undeclaredSuccess = { type: 'null', description: 'Default Response' }

/**
 * Makes a reference for each of the nine. A header of Swagger 2 has no `example`; `default` it has in every version.
 *
 * @param authenticate the value of `www-authenticate` on this service's own 401
 */
export function contractRefs (authenticate: string | undefined): Responses {
  const references = errorResponses()
  if (authenticate === undefined) return references
  const { schema, meaning } = errorHeaders['www-authenticate']
  const headers = { 'www-authenticate': { ...schema, description: meaning, default: authenticate } }
  return { ...references, 401: { ...references[401], headers } }
}

/** True if a response is declared with a schema of ours, alone or by content. */
export function isOurs (schema: unknown): boolean {
  if (ownIds.has(idOf(schema))) return true
  const content = read(schema, 'content')
  return content !== undefined && Object.values(content as object).some(media => ownIds.has(idOf(read(media, 'schema'))))
}

/** True if a response is what `errorResponses` gives for its status, and nothing more. */
export function isPlain (schema: unknown, key: string): boolean {
  return Object.keys(schema as object).length === 1 && idOf(schema) !== undefined && idOf(schema) === idOf(read(plain, key))
}

/** Makes a reference of a schema of ours that was declared whole. */
export function referenceTo (schema: unknown): unknown {
  return read(schema, '$id') === undefined ? schema : { $ref: `${idOf(schema)}#` }
}

function idOf (schema: unknown): string | undefined {
  const id = read(schema, '$ref') ?? read(schema, '$id')
  return typeof id === 'string' && id.endsWith('#') ? id.slice(0, -1) : id as string | undefined
}

const plain = errorResponses()
