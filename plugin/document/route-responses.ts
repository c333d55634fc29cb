/**
 * The nine error responses in a route's schema. References to our schemas are never compiled: they are taken out while the
 * route is built, and put in again when all routes are there, for whoever reads the schema to make a document of it.
 */
import type { RouteOptions } from 'fastify'
import { errorCodes, type ErrorCode } from '../../schemas/statuses.js'
import { isOurs, isPlain, referenceTo, undeclaredSuccess, type Responses } from './contract-refs.js'
import { responseKeys } from './response-keys.js'

type Schema = RouteOptions['schema']

/** The references of ours that a schema declares, by key. A list: V8 keeps an object with the key 529 in an array of 800 places. */
export type DeclaredRefs = ReadonlyArray<readonly [key: string, schema: unknown]>

/** A schema without our references, and those. */
export interface Taken { readonly schema: Schema, readonly refs: DeclaredRefs }

function responsesIn (schema: Schema): Responses {
  return (schema as { response?: Responses } | undefined)?.response ?? {}
}

/** Takes our references out of a schema's `response`, whatever they are declared for; the user's object stays as it is. */
export function takeRefs (schema: Schema): Taken {
  const kept: Responses = {}
  const refs: Array<readonly [string, unknown]> = []
  for (const [key, declared] of Object.entries(responsesIn(schema))) {
    if (isOurs(declared)) refs.push([key, referenceTo(declared)])
    else kept[key] = declared
  }
  return refs.length === 0 ? { schema, refs } : { schema: { ...schema, response: kept }, refs }
}

/**
 * Puts our references in a route's schema. It is made each time that somebody reads it: nearly always nobody does but once,
 * for the document, and a thousand of them kept are 6 MB.
 *
 * @param refs what the route declares itself
 * @param listed what it documents beside that
 * @param references one for each status
 */
export function putRefs (route: RouteOptions, refs: DeclaredRefs, listed: readonly ErrorCode[], references: Responses): void {
  const { schema } = route
  Object.defineProperty(route, 'schema', {
    configurable: true,
    enumerable: true,
    get: () => ({ ...schema, response: withRefs(responsesIn(schema), refs, listed, references) }),
    set: value => { Object.defineProperty(route, 'schema', { value, writable: true, configurable: true, enumerable: true }) }
  })
}

/** The responses of a route, ours beside the user's: what the user declares wins, be it an exact status, a range or `default`. */
function withRefs (theirs: Responses, refs: DeclaredRefs, listed: readonly ErrorCode[], references: Responses): Responses {
  const declared = new Set([...Object.keys(theirs), ...refs.map(([key]) => key)].map(key => key.toLowerCase()))
  const response: Responses = {}
  for (const code of listed) if (!responseKeys(code).some(key => declared.has(key))) response[code] = references[code]
  // a document shows an undeclared success by itself only while nothing else is declared
  if (Object.keys(theirs).length === 0 && refs.every(([key]) => /^[45]/.test(key))) response[200] = undeclaredSuccess
  for (const [key, schema] of refs) response[key] = isPlain(schema, key) ? references[key] : schema
  return Object.assign(response, theirs)
}

/**
 * Lists the errors of the contract that a route may respond with.
 *
 * @param schema as it was registered; of what it declares for a status, the most specific decides whose the response is
 * @param listed by the route, for what the schema does not declare
 */
export function possibleErrors (schema: Schema, listed: readonly ErrorCode[]): ErrorCode[] {
  const isOwn = new Map(Object.entries(responsesIn(schema)).map(([key, declared]) => [key.toLowerCase(), isOurs(declared)]))
  return errorCodes.filter(code => {
    const key = responseKeys(code).find(key => isOwn.has(key))
    return key === undefined ? listed.includes(code) : isOwn.get(key)
  })
}
