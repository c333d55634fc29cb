/** Paths and methods that have no route. */
import { takesBody, json } from './request.js'
import type { Check } from './check.js'

/** A path that nobody has. */
export const unknownPath = '/error-contract-check/no-such-route'

/**
 * @param prefixes those of the scopes that have routes: each may have a not-found handler of its own
 */
export async function checkUnknownPaths (check: Check, prefixes: Iterable<string>): Promise<void> {
  for (const prefix of prefixes) {
    const path = `${prefix.replace(/\/$/, '')}${unknownPath}`
    for (const method of ['GET', 'HEAD', 'POST']) {
      const request = { method, path, ...method === 'POST' ? { headers: json, body: '{"' } : {} }
      const subject = { route: `${method} ${path}`, method }
      const landing = await check.landing(request)
      await check.attempt(subject, landing?.is404 === true
        ? { trigger: 'unknown path', request }
        : { trigger: 'unknown path', reason: arrived(landing?.routeOptions.url) })
    }
  }
}

/**
 * @param methods all that the app knows
 * @param paths an address for each known pattern
 */
export async function checkUnknownMethods (check: Check, methods: readonly string[], paths: ReadonlyMap<string, string>): Promise<void> {
  for (const [url, path] of paths) {
    for (const method of methods) {
      const request = { method, path, ...takesBody(method) ? { headers: json, body: '{}' } : {} }
      const landing = await check.landing(request)
      // a route, of this pattern or another one, is checked as such
      if (landing?.is404 === true) await check.attempt({ route: `${method} ${url}`, method }, { trigger: 'unknown method', request })
    }
  }
}

function arrived (url: string | undefined): string {
  return url === undefined ? 'it does not arrive at the not-found handler' : `it arrives at the route ${url}`
}
