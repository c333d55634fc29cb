/** Values from a JSON Schema: one that may fit it, and those that break one keyword of it each. The route's validator decides. */

type Schema = Readonly<Record<string, unknown>>

/** A value that may break a keyword. */
export interface Breaking {
  readonly keyword: string
  readonly value: unknown
}

/** Schemas within schemas that are gone through. */
const deepest = 4

/** Elements or characters that are sent to exceed a limit. */
const longest = 100_000

const samplesByFormat: Readonly<Record<string, string>> = {
  'date-time': '2024-01-01T00:00:00Z',
  date: '2024-01-01',
  time: '00:00:00Z',
  email: 'a@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '127.0.0.1',
  ipv6: '::1',
  hostname: 'example.com'
}

const samplesByType: Readonly<Record<string, (schema: Schema, depth: number) => unknown>> = {
  string: ({ format, minLength }) => samplesByFormat[String(format)] ?? 'x'.repeat(Math.min(Math.max(numberOf(minLength, 1), 1), longest)),
  integer: ({ minimum, maximum }) => Math.ceil(numberOf(minimum, Math.min(1, numberOf(maximum, 1)))),
  number: ({ minimum, maximum }) => numberOf(minimum, Math.min(1, numberOf(maximum, 1))),
  boolean: () => true,
  null: () => null,
  array: ({ items, minItems }, depth) => Array.from({ length: Math.min(numberOf(minItems, 0), longest) }, () => sampleOf(items, depth)),
  object: ({ properties, required }, depth) => Object.fromEntries(
    listOf(required).map(name => [name, sampleOf(objectOf(properties)[String(name)], depth)]))
}

/** A value that may fit a schema. */
export function sampleOf (schema: unknown, depth = 0): unknown {
  const given = objectOf(schema)
  if (depth > deepest) return null
  for (const list of [given.examples, given.enum]) if (Array.isArray(list) && list.length > 0) return list[0]
  for (const keyword of ['const', 'default']) if (keyword in given) return given[keyword]
  for (const list of [given.anyOf, given.oneOf]) if (Array.isArray(list)) return sampleOf(list[0], depth + 1)
  if (Array.isArray(given.allOf)) return Object.assign({}, ...given.allOf.map(one => sampleOf(one, depth + 1)))
  const type = Array.isArray(given.type) ? given.type[0] : given.type
  return samplesByType[String(type)]?.(given, depth + 1) ?? 'x'
}

const everyType: ReadonlyArray<readonly [type: string, value: unknown]> = [
  ['object', {}], ['array', []], ['string', 'text'], ['number', 0.5], ['boolean', true], ['null', null],
  ['object', { unexpected: {} }], ['array', [{}]]
]

const anyType = (): unknown[] => everyType.map(([, value]) => value)

type Breaker = (limit: unknown, sample: unknown, schema: Schema) => unknown[]

/** For each keyword: values that break it, as far as they can be made. */
const breakersByKeyword: Readonly<Record<string, Breaker>> = {
  type: types => everyType.filter(([type]) => ![types].flat().includes(type)).map(([, value]) => value),
  anyOf: anyType,
  oneOf: anyType,
  allOf: anyType,
  required: (names, sample) => listOf(names).map(name => without(sample, String(name))),
  additionalProperties: (allowed, sample) => allowed === false ? [{ ...objectOf(sample), unexpected: 'x' }] : [],
  enum: () => ['none of them', -1],
  const: () => ['another', -1],
  minLength: limit => ['x'.repeat(within(numberOf(limit, 0) - 1))],
  maxLength: limit => ['x'.repeat(within(numberOf(limit, 0) + 1))],
  pattern: () => ['~', ' ', ''],
  format: () => ['~'],
  minimum: limit => [numberOf(limit, 0) - 1],
  exclusiveMinimum: limit => [limit],
  maximum: limit => [numberOf(limit, 0) + 1],
  exclusiveMaximum: limit => [limit],
  multipleOf: limit => [numberOf(limit, 1) / 2],
  minItems: (_limit, sample) => [listOf(sample).slice(1)],
  maxItems: (limit, _sample, { items }) => [Array.from({ length: within(numberOf(limit, 0) + 1) }, () => sampleOf(items))],
  uniqueItems: (_limit, _sample, { items }) => [[sampleOf(items), sampleOf(items)]]
}

/** Values that may break a schema, the whole before its parts. A schema of another library has a wrong type alone. */
export function * breakersOf (schema: unknown, sample: unknown, depth = 0): Generator<Breaking> {
  if (depth > deepest) return
  const given = objectOf(schema)
  const keywords = depth === 0 ? { type: undefined, ...given } : given
  for (const [keyword, limit] of Object.entries(keywords)) {
    for (const value of breakersByKeyword[keyword]?.(limit, sample, given) ?? []) yield { keyword, value }
  }
  for (const [name, property] of Object.entries(objectOf(given.properties))) {
    const around = objectOf(sample)
    const inner = name in around ? around[name] : sampleOf(property, depth)
    for (const { keyword, value } of breakersOf(property, inner, depth + 1)) yield { keyword, value: { ...around, [name]: value } }
  }
  const first = listOf(sample)[0] ?? sampleOf(given.items, depth)
  for (const { keyword, value } of given.items === undefined ? [] : breakersOf(given.items, first, depth + 1)) {
    yield { keyword, value: [value] }
  }
}

/** A plain object: schemas of other libraries are not JSON Schema. */
function objectOf (value: unknown): Schema {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype ? value as Schema : {}
}

function listOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function numberOf (value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function within (length: number): number {
  return Math.max(0, Math.min(length, longest))
}

function without (sample: unknown, name: string): unknown {
  return Object.fromEntries(Object.entries(objectOf(sample)).filter(([key]) => key !== name))
}
