/**
 * Finds the first violation of a schema: the one that TypeBox's `Value.Errors` gives first. TypeBox checks many kinds more, and
 * loading it would double the time that a server takes to import its framework.
 */
import type { TSchema } from '@sinclair/typebox'

/** A value that breaks the schema, and the JSON Pointer to it. */
export interface Violation { readonly path: string, readonly value: unknown }

type Check = (schema: TSchema, value: unknown, path: string) => Violation | undefined

const kind = Symbol.for('TypeBox.Kind')

/** @throws whatever the value throws when it is read */
export function violationIn (schema: TSchema, value: unknown, path = ''): Violation | undefined {
  return checks[schema[kind as unknown as string] as Kind](schema, value, path)
}

/** A check that knows no more of a value than that it is right or wrong. */
function unless (isRight: (schema: TSchema, value: unknown) => boolean): Check {
  return (schema, value, path) => isRight(schema, value) ? undefined : { path, value }
}

type Kind = 'Array' | 'Boolean' | 'Function' | 'Integer' | 'Literal' | 'Number' | 'Object' | 'Record' | 'String' | 'Union'

const checks: Readonly<Record<Kind, Check>> = {
  Boolean: unless((_schema, value) => typeof value === 'boolean'),
  Function: unless((_schema, value) => typeof value === 'function'),
  Integer: unless(({ minimum = -Infinity }, value) => Number.isInteger(value) && (value as number) >= minimum),
  Literal: unless((schema, value) => value === schema.const),
  Number: unless(({ exclusiveMinimum }, value) => Number.isFinite(value) && (value as number) > exclusiveMinimum),
  String: unless(({ minLength = 0, pattern }, value) =>
    typeof value === 'string' && value.length >= minLength && (pattern === undefined || new RegExp(pattern).test(value))),
  Union: unless(({ anyOf }, value) => (anyOf as TSchema[]).some(schema => violationIn(schema, value) === undefined)),
  Array: ({ items }, value, path) => Array.isArray(value)
    ? firstOf(value.keys(), index => violationIn(items, value[index], `${path}/${index}`))
    : { path, value },
  Object: ({ properties, required = [] }, value, path) => {
    if (!isRecord(value)) return { path, value }
    const missing = (required as string[]).find(key => !Object.hasOwn(value, key))
    if (missing !== undefined) return { path: `${path}/${missing}`, value: undefined }
    return unknownIn(value, key => Object.hasOwn(properties, key), path) ?? firstOf(Object.keys(properties), key =>
      value[key] === undefined && !required.includes(key) ? undefined : violationIn(properties[key], value[key], `${path}/${key}`))
  },
  Record: ({ patternProperties }, value, path) => {
    if (!isRecord(value)) return { path, value }
    const [pattern, schema] = Object.entries(patternProperties as Record<string, TSchema>)[0]!
    const named = new RegExp(pattern)
    const keys = Object.keys(value).filter(key => named.test(key))
    return firstOf(keys, key => violationIn(schema, value[key], `${path}/${key}`)) ?? unknownIn(value, key => named.test(key), path)
  }
}

function isRecord (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A property that has no name of the schema's: no object of ours takes one. */
function unknownIn (value: Readonly<Record<string, unknown>>, isKnown: (key: string) => boolean, path: string): Violation | undefined {
  const unknown = Object.getOwnPropertyNames(value).find(key => !isKnown(key))
  return unknown === undefined ? undefined : { path: `${path}/${unknown}`, value: value[unknown] }
}

function firstOf<T> (all: Iterable<T>, check: (one: T) => Violation | undefined): Violation | undefined {
  for (const one of all) {
    const violation = check(one)
    if (violation !== undefined) return violation
  }
  return undefined
}
