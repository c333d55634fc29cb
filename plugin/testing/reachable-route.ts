/** From a declared route to one that can be reached: an address that leads to it. The server is asked, nothing is guessed. */
import type { FastifyRequest } from 'fastify'
import { addressOf, likelyValues, parametersOf } from './address.js'
import type { Check } from './check.js'
import type { DeclaredRoute } from './instrument.js'
import { takesBody } from './request.js'
import { sampleOf } from './schema-samples.js'
import { refuses, validationOf } from './validation.js'

export interface ReachableRoute {
  readonly declared: DeclaredRoute
  readonly method: string
  readonly path: string
  /** The values of its parameters in that path. */
  readonly params: Readonly<Record<string, string>>
  /** Those that its constraints ask for. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON that its validator takes, where some was found. */
  readonly body: string | undefined
  /** A request that came to it. */
  readonly arrived: FastifyRequest
}

/** @returns undefined where no address was found that leads to the route */
export async function reachableRoute (check: Check, declared: DeclaredRoute, method: string): Promise<ReachableRoute | undefined> {
  const headers = headersFor(declared.options.constraints)
  let found: ReachableRoute | undefined
  for (const value of likelyValues) {
    const path = addressOf(declared.url, () => value)
    const arrived = await check.landing({ method, path, headers })
    if (arrived === undefined || arrived.is404 || arrived.routeOptions.url !== declared.url) continue
    const params = Object.fromEntries(parametersOf(declared.url).map(name => [name, value]))
    const body = takesBody(method) ? await bodyFor({ declared, arrived }) : undefined
    found ??= { declared, method, path, params, headers, arrived, body }
    const { validator } = validationOf({ declared, arrived }, 'params')
    if (validator === undefined || !await refuses(validator, { ...params })) return { ...found, path, params }
  }
  return found
}

async function bodyFor (route: Pick<ReachableRoute, 'declared' | 'arrived'>): Promise<string | undefined> {
  const { validator, schema } = validationOf(route, 'body')
  if (validator === undefined) return undefined
  const body = JSON.stringify(sampleOf(schema)) ?? 'null'
  return await refuses(validator, JSON.parse(body)) ? undefined : body
}

/** A host or a version, where it is written out. */
function headersFor ({ host, version }: { host?: unknown, version?: unknown } = {}): Record<string, string> {
  return { ...typeof host === 'string' ? { host } : {}, ...typeof version === 'string' ? { 'accept-version': version } : {} }
}
