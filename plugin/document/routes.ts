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

/**
 * A schema of a route without our references, and what they were declared for. A list, as V8 keeps an object with the key
 * 529 in an array of 800 places.
 */
interface Taken { readonly schema: RouteOptions['schema'], readonly ours: Declared }

type Declared = ReadonlyArray<readonly [key: string, schema: unknown]>

export function documentRoutes (app: FastifyInstance): void {
  const routes: Array<{ route: Documented, ours: Declared, listed: readonly ErrorCode[] }> = []
  // a GET route and its HEAD route share their schema
  const known = new WeakMap<object, Taken | undefined>()

  app.addHook('onRoute', function (options) {
    const route = options as Documented
    const given = route.schema
    if (given !== undefined && !known.has(given)) known.set(given, takeOut(given))
    const taken = given === undefined ? undefined : known.get(given)
    if (taken !== undefined) options.schema = taken.schema
    routes.push({ route, ours: taken?.ours ?? [], listed: listedErrors(route, settingsOf(this).document) })
  })

  app.addHook('onReady', done => {
    for (const { route, ours, listed } of routes) putIn(route, ours, listed)
    routes.length = 0
    done()
  })
}

/**
 * Takes the references to our schemas out of a schema's `response`, whatever they are declared for; the user's object stays
 * as it is.
 */
function takeOut (schema: NonNullable<Documented['schema']>): Taken | undefined {
  const kept: Responses = {}
  const ours: Array<readonly [string, unknown]> = []
  for (const [key, declared] of Object.entries(schema.response ?? {})) {
    if (isOurs(declared)) ours.push([key, referenceTo(declared)])
    else kept[key] = declared
  }
  return ours.length === 0 ? undefined : { schema: { ...schema, response: kept }, ours }
}

export function isOurs (schema: unknown): boolean {
  if (ownIds.has(idOf(schema))) return true
  const content = read(schema, 'content')
  return content !== undefined && Object.values(content as object).some(media => ownIds.has(idOf(read(media, 'schema'))))
}

/** A schema of ours that was declared whole, as a reference. */
function referenceTo (schema: unknown): unknown {
  return read(schema, '$id') === undefined ? schema : { $ref: `${idOf(schema)}#` }
}

function idOf (schema: unknown): string | undefined {
  const id = read(schema, '$ref') ?? read(schema, '$id')
  return typeof id === 'string' && id.endsWith('#') ? id.slice(0, -1) : id as string | undefined
}

/** The errors that a route's `config.errors` lists; all nine where it says nothing. */
export function listedErrors (route: RouteOptions, document: boolean): readonly ErrorCode[] {
  const errors = read(route.config, 'errors')
  if (errors === undefined) return document ? errorCodes : []
  if (errors === false) return []
  if (Array.isArray(errors) && errors.every(isErrorCode)) return document ? errors : []
  throw new TypeError(`humanloopErrors: config.errors of ${String(route.method)} ${route.url} must be false or a list of ${errorCodes.join(', ')}`)
}

/** What the user declares wins: an exact status, `4xx` and `5xx`, `default`. */
function putIn (route: Documented, ours: Declared, listed: readonly ErrorCode[]): void {
  if (ours.length === 0 && listed.length === 0) return
  const declared: Declared = [...Object.entries(route.schema?.response ?? {}), ...ours]
  const keys = new Set(declared.map(([key]) => key.toLowerCase()))
  const isFree = (code: ErrorCode): boolean => !keys.has('default') && !keys.has(code < 500 ? '4xx' : '5xx') && !keys.has(String(code))
  const response: Responses = {}
  for (const code of listed.toReversed()) if (isFree(code)) response[code] = references[code] // the greatest first: its array grows once
  // a document shows an undeclared success by itself only while nothing else is declared
  if (declared.length === 0) response[200] = { description: 'Default Response' }
  for (const [key, schema] of declared) response[key] = schema
  route.schema = { ...route.schema, response }
}
