/**
 * TypeBox's builders of those kinds that are in use here. They make what TypeBox makes, its symbols included, so that its
 * compiler, its guards and type providers take the schemas for its own; loading TypeBox itself would double the time that a
 * server takes to import its framework.
 */
import type { TSchema, Type as TypeBox } from '@sinclair/typebox'

const kind = Symbol.for('TypeBox.Kind')
const optional = Symbol.for('TypeBox.Optional')

type Properties = Record<string, TSchema>
type Options = Record<PropertyKey, unknown>
type Builders = Pick<typeof TypeBox,
  'Array' | 'Boolean' | 'Function' | 'Integer' | 'Literal' | 'Number' | 'Object' | 'Optional' | 'Partial' | 'Record' | 'Ref' | 'String' | 'Union' |
  'Unknown' | 'Unsafe'>

/** A schema of a kind; its options come first, as in TypeBox. */
function make (name: string, schema: object, options: object = {}): object {
  return { ...options, [kind]: name, ...schema }
}

function object (properties: Properties, options?: object): object {
  const required = Object.keys(properties).filter(key => !(optional in properties[key]!))
  return make('Object', { type: 'object', ...(required.length > 0 && { required }), properties }, options)
}

function partial ({ [kind]: _kind, type: _type, required: _required, properties, ...options }: Options): object {
  return object(Object.fromEntries(Object.entries(properties as Properties).map(([key, schema]) => [key, asOptional(schema)])), options)
}

function asOptional<Schema extends object> (schema: Schema): Schema {
  return { ...schema, [optional]: 'Optional' }
}

const builders = {
  Array: (items: object, options?: object) => make('Array', { type: 'array', items }, options),
  Boolean: (options?: object) => make('Boolean', { type: 'boolean' }, options),
  Function: (parameters: object[], returns: object, options?: object) =>
    make('Function', { type: 'Function', parameters, returns }, options),
  Integer: (options?: object) => make('Integer', { type: 'integer' }, options),
  Literal: (value: unknown, options?: object) => make('Literal', { const: value, type: typeof value }, options),
  Number: (options?: object) => make('Number', { type: 'number' }, options),
  Object: object,
  Optional: asOptional,
  Partial: partial,
  Record: (key: { pattern: string }, value: object, options?: object) =>
    make('Record', { type: 'object', patternProperties: { [key.pattern]: value } }, options),
  Ref: ($ref: string, options?: object) => make('Ref', { $ref }, options),
  String: (options?: object) => make('String', { type: 'string' }, options),
  Union: (anyOf: object[], options?: object) => make('Union', { anyOf }, options),
  Unknown: (options?: object) => make('Unknown', {}, options),
  Unsafe: (schema: Options) => ({ [kind]: 'Unsafe', ...schema })
}

export const Type = builders as unknown as Builders
