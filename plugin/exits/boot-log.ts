/** What a person should know when the server starts: where the contract does not hold as it could. One line each. */
import type { FastifyInstance } from 'fastify'
import { hasServerOptions } from './connection.js'
import { rootOf } from '../scope.js'

/** Says what was there before the plugin. */
export function logBoot (app: FastifyInstance): void {
  const routes = routesOf(app)
  if (routes.length > 0) {
    app.log.warn(
      { routes },
      'humanloopErrors: these routes were there before the plugin and keep Fastify’s error handler, which knows no provider; register the plugin before them'
    )
  }
  // Fastify binds a handler that was set, not its own
  if (app.errorHandler.name.startsWith('bound ')) {
    app.log.warn(
      { errorHandler: app.errorHandler.name.slice('bound '.length) },
      'humanloopErrors: takes the place of the error handler that was set before it'
    )
  }
  if (!hasServerOptions(app)) {
    app.log.info(
      'humanloopErrors: bad URLs and requests that Node refuses are not answered inside the contract; they are with Fastify(serverOptions({ … }))'
    )
  }
}

/** The routes of this scope so far, as `GET /path`. */
function routesOf (app: FastifyInstance): string[] {
  if (rootOf(app) !== app && app.prefix === '') return [] // whose routes they are cannot be told
  const above: string[] = []
  return app.printRoutes({ commonPrefix: false }).split('\n').flatMap(line => {
    const begins = line.indexOf('── ')
    const ends = line.lastIndexOf(' (')
    if (begins === -1) return []
    const depth = (begins - 1) / 4
    const path = (above[depth - 1] ?? '') + line.slice(begins + 3, ends)
    above[depth] = path
    const methods = line.slice(ends + 2, line.indexOf(')', ends)).split(', ')
    return path.startsWith(app.prefix) ? methods.filter(method => method !== 'HEAD').map(method => `${method} ${path}`) : []
  })
}
