/** The errors that a route's documentation lists. */
import type { RouteOptions } from 'fastify'
import { responseKeys } from '../document/response-keys.js'

/** True if a status is listed: exactly, as `4xx` or `5xx`, or by `default`. A route that documents no errors may send any. */
export function isDocumented ({ schema, config }: RouteOptions, status: number): boolean {
  const { response = {} } = (schema ?? {}) as { response?: object }
  const { errors } = config ?? {}
  const listed = new Set([
    ...Object.keys(response).map(key => key.toLowerCase()).filter(key => /^(?:[45]|default$)/.test(key)),
    ...Array.isArray(errors) ? errors.map(String) : []
  ])
  return listed.size === 0 || responseKeys(status).some(key => listed.has(key))
}
