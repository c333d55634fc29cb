/** `openapi()`: the nine error responses in an OpenAPI document once each, with their headers and examples, under stable names. */
import type { FastifyInstance } from 'fastify'
import { settingsOf } from '../scope.js'
import { withOwnNames, withoutUnused, type Entries } from './components.js'
import { withResponsesHoisted } from './hoist-responses.js'
import { besideOurs } from './transform.js'

/** A function that `@fastify/swagger` calls a `transformObject`: from the document that it made to the one that is shown. */
export type TransformDocument = (made: { openapiObject: object } | { swaggerObject: object }) => object

/** A Fastify app, whatever its server and its type provider are. */
interface AnyApp { readonly server: object }

export interface OpenapiOptions {
  /**
   * Your own; it is given our result and has the last word.
   *
   * @default the document stays as it is made here
   */
  readonly transformObject?: TransformDocument | undefined
}

/**
 * Makes a `transformObject` for `@fastify/swagger`. It moves the nine error responses into `components.responses`, with their headers and
 * an example of each who may raise them, and has the operations refer to them; our schemas get their ids as names
 * (`HumanloopNotFoundError`), whatever the `refResolver`, and those that nothing refers to go.
 *
 * What routes declare themselves and your components stay as they are; so does a Swagger 2 document, which has the nine in
 * its definitions. For a `transform` of yours that takes no JSON Schema there is `openapi.transform`.
 *
 * @param app whose scope's `origin` and `authenticate` the document shows; without it, those that stand in the schemas and
 *   operations that `@fastify/swagger` made, which another plugin may have changed
 * @example
 * ```ts
 * import swagger from '@fastify/swagger'
 * import humanloopErrors, { openapi } from 'fastify-humanloop-errors'
 *
 * await app.register(humanloopErrors)
 * await app.register(swagger, { openapi: {}, transformObject: openapi(app) })
 * ```
 */
export function openapi (app: AnyApp, options?: OpenapiOptions): TransformDocument
export function openapi (options?: OpenapiOptions): TransformDocument
export function openapi (first: AnyApp | OpenapiOptions = {}, second: OpenapiOptions = {}): TransformDocument {
  const app = 'server' in first ? first : undefined
  const { transformObject }: OpenapiOptions = 'server' in first ? second : first
  const users = transformObject ?? (made => 'openapiObject' in made ? made.openapiObject : made.swaggerObject)
  return made => {
    if (!('openapiObject' in made)) return users(made)
    const openapiObject = withResponsesHoisted(withOwnNames(made.openapiObject as Entries), app && settingsOf(app as FastifyInstance))
    return withoutUnused(users({ ...made, openapiObject }) as Entries)
  }
}

openapi.transform = besideOurs
