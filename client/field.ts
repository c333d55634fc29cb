/** Reads a field of any value. */

/** @returns undefined where there is no such field */
export function field (value: unknown, name: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown> | null | undefined)?.[name]
}

/** The same as text; it says nothing where there is none. The name of an error holds across realms, where `instanceof` does not. */
export function textOf (value: unknown, name: PropertyKey): string {
  return String(field(value, name))
}
