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

/** The value with its references replaced. Nothing is changed in place, and what has none to replace is returned as it is. */
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

/** @param byName whether the keys of the value are names of the user's, and not keywords */
function mapped (value: unknown, replace: Replace, byName: boolean): unknown {
  if (!isObject(value)) return value
  if (byName || Array.isArray(value)) return mapEach(value, (_name, child) => mapped(child, replace, false))
  return mapEach(value, (keyword, child) => {
    if (data.has(keyword)) return child
    if (keyword === '$ref' && typeof child === 'string') return replace(child)
    // of a discriminator
    if (keyword === 'mapping' && isObject(child)) return mapEach(child, (_name, reference) => replace(String(reference)))
    return mapped(child, replace, named.has(keyword))
  })
}

function mapEach (value: object, map: (key: string, child: unknown) => unknown): object {
  let copy: Record<string, unknown> | undefined
  for (const [key, child] of Object.entries(value)) {
    const other = map(key, child)
    if (other === child) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    copy[key] = other
  }
  return copy ?? value
}
