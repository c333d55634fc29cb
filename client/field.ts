/** Reads a field of any value. */

/** @returns undefined where there is no such field */
export function field (value: unknown, name: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown> | null | undefined)?.[name]
}
