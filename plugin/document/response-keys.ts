/**
 * The keys of a route's `response` that speak of a status, the most specific first. Fastify takes them in any case.
 *
 * @param status of an error response
 */
export function responseKeys (status: number): [exact: string, range: string, rest: string] {
  return [String(status), `${Math.floor(status / 100)}xx`, 'default']
}
