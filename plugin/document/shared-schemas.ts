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
import { has, read } from '../classify/read.js'
import { settingsOf } from '../scope.js'
import { examplesOf } from './examples.js'

type Schemas = ReadonlyMap<string, TSchema>

export function shareSchemas (app: FastifyInstance): void {
  const schemas = schemasWithExamples(settingsOf(app).origin)
  const { getSchemas } = app
  const added = new Set<string>()
  const complete = (): void => {
    const known = getSchemas() // not `getSchema`, which a user's bucket may lack: Fastify itself never asks for it
    for (const [id, schema] of schemas) {
      if (id in known) continue
      added.add(id)
      app.addSchema(schema)
    }
  }

  // a route with references of its own may reach ours by them: then they are compiled with it
  const seen = new WeakSet<object>()
  app.addHook('onRoute', ({ schema }) => {
    if (schema === undefined || seen.has(schema)) return
    seen.add(schema)
    if (refersToAnything(schema, new Set())) complete()
  })
  app.addHook('onReady', done => {
    complete()
    done()
  })
  showSchemas(app, schemas, added)
}

/**
 * Shows our schemas to those who ask a scope for all that it has, as @fastify/swagger does: it may ask before they are
 * added, and does not say for which version of OpenAPI. So they are shown in words that every version has.
 *
 * @param added ids under which the app has our schemas; under another it has one of the user's
 */
function showSchemas (app: FastifyInstance, schemas: Schemas, added: ReadonlySet<string>): void {
  const shown = [...schemas].map(([id, schema]) => [id, inEveryVersion(schema)] as const)
  const showIn = (scope: FastifyInstance): void => {
    const { getSchemas } = scope
    scope.getSchemas = () => {
      const known = getSchemas()
      return { ...known, ...Object.fromEntries(shown.filter(([id]) => added.has(id) || !(id in known))) }
    }
  }
  showIn(app)
  app.addHook('onRegister', showIn)
}

/**
 * A schema without keywords that Swagger 2 or OpenAPI 3.0 lack: a `const` is an `enum` of one, the first of the `examples`
 * an `example`. Ajv in its strict mode refuses `example`, so the schemas that are compiled keep theirs.
 */
function inEveryVersion (schema: TSchema): TSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) => {
    if (has(value, 'const')) {
      const { const: literal, ...rest } = value
      return { ...rest, enum: [literal] }
    }
    if (has(value, 'examples')) {
      const { examples, ...rest } = value
      return { ...rest, example: read(examples, 0) }
    }
    return value
  })
}

/** Looks into plain objects and lists only: schemas of other libraries refer by other means, and may be circular. */
function refersToAnything (schema: object, seen: Set<object>): boolean {
  if (seen.has(schema) || !(Array.isArray(schema) || Object.getPrototypeOf(schema) === Object.prototype)) return false
  seen.add(schema)
  return Object.entries(schema).some(([key, value]) => key === '$ref' || (typeof value === 'object' && value !== null && refersToAnything(value, seen)))
}

/** @param origin the name of this service, which stands in the examples */
function schemasWithExamples (origin: string): Schemas {
  const bodies = (code: ErrorCode): ErrorEnvelope[] => Object.values(examplesOf(code, origin))
  const schemas: TSchema[] = [
    { ...ErrorDetail, examples: bodies(422).map(({ detail }) => detail) },
    { ...ErrorEnvelope, examples: bodies(422) },
    ...errorCodes.map(code => ({ ...responseSchemas[code], examples: bodies(code) }))
  ]
  return new Map(schemas.map(schema => [schema.$id!, schema]))
}
