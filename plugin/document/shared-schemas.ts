/**
 * The shared schemas of the app. Fastify's serializer compiler goes through every shared schema for every route: eleven of
 * them on 1,000 routes cost half of the boot time, and our own references are never compiled. So they are added when all
 * routes are compiled, or earlier where somebody needs them earlier.
 */
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { ErrorDetail, ErrorEnvelope } from '../../schemas/envelope.js'
import { responseSchemas } from '../../schemas/responses.js'
import { errorCodes, type ErrorCode } from '../../schemas/statuses.js'
import { settingsOf } from '../scope.js'
import { examplesOf } from './examples.js'

export function shareSchemas (app: FastifyInstance): void {
  const schemas = schemasWithExamples(settingsOf(app).origin)
  // @fastify/swagger, where it was there before, asks every scope for its schemas before our hook can add them: a scope of
  // ours, without routes, answers with them
  if (app.hasPlugin('@fastify/swagger')) {
    app.register(async scope => { scope.getSchemas = () => Object.fromEntries(schemas.map(schema => [schema.$id!, schema])) })
  }

  // a route with references of its own may reach ours by them: then they are compiled with it
  const seen = new WeakSet<object>()
  app.addHook('onRoute', ({ schema }) => {
    if (schema === undefined || seen.has(schema)) return
    seen.add(schema)
    if (refersToAnything(schema, new Set())) complete(app, schemas)
  })
  app.addHook('onReady', done => {
    complete(app, schemas)
    done()
  })
}

/** Looks into plain objects and lists only: schemas of other libraries refer by other means, and may be circular. */
function refersToAnything (schema: object, seen: Set<object>): boolean {
  if (seen.has(schema) || !(Array.isArray(schema) || Object.getPrototypeOf(schema) === Object.prototype)) return false
  seen.add(schema)
  return Object.entries(schema).some(([key, value]) => key === '$ref' || (typeof value === 'object' && value !== null && refersToAnything(value, seen)))
}

function complete (app: FastifyInstance, schemas: readonly TSchema[]): void {
  for (const schema of schemas) if (app.getSchema(schema.$id!) === undefined) app.addSchema(schema)
}

/** @param origin the name of this service, which stands in the examples */
function schemasWithExamples (origin: string): readonly TSchema[] {
  const bodies = (code: ErrorCode): ErrorEnvelope[] => Object.values(examplesOf(code, origin))
  return [
    { ...ErrorDetail, examples: bodies(422).map(({ detail }) => detail) },
    { ...ErrorEnvelope, examples: bodies(422) },
    ...errorCodes.map(code => ({ ...responseSchemas[code], examples: bodies(code) }))
  ]
}
