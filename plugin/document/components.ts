/** Our schemas in the components of an OpenAPI document: found, named as in every other document, dropped where unused. */
import { sharedSchemas } from '../../schemas/responses.js'
import { isObject, read } from '../classify/read.js'
import { mapReferences, referencesIn } from './references.js'

/** An OpenAPI document, or a part of it, as far as we know it. */
export type Entries = Readonly<Record<string, unknown>>

const ids: ReadonlySet<unknown> = new Set(sharedSchemas.map(({ $id }) => $id))

export const schemasPath = '#/components/schemas/'

export function entriesOf (value: unknown): Entries {
  return isObject(value) ? value as Entries : {}
}

/** The components of one kind, by name. */
export function componentsOf (document: Entries, kind: 'schemas' | 'responses'): Entries {
  return entriesOf(read(document.components, kind))
}

/** The document with other components of one kind. */
export function withComponents (document: Entries, kind: 'schemas' | 'responses', components: Entries): Entries {
  return { ...document, components: { ...entriesOf(document.components), [kind]: components } }
}

/** The names that our schemas have in a document, by their ids: a resolver names them as it likes, their titles tell. */
export function namesOfOurs (document: Entries): Map<string, string> {
  return new Map(Object.entries(componentsOf(document, 'schemas')).flatMap(([name, schema]) => {
    const title = read(schema, 'title')
    return ids.has(title) && exampleIn(schema) !== undefined ? [[title as string, name]] : []
  }))
}

/** The example of a schema. All that the plugin shows have one; what a user makes of ours under another id has none. */
export function exampleIn (schema: unknown): unknown {
  return read(schema, 'example')
}

/** The document with our schemas under their ids, as long as no schema of the user's has such a name. */
export function withOwnNames (document: Entries): Entries {
  const schemas = componentsOf(document, 'schemas')
  const ours = namesOfOurs(document)
  const names = new Set(ours.values())
  const isFree = (id: string): boolean => names.has(id) || !Object.hasOwn(schemas, id)
  const renamed = new Map([...ours].filter(([id, name]) => id !== name && isFree(id)).map(([id, name]) => [name, id]))
  if (renamed.size === 0) return document
  const referring = mapReferences(document, reference => {
    const [name = '', ...rest] = nameAndRest(reference)
    const id = renamed.get(name)
    return id === undefined ? reference : schemasPath + [id, ...rest].join('/')
  })
  return withComponents(referring, 'schemas', Object.fromEntries(
    Object.entries(componentsOf(referring, 'schemas')).map(([name, schema]) => [renamed.get(name) ?? name, schema])))
}

/** The document without those of our schemas that nothing refers to: linters warn about them. */
export function withoutUnused (document: Entries): Entries {
  const schemas = componentsOf(document, 'schemas')
  const ours = new Set(namesOfOurs(document).values())
  const only = (isKept: (name: string) => boolean): Entries =>
    withComponents(document, 'schemas', Object.fromEntries(Object.entries(schemas).filter(([name]) => isKept(name))))

  const used = new Set<string>()
  const referred = [...referencesIn(only(name => !ours.has(name)))]
  for (const reference of referred) { // grows while it is gone through
    const [name = ''] = nameAndRest(reference)
    if (!ours.has(name) || used.has(name)) continue
    used.add(name)
    referred.push(...referencesIn(schemas[name]))
  }
  return only(name => !ours.has(name) || used.has(name))
}

/** The name of a schema and what follows it, in a reference to one of the components. */
function nameAndRest (reference: string): string[] {
  return reference.startsWith(schemasPath) ? reference.slice(schemasPath.length).split('/') : []
}
