/** The ledger of the app's routes: written while they are registered, read when all are there, by documents and by the reference. */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { errorCodes, isErrorCode, type ErrorCode } from '../../schemas/statuses.js'
import { read, readText } from '../classify/read.js'
import type { Settings } from '../options.js'
import { settingsOf } from '../scope.js'
import { contractRefs } from './contract-refs.js'
import { possibleErrors, putRefs, takeRefs, type DeclaredRefs, type Taken } from './route-responses.js'

/** A route as it was registered: its options change while it is built. */
interface Entry {
  readonly route: RouteOptions
  readonly path: string
  readonly schema: RouteOptions['schema']
  /** The references of ours in that schema. */
  readonly refs: DeclaredRefs
  /** Those of the nine that the route lists. */
  readonly listed: readonly ErrorCode[]
  readonly settings: Settings
}

/** A route that is not hidden from documents. */
export interface KnownRoute {
  readonly methods: readonly string[]
  readonly path: string
  readonly summary: string | undefined
  /** Those of the nine that it may respond with. */
  readonly errors: readonly ErrorCode[]
  /** The name of this service in the route's scope. */
  readonly origin: string
}

type Reader = (routes: readonly KnownRoute[]) => void

const kReaders = Symbol.for('fastify-humanloop-errors.route-readers')

type Scope = FastifyInstance & { [kReaders]?: Reader[] }

/** Keeps the routes of this scope and of those inside, and lets their schemas list the errors of the contract once all are there. */
export function documentRoutes (app: FastifyInstance): void {
  const readers: Reader[] = []
  app.decorate(kReaders, readers)
  const entries: Entry[] = []
  // a GET route and its HEAD route share their schema
  const taken = new WeakMap<object, Taken>()
  const references = contractRefs(settingsOf(app).authenticate)

  app.addHook('onRoute', function (route) {
    const { schema } = route
    const listed = listedErrors(route)
    const own = schema === undefined ? takeRefs(schema) : taken.get(schema) ?? takeRefs(schema)
    if (schema !== undefined) taken.set(schema, own)
    if (own.schema !== schema) route.schema = own.schema!
    entries.push({ route, path: route.url, schema, refs: own.refs, listed, settings: settingsOf(this) })
  })

  app.addHook('onReady', done => {
    if (readers.length > 0) {
      const known = entries.filter(({ schema }) => !isHidden(schema)).map(knownRoute)
      for (const tell of readers) tell(known)
    }
    for (const { route, refs, listed, settings } of entries) {
      const shown = settings.document ? listed : []
      if ((refs.length > 0 || shown.length > 0) && read(route.schema, 'hide') !== true) putRefs(route, refs, shown, references)
    }
    entries.length = 0
    done()
  })
}

/** Asks for the routes of the scope in which the plugin was registered first, and of those inside. */
export function whenRoutesAreKnown (scope: FastifyInstance, reader: Reader): void {
  (scope as Scope)[kReaders]!.push(reader)
}

/** True if @fastify/swagger leaves a route with this schema out of a document. */
function isHidden (schema: RouteOptions['schema']): boolean {
  return Boolean(read(schema, 'hide')) || [read(schema, 'tags')].flat().includes('X-HIDDEN')
}

function knownRoute ({ route, path, schema, listed, settings: { origin } }: Entry): KnownRoute {
  return { methods: [route.method].flat(), path, summary: readText(schema, 'summary'), errors: possibleErrors(schema, listed), origin }
}

/** Lists the errors in a route's `config.errors`; all nine if it says nothing. */
function listedErrors (route: RouteOptions): readonly ErrorCode[] {
  const errors = read(route.config, 'errors')
  if (errors === undefined) return errorCodes
  if (errors === false) return []
  if (Array.isArray(errors) && errors.every(isErrorCode)) return errors
  throw new TypeError(`humanloopErrors: config.errors of ${String(route.method)} ${route.url} must be false or a list of ` +
    errorCodes.join(', '))
}
