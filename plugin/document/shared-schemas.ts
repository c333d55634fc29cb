/**
 * The shared schemas of the app. Fastify's serializer compiler goes through every shared schema for every route: eleven of
 * them on 1,000 routes cost half of the boot time, and our own references are never compiled. So they are added when all
 * routes are compiled, or earlier where somebody needs them earlier.
 */
import type { FastifyInstance } from 'fastify'
import { sharedSchemas } from '../../schemas/responses.js'

export function shareSchemas (app: FastifyInstance): void {
  // @fastify/swagger, where it was there before, asks every scope for its schemas before our hook can add them: a scope of
  // ours, without routes, answers with them
  if (app.hasPlugin('@fastify/swagger')) {
    app.register(async scope => { scope.getSchemas = () => Object.fromEntries(sharedSchemas.map(schema => [schema.$id!, schema])) })
  }

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

function complete (app: FastifyInstance): void {
  for (const schema of sharedSchemas) if (app.getSchema(schema.$id!) === undefined) app.addSchema(schema)
}
