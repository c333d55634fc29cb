/** For users' own tests: whether every error answer that a stranger can provoke is inside the contract. */
import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Check } from './check.js'
import { openWire } from './connection.js'
import { routesOf } from './instrument.js'
import { reachableRoute } from './reachable-route.js'
import { checkedOptions, type ErrorContractOptions } from './options.js'
import { checkUnknownMethods, checkUnknownPaths } from './path-triggers.js'
import type { ErrorContractReport } from './report.js'
import { routeAttempts } from './route-triggers.js'
import { checkServer } from './server-triggers.js'

export type { ErrorContractOptions } from './options.js'
export type { CheckedAnswer, ErrorContractReport, Unchecked, Violation } from './report.js'

/**
 * Walks the routes of an app, provokes every error that fails before a handler, over real sockets on loopback, and checks
 * each answer: status, headers, length, body, and whether the route documents it.
 *
 * Provoked are: unknown paths and methods; for each route a request without the given headers, over-long parameters, broken,
 * empty, too large and wrongly typed bodies, and values that its own validators refuse, for each keyword of its schemas; at
 * the server malformed requests, a bad URL, too large headers and, where `headersTimeout` is shorter than the option
 * `timeout`, slow ones. Hooks, body parsers and not-found handlers are run as any stranger could run them. Handlers are
 * never called: a request that comes as far is answered before, and reported as unchecked. Errors inside handlers, a closing
 * server and HTTP/2 are beyond its reach.
 *
 * For that, this module has to be imported before the app is created: from then on every Fastify app of the process has
 * three more hooks and a lock on each handler, which let all other requests pass.
 *
 * What a route decides itself (a status that it declares with a schema of its own, `config: { errors: false }`) is left to
 * it, and reported as unchecked where it is not the contract.
 *
 * @param app what `Fastify()` returned, with all its routes; made ready if it is not. One that does not listen listens on a
 * free port of 127.0.0.1 as long as the check takes, and is left as it was; nothing is closed that was open.
 * @returns `{ checked, unchecked, violations }`; as text a table, for the message of an assertion
 * @throws TypeError for an option that does not exist or has the wrong type, for an app that was created before this module
 * was imported, and for one that does not speak plain HTTP/1.1
 * @example
 * ```ts
 * import { checkErrorContract } from 'fastify-humanloop-errors/testing'
 *
 * app.delete('/projects', async () => 'deleted')
 * const report = await checkErrorContract(app, { headers: { 'x-api-key': 'for-tests' } })
 * report.violations.filter(({ route }) => route !== 'server') // []
 * ```
 */
export async function checkErrorContract (app: FastifyInstance, options: ErrorContractOptions = {}): Promise<ErrorContractReport> {
  const { headers, skip, timeout } = checkedOptions(options)
  const declaredRoutes = routesOf(app)
  const wire = await openWire(app, timeout)
  try {
    const check = new Check(wire, headers, timeout)
    const paths = new Map<string, string>()
    for (const declared of declaredRoutes) {
      const { url, options } = declared
      for (const method of [options.method].flat()) {
        if (skip({ method, url })) continue
        const subject = { route: `${method} ${url}`, method, declared }
        const route = await reachableRoute(check, declared, method)
        if (route === undefined) {
          check.report.unchecked.push({ route: subject.route, reason: 'no address was found that leads to it' })
          continue
        }
        paths.set(url, route.path)
        await check.attemptAll(subject, routeAttempts(route))
      }
    }
    await checkUnknownMethods(check, app.supportedMethods, paths)
    await checkUnknownPaths(check, new Set(['', ...declaredRoutes.map(({ options: { prefix = '' } }) => prefix)]))
    await checkServer(check, app.server as Server)
    return check.report
  } finally {
    await wire.close()
  }
}
