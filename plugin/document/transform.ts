/** A `transform` that takes schemas of one library only, beside our references. */
import { read } from '../classify/read.js'
import { isOurs, undeclaredSuccess, type Responses } from './contract-refs.js'

/**
 * Your `transform` without our answers: they are taken out of the route's schema before it, and put into its result.
 *
 * For those that stumble over JSON Schema, such as `jsonSchemaTransform` of `fastify-type-provider-zod` or
 * `fastifyZodOpenApiTransform` of `fastify-zod-openapi`.
 *
 * @example
 * ```ts
 * import swagger from '@fastify/swagger'
 * import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
 * import { openapi } from 'fastify-humanloop-errors'
 *
 * await app.register(swagger, {
 *   openapi: {},
 *   transform: openapi.transform(jsonSchemaTransform),
 *   transformObject: openapi({ transformObject: jsonSchemaTransformObject })
 * })
 * ```
 */
export function besideOurs<Route extends { schema: object }, Result extends { schema: object }> (
  transform: (route: Route) => Result
): (route: Route) => Result {
  return route => {
    const theirs: Responses = {}
    const ours: Responses = {}
    for (const [key, response] of Object.entries(responsesOf(route))) {
      const side = isOurs(response) || response === undeclaredSuccess ? ours : theirs
      side[key] = response
    }
    if (Object.keys(ours).length === 0) return transform(route)
    const result = transform({ ...route, schema: withResponses(route.schema, theirs) })
    return { ...result, schema: { ...result.schema, response: { ...responsesOf(result), ...ours } } }
  }
}

/** The schema with the user's responses alone. Where ours were all that it had, the route was registered without one. */
function withResponses<Schema extends object> (schema: Schema, response: Responses): Schema {
  const { response: _ours, ...rest } = schema as Schema & { response: Responses }
  const isEmpty = Reflect.ownKeys(rest).length === 0 && Object.keys(response).length === 0
  return (isEmpty ? undefined : { ...schema, response }) as Schema
}

/** A route may have no schema, whatever its type says. */
function responsesOf ({ schema }: { schema: object }): object {
  return read(schema, 'response') as object | undefined ?? {}
}
