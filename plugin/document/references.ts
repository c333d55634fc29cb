/** Going through the `$ref`s of an OpenAPI document, past what only looks like one. */
import { isObject } from '../classify/read.js'

type Replace = (reference: string) => string

/** Keywords that hold data of any shape, where `$ref` is a name like any other. */
const data: ReadonlySet<string> = new Set(['default', 'enum', 'const', 'example', 'examples'])

/** Keywords that hold things by names of the user's: there `default` may be a property, or a response. */
const named: ReadonlySet<string> = new Set([
  'properties', 'patternProperties', 'dependentSchemas', 'definitions', '$defs', 'schemas', 'responses', 'parameters',
  'requestBodies', 'headers', 'callbacks', 'pathItems', 'webhooks'
])

/** The value with its references replaced; what has none to replace is returned as it is, and nothing is changed in place. */
export function mapReferences<T> (value: T, replace: Replace): T {
  return mapped(value, replace, false) as T
}

/** The references in a value. */
export function referencesIn (value: unknown): Set<string> {
  const found = new Set<string>()
  mapReferences(value, reference => {
    found.add(reference)
    return reference
  })
  return found
}

function mapped (value: unknown, replace: Replace, byName: boolean): unknown {
  if (!isObject(value)) return value
  if (Array.isArray(value)) return sameOr(value, value.map(item => mapped(item, replace, false)))
  return sameOr(value, Object.fromEntries(Object.entries(value).map(([key, child]) => [key, byName
    ? mapped(child, replace, false)
    : mappedAt(key, child, replace)])))
}

function mappedAt (key: string, child: unknown, replace: Replace): unknown {
  if (data.has(key)) return child
  if (key === '$ref' && typeof child === 'string') return replace(child)
  if (key === 'mapping' && isObject(child)) { // of a discriminator
    return sameOr(child, Object.fromEntries(Object.entries(child).map(([name, reference]) => [name, replace(String(reference))])))
  }
  return mapped(child, replace, named.has(key))
}

function sameOr (value: object, other: object): object {
  return Object.entries(other).some(([key, child]) => Reflect.get(value, key) !== child) ? other : value
}
