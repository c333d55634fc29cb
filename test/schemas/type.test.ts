/** Our schemas are TypeBox's own: what the builders make is what TypeBox makes, and its compiler and guards take it. */
import { deepStrictEqual } from 'node:assert'
import { Type as TypeBox, TypeGuard, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import t from 'tap'
import { ErrorReference } from '../../plugin/index.js'
import { optionsSchema } from '../../plugin/options.js'
import { sharedSchemas } from '../../schemas/index.js'
import { Type } from '../../schemas/type.js'

/** One schema of each kind, with options and without. */
const made = (builders: typeof Type): Record<string, TSchema> => {
  const text = builders.String()
  const properties = { a: text, b: builders.Optional(builders.Integer({ minimum: 1 })) }
  return {
    Array: builders.Array(text),
    'Array with options': builders.Array(text, { minItems: 1, description: 'x' }),
    Boolean: builders.Boolean({ description: 'x' }),
    Function: builders.Function([], builders.Unknown(), { description: 'x' }),
    Integer: builders.Integer({ enum: [1, 2] }),
    'Literal number': builders.Literal(1),
    'Literal string': builders.Literal('x', { description: 'x' }),
    Object: builders.Object(properties),
    'Object with options': builders.Object(properties, { $id: 'x', additionalProperties: false }),
    'Object without required': builders.Object({ b: properties.b }),
    Partial: builders.Partial(builders.Object(properties, { additionalProperties: false })),
    Record: builders.Record(builders.String({ pattern: '^x' }), text, { additionalProperties: false }),
    Ref: builders.Ref('x#'),
    Union: builders.Union([text, builders.Literal(1)], { description: 'x' }),
    Unsafe: builders.Unsafe(builders.String({ minLength: 1 })),
    'Unsafe of plain JSON Schema': builders.Unsafe({ type: 'string' })
  }
}

t.test('each kind is the same, with TypeBox’s symbols and in its order', async t => {
  const ours = made(Type)
  for (const [name, schema] of Object.entries(made(TypeBox))) {
    t.doesNotThrow(() => deepStrictEqual(ours[name], schema), name)
    t.equal(JSON.stringify(ours[name]), JSON.stringify(schema), name)
  }
})

t.test('TypeBox takes each of the package for a schema of its own, and compiles it', async t => {
  const referred = sharedSchemas.map(schema => ({ ...schema, $id: `${schema.$id}#` }))
  for (const schema of [...sharedSchemas, optionsSchema, ErrorReference]) {
    t.ok(TypeGuard.IsSchema(schema), schema.$id ?? 'options')
    t.ok(TypeCompiler.Compile(schema, referred))
  }
})
