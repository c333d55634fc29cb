/**
 * The nine answers in the routes' schemas. References to our schemas are never compiled: they are taken out while a route
 * is built, and put in place when all routes are, for whoever reads the schemas to make a document of them.
 */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { errorResponses } from '../../schemas/responses.js'
import { errorCodes, errorStatuses, isErrorCode, type ErrorCode } from '../../schemas/statuses.js'
import { read } from '../classify/read.js'
import { settingsOf } from '../scope.js'

type Responses = Record<string, unknown>
type Documented = RouteOptions & { schema?: { response?: Responses } }

const ownIds: ReadonlySet<unknown> = new Set(Object.values(errorStatuses).map(({ schemaId }) => schemaId))

const references = errorResponses()

export function documentRoutes (app: FastifyInstance): void {
  const routes: Array<{ route: Documented, listed: readonly ErrorCode[] }> = []

  app.addHook('onRoute', function (options) {
    const route = options as Documented
    const referred = takeOut(route)
    const listed = listedErrors(route, settingsOf(this).document)
    routes.push({ route, listed: referred.length === 0 ? listed : [...new Set([...referred, ...listed])] })
  })

  app.addHook('onReady', done => {
    for (const { route, listed } of routes) putIn(route, listed)
    routes.length = 0
    done()
  })
}

/** Takes the references to our schemas out of a route's `response`; the user's schema object stays as it is. */
function takeOut (route: Documented): ErrorCode[] {
  const response = route.schema?.response
  if (response === undefined) return []
  const referred = errorCodes.filter(code => isOurs(response[code]))
  if (referred.length > 0) {
    const kept = Object.entries(response).filter(([, schema]) => !isOurs(schema))
    route.schema = { ...route.schema, response: Object.fromEntries(kept) }
  }
  return referred
}

function isOurs (schema: unknown): boolean {
  const id = read(schema, '$ref') ?? read(schema, '$id')
  return typeof id === 'string' && ownIds.has(id.replace(/#$/, ''))
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
function putIn (route: Documented, listed: readonly ErrorCode[]): void {
  if (listed.length === 0) return
  const declared = route.schema?.response
  const keys = new Set(declared === undefined ? [] : Object.keys(declared).map(key => key.toLowerCase()))
  // a document shows an undeclared success by itself only while nothing else is declared
  const response: Responses = keys.size === 0 ? { 200: { description: 'Default Response' } } : { ...declared }
  for (const code of listed) {
    if (!keys.has(String(code)) && !keys.has(code < 500 ? '4xx' : '5xx') && !keys.has('default')) response[code] = references[code]
  }
  route.schema = { ...route.schema, response }
}
