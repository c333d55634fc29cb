/** `openapi()`: the nine answers in an OpenAPI document once each, with their headers and examples, under stable names. */
import { withOwnNames, withoutUnused, type Entries } from './components.js'
import { withResponsesHoisted } from './hoist-responses.js'
import { besideOurs } from './transform.js'

/** What `@fastify/swagger` calls a `transformObject`: from the document that it made to the one that is shown. */
export type TransformDocument = (made: { openapiObject: object } | { swaggerObject: object }) => object

export interface OpenapiOptions {
  /** Your own; it is given our result and has the last word. */
  readonly transformObject?: TransformDocument | undefined
}

/**
 * A `transformObject` for `@fastify/swagger`. It moves the nine answers into `components.responses`, with their headers and
 * an example of each who may raise them, and has the operations refer to them; our schemas get their ids as names
 * (`HumanloopNotFoundError`), whatever the `refResolver`, and those that nothing refers to go.
 *
 * What routes declare themselves and your components stay as they are; so does a Swagger 2 document, which has the nine in
 * its definitions. For a `transform` of yours that takes no JSON Schema there is `openapi.transform`.
 *
 * @example
 * ```ts
 * import swagger from '@fastify/swagger'
 * import humanloopErrors, { openapi } from 'fastify-humanloop-errors'
 *
 * await app.register(humanloopErrors)
 * await app.register(swagger, { openapi: {}, transformObject: openapi() })
 * ```
 */
export function openapi ({ transformObject }: OpenapiOptions = {}): TransformDocument {
  const users = transformObject ?? (made => 'openapiObject' in made ? made.openapiObject : made.swaggerObject)
  return made => {
    if (!('openapiObject' in made)) return users(made)
    const openapiObject = withResponsesHoisted(withOwnNames(made.openapiObject as Entries))
    return withoutUnused(users({ ...made, openapiObject }) as Entries)
  }
}

openapi.transform = besideOurs
