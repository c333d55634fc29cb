/**
 * The nine answers in the routes' schemas. References to our schemas are never compiled: they are taken out while a route
 * is built, and put in place when all routes are, for whoever reads the schemas to make a document of them.
 */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { errorResponses, sharedSchemas } from '../../schemas/responses.js'
import { errorCodes, isErrorCode, type ErrorCode } from '../../schemas/statuses.js'
import { read } from '../classify/read.js'
import { settingsOf } from '../scope.js'

type Responses = Record<string, unknown>
type Documented = RouteOptions & { schema?: { response?: Responses } }

const ownIds: ReadonlySet<unknown> = new Set(sharedSchemas.map(({ $id }) => $id))

const references = errorResponses()

export function documentRoutes (app: FastifyInstance): void {
  const routes: Array<{ route: Documented, declared: Responses, listed: readonly ErrorCode[] }> = []

  app.addHook('onRoute', function (options) {
    const route = options as Documented
    const declared = takeOut(route) ?? {}
    routes.push({ route, declared, listed: listedErrors(route, settingsOf(this).document) })
  })

  app.addHook('onReady', done => {
    for (const { route, declared, listed } of routes) putIn(route, declared, listed)
    routes.length = 0
    done()
  })
}

/**
 * Takes the references to our schemas out of a route's `response`, whatever they are declared for; the user's schema object
 * stays as it is.
 */
function takeOut (route: Documented): Responses | undefined {
  const response = route.schema?.response
  if (response === undefined || !Object.values(response).some(isOurs)) return undefined
  const entries = Object.entries(response)
  route.schema = { ...route.schema, response: Object.fromEntries(entries.filter(([, schema]) => !isOurs(schema))) }
  return Object.fromEntries(entries.filter(([, schema]) => isOurs(schema)).map(([key, schema]) => [key, referenceTo(schema)]))
}

function isOurs (schema: unknown): boolean {
  return ownIds.has(idOf(schema)) || Object.values(read(schema, 'content') ?? {}).some(media => ownIds.has(idOf(read(media, 'schema'))))
}

/** A schema of ours that was declared whole, as a reference. */
function referenceTo (schema: unknown): unknown {
  return read(schema, '$id') === undefined ? schema : { $ref: `${idOf(schema)}#` }
}

function idOf (schema: unknown): string | undefined {
  const id = read(schema, '$ref') ?? read(schema, '$id')
  return typeof id === 'string' ? id.replace(/#$/, '') : undefined
}

/** The errors that a route's `config.errors` lists; all nine where it says nothing. */
function listedErrors (route: Documented, document: boolean): readonly ErrorCode[] {
  const errors = read(route.config, 'errors')
  if (errors === undefined) return document ? errorCodes : []
  if (errors === false) return []
  if (Array.isArray(errors) && errors.every(isErrorCode)) return document ? errors : []
  throw new TypeError(`humanloopErrors: config.errors of ${String(route.method)} ${route.url} must be false or a list of ${errorCodes.join(', ')}`)
}

/** What the user declares wins: an exact status, `4xx` and `5xx`, `default`. */
function putIn (route: Documented, declaredOurs: Responses, listed: readonly ErrorCode[]): void {
  const declared = { ...route.schema?.response, ...declaredOurs }
  const keys = new Set(Object.keys(declared).map(key => key.toLowerCase()))
  const added = listed.filter(code => !keys.has(String(code)) && !keys.has(code < 500 ? '4xx' : '5xx') && !keys.has('default'))
  if (added.length === 0 && Object.keys(declaredOurs).length === 0) return
  // a document shows an undeclared success by itself only while nothing else is declared
  const response: Responses = keys.size === 0 ? { 200: { description: 'Default Response' } } : declared
  for (const code of added) response[code] = references[code]
  route.schema = { ...route.schema, response }
}
