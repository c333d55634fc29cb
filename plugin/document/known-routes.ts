/** The routes of the app and the answers that each may give, for whoever shows them: told when all routes are there. */
import type { FastifyInstance, RouteOptions } from 'fastify'
import { errorCodes, type ErrorCode } from '../../schemas/statuses.js'
import { read, readText } from '../classify/read.js'
import type { Settings } from '../options.js'
import { settingsOf } from '../scope.js'
import { isOurs } from './contract-refs.js'
import { listedErrors } from './routes.js'

/** A route that is not hidden from documents. */
export interface KnownRoute {
  readonly methods: readonly string[]
  readonly path: string
  readonly summary: string | undefined
  /** Those of the nine that it may answer with. */
  readonly errors: readonly ErrorCode[]
  /** The name of this service in the route's scope. */
  readonly origin: string
}

type Reader = (routes: readonly KnownRoute[]) => void

const kReaders = Symbol.for('fastify-humanloop-errors.route-readers')

type Scope = FastifyInstance & { [kReaders]?: Reader[] }

/** A route as it was registered: what its options say of path and schema changes while it is built. */
interface Registered {
  readonly route: RouteOptions
  readonly path: string
  readonly schema: RouteOptions['schema']
  readonly settings: Settings
}

/** Remembers the routes of this scope and of those inside until all are there. Comes before our schemas are taken out of theirs. */
export function rememberRoutes (app: FastifyInstance): void {
  const readers: Reader[] = []
  app.decorate(kReaders, readers)
  const routes: Registered[] = []

  app.addHook('onRoute', function (route) {
    routes.push({ route, path: route.url, schema: route.schema, settings: settingsOf(this) })
  })

  app.addHook('onReady', done => {
    if (readers.length > 0) {
      const known = routes.filter(({ schema }) => !isHidden(schema)).map(knownRoute)
      for (const tell of readers) tell(known)
    }
    routes.length = 0
    done()
  })
}

/** Asks for the routes of the scope in which the plugin was registered first, and of those inside. */
export function whenRoutesAreKnown (scope: FastifyInstance, reader: Reader): void {
  (scope as Scope)[kReaders]!.push(reader)
}

/** What @fastify/swagger leaves out of a document. */
function isHidden (schema: RouteOptions['schema']): boolean {
  return Boolean(read(schema, 'hide')) || [read(schema, 'tags')].flat().includes('X-HIDDEN')
}

function knownRoute ({ route, path, schema, settings: { origin } }: Registered): KnownRoute {
  return { methods: [route.method].flat(), path, summary: readText(schema, 'summary'), errors: ownAnswers(schema, listedErrors(route, true)), origin }
}

/** Of what is declared for a status, the most specific decides whose its answer is; what is not declared, `listed`. */
function ownAnswers (schema: RouteOptions['schema'], listed: readonly ErrorCode[]): ErrorCode[] {
  const isOwn = new Map(Object.entries(schema?.response ?? {}).map(([key, declared]) => [key.toLowerCase(), isOurs(declared)]))
  return errorCodes.filter(code =>
    isOwn.get(String(code)) ?? isOwn.get(code < 500 ? '4xx' : '5xx') ?? isOwn.get('default') ?? listed.includes(code))
}
