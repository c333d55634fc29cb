/** OpenAPI 3.0 knows no `const`. @fastify/swagger writes `enum` instead, unless `convertConstToEnum` is off. */
import { has } from '../classify/read.js'
import { componentsOf, namesOfOurs, withComponents, type Entries } from './components.js'

/** The document with the literals of our schemas as its version of OpenAPI writes them. */
export function withLiterals (document: Entries): Entries {
  if (!String(document.openapi).startsWith('3.0')) return document
  const schemas = componentsOf(document, 'schemas')
  const ours = [...namesOfOurs(document).values()].map(name => [name, withoutConst(schemas[name])])
  return withComponents(document, 'schemas', { ...schemas, ...Object.fromEntries(ours) })
}

function withoutConst (schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (_key, value) => {
    if (!has(value, 'const')) return value
    const { const: literal, ...rest } = value
    return { ...rest, enum: [literal] }
  })
}
