/** Reading values that may do anything when read: throwing getters, proxies, revoked proxies. */

/** A property, or undefined where there is none or reading it throws. */
export function read (value: unknown, key: PropertyKey): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined // what cannot be read says nothing
  }
}

/** What stands behind a path of properties, such as `response.headers` or `choices.0`; undefined where there is no such thing. */
export function readPath (value: unknown, path: string): unknown {
  return path.split('.').reduce(read, value)
}

/** A property that is a string with something in it. */
export function readText (value: unknown, key: PropertyKey): string | undefined {
  const text = read(value, key)
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** Whether a value has a property of its own, also one that is undefined. */
export function has (value: unknown, key: PropertyKey): boolean {
  try {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  } catch {
    return false // a proxy that does not tell
  }
}

export function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The elements of an array, as far as they can be read, at most `most` of them. */
export function readList (value: unknown, most: number): unknown[] {
  try {
    return Array.isArray(value) ? Array.from({ length: Math.min(value.length, most) }, (_, index) => read(value, index)) : []
  } catch {
    return [] // a revoked proxy is no array
  }
}

/** An HTTP error status; a number only, for a string may be anything's name. */
export function readStatus (value: unknown, key: PropertyKey): number | undefined {
  const status = read(value, key)
  return isErrorStatus(status) ? status as number : undefined
}

/** True if a value is an HTTP error status; no type guard, for a number that is none is a number all the same. */
export function isErrorStatus (status: unknown): boolean {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599
}
