/** The routes of the app and the answers that each may give, for whoever shows them: told when all routes are there. */
import type { FastifyInstance } from 'fastify'
import type { ErrorCode } from '../../schemas/statuses.js'

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

const kReaders = Symbol('fastify-humanloop-errors.route-readers')

type Scope = FastifyInstance & { [kReaders]?: Reader[] }

/** Makes it possible, in this scope and those inside, to ask for the routes. */
export function keepReaders (app: FastifyInstance): Reader[] {
  const readers: Reader[] = []
  app.decorate(kReaders, readers)
  return readers
}

/** Asks for the routes, of the scope in which the plugin was registered first and of those inside. */
export function whenRoutesAreKnown (scope: FastifyInstance, reader: Reader): void {
  (scope as Scope)[kReaders]!.push(reader)
}
