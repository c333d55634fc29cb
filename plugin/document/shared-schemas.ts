/**
 * The shared schemas of the app. Fastify's serializer compiler goes through every shared schema for every route: eleven of
 * them on 1,000 routes cost half of the boot time, and our own references are never compiled. So they are added when all
 * routes are compiled, or earlier where somebody needs them earlier.
 */
import type { FastifyInstance } from 'fastify'
import { sharedSchemas } from '../../schemas/responses.js'

export function shareSchemas (app: FastifyInstance): void {
  // @fastify/swagger, where it was there before, looks for the ids before our hook can add them: they stand in until then
  if (app.hasPlugin('@fastify/swagger')) for (const { $id } of sharedSchemas) app.addSchema({ $id })

  // a route with references of its own may reach ours by them: then they are compiled with it
  const seen = new WeakSet<object>()
  app.addHook('onRoute', ({ schema }) => {
    if (schema === undefined || seen.has(schema)) return
    seen.add(schema)
    if (refersToAnything(schema, new Set())) complete(app)
  })
  app.addHook('onReady', done => {
    complete(app)
    done()
  })
}

/** Looks into plain objects and lists only: schemas of other libraries refer by other means, and may be circular. */
function refersToAnything (schema: object, seen: Set<object>): boolean {
  if (seen.has(schema) || !(Array.isArray(schema) || Object.getPrototypeOf(schema) === Object.prototype)) return false
  seen.add(schema)
  return Object.entries(schema).some(([key, value]) => key === '$ref' || (typeof value === 'object' && value !== null && refersToAnything(value, seen)))
}

/** @throws Error where the app's own schema bucket does not keep what it is given */
function complete (app: FastifyInstance): void {
  for (const schema of sharedSchemas) {
    const shared = app.getSchema(schema.$id!) as object | undefined
    if (shared === undefined) app.addSchema(schema)
    else if (!('type' in shared)) Object.assign(shared, structuredClone(schema))
    if (!('type' in (app.getSchema(schema.$id!) as object))) {
      throw new Error('humanloopErrors: the schemaController.bucket of this app returns copies of schemas; register humanloopErrors before @fastify/swagger')
    }
  }
}
