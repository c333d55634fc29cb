/** For users' own tests: whether every error answer that a stranger can provoke is inside the contract. */
import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Check } from './check.js'
import { openWire } from './connection.js'
import { routesOf } from './instrument.js'
import { knownRoute } from './known-route.js'
import { checkedOptions, type ErrorContractOptions } from './options.js'
import { checkUnknownMethods, checkUnknownPaths } from './path-triggers.js'
import type { ErrorContractReport } from './report.js'
import { routeAttempts } from './route-triggers.js'
import { checkServer } from './server-triggers.js'

export type { ErrorContractOptions } from './options.js'
export type { CheckedAnswer, ErrorContractReport, Unchecked, Violation } from './report.js'

/** Fastify's own, where the app sets none. */
const defaultMaxParamLength = 100

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
        const route = await knownRoute(check, declared, method)
        if (route === undefined) {
          check.report.unchecked.push({ route: subject.route, reason: 'no address was found that leads to it' })
          continue
        }
        paths.set(url, route.path)
        await check.attemptAll(subject, routeAttempts(route, app.initialConfig.maxParamLength ?? defaultMaxParamLength))
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
