/**
 * The nine answers in the routes' schemas. References to our schemas are never compiled: they are taken out while a route
 * is built, and are there again when all routes are, for whoever reads the schemas to make a document of them.
 */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { errorCodes, isErrorCode, type ErrorCode } from '../../schemas/statuses.js'
import { read } from '../classify/read.js'
import { settingsOf } from '../scope.js'
import { isOurs, isPlain, ownReferences, referenceTo, undeclaredSuccess, type Responses } from './own-references.js'

type Documented = RouteOptions & { schema?: { response?: Responses, hide?: boolean } }

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
  const references = ownReferences(settingsOf(app).authenticate)

  app.addHook('onRoute', function (options) {
    const route = options as Documented
    const given = route.schema
    if (given !== undefined && !known.has(given)) known.set(given, takeOut(given))
    const taken = given === undefined ? undefined : known.get(given)
    if (taken?.schema !== undefined) options.schema = taken.schema
    routes.push({ route, ours: taken?.ours ?? [], listed: listedErrors(route, settingsOf(this).document) })
  })

  app.addHook('onReady', done => {
    for (const { route, ours, listed } of routes) {
      if ((ours.length > 0 || listed.length > 0) && route.schema?.hide !== true) putIn(route, ours, listed, references)
    }
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

/** The errors that a route's `config.errors` lists; all nine where it says nothing. */
export function listedErrors (route: RouteOptions, document: boolean): readonly ErrorCode[] {
  const errors = read(route.config, 'errors')
  if (errors === undefined) return document ? errorCodes : []
  if (errors === false) return []
  if (Array.isArray(errors) && errors.every(isErrorCode)) return document ? errors : []
  throw new TypeError(`humanloopErrors: config.errors of ${String(route.method)} ${route.url} must be false or a list of ${errorCodes.join(', ')}`)
}

/**
 * The schema with its answers is made each time that somebody reads it: nearly always nobody does but once, for the
 * document, and a thousand of them kept are 6 MB.
 */
function putIn (route: Documented, ours: Declared, listed: readonly ErrorCode[], references: Responses): void {
  const { schema } = route
  Object.defineProperty(route, 'schema', {
    configurable: true,
    enumerable: true,
    get: () => ({ ...schema, response: withAnswers(schema?.response ?? {}, ours, listed, references) }),
    set: value => { Object.defineProperty(route, 'schema', { value, writable: true, configurable: true, enumerable: true }) }
  })
}

/** What the user declares wins: an exact status, `4xx` and `5xx`, `default`. */
function withAnswers (theirs: Responses, ours: Declared, listed: readonly ErrorCode[], references: Responses): Responses {
  const keys = new Set([...Object.keys(theirs), ...ours.map(([key]) => key)].map(key => key.toLowerCase()))
  const isFree = (code: ErrorCode): boolean => !keys.has('default') && !keys.has(code < 500 ? '4xx' : '5xx') && !keys.has(String(code))
  const response: Responses = {}
  for (const code of listed) if (isFree(code)) response[code] = references[code]
  // a document shows an undeclared success by itself only while nothing else is declared
  if (Object.keys(theirs).length === 0 && ours.every(([key]) => /^[45]/.test(key))) response[200] = undeclaredSuccess
  for (const [key, schema] of ours) response[key] = isPlain(schema, key) ? references[key] : schema
  return Object.assign(response, theirs)
}
