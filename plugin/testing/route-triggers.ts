/** What a stranger can do wrong at a route: the request itself, its body, what its schemas ask for. */
import { addressOf, parametersOf } from './address.js'
import type { Attempt, Withheld } from './check.js'
import type { ReachableRoute } from './reachable-route.js'
import { json, takesBody, type CheckRequest } from './request.js'
import { breakersOf, sampleOf } from './schema-samples.js'
import { parts, refuses, textsOf, validationOf, type Part } from './validation.js'

/** More than any limit. Nothing of it is sent: what is announced is refused. */
const tooMany = String(Number.MAX_SAFE_INTEGER)

const wrongBodies: ReadonlyArray<readonly [trigger: string, headers: Readonly<Record<string, string>>, body?: string]> = [
  ['broken JSON', json, '{"'],
  ['empty JSON body', { ...json, 'content-length': '0' }],
  ['JSON with __proto__', json, '{"__proto__":{"x":1}}'],
  ['body too large', { ...json, 'content-length': tooMany }],
  ['wrong media type', { 'content-type': 'application/x-error-contract-check' }, 'x']
]

/** Values tried for each part of a request: those of large schemas have no end. */
const mostTried = 2000

/** Longer than parameters may be: 100 characters, unless the app says otherwise. */
const longParameter = 'x'.repeat(8000)

/** Everything that may fail before the route's handler. */
export async function * routeAttempts (route: ReachableRoute): AsyncGenerator<Attempt | Withheld> {
  const { declared: { url }, method, path, params, headers } = route
  yield { trigger: 'bare request', request: { method, path, headers }, bare: true }
  const [first] = Object.keys(params)
  if (first !== undefined) {
    const long = addressOf(url, name => name === first ? longParameter : params[name]!)
    yield { trigger: 'parameter too long', request: { method, path: long, headers } }
  }
  if (takesBody(method)) {
    for (const [trigger, more, body] of wrongBodies) {
      yield { trigger, request: { method, path, headers: { ...headers, ...more }, ...body === undefined ? {} : { body } } }
    }
  }
  for (const part of parts) yield * schemaAttempts(route, part)
}

/** A request with a value in one of its parts, and how the validator will see that value; undefined where it cannot be sent. */
type Sent = { request: CheckRequest, seen: unknown } | undefined

async function * schemaAttempts (route: ReachableRoute, part: Part): AsyncGenerator<Attempt | Withheld> {
  const { validator, schema } = validationOf(route, part)
  if (schema === undefined) return
  const trigger = `${part} outside its schema`
  if (route.declared.options.attachValidation === true) {
    return yield { trigger, reason: 'attachValidation leaves the decision to the handler' }
  }
  if (validator === undefined) return yield { trigger, reason: 'there is no schema for application/json' }
  const found = new Set<string>()
  let tried = 0
  for (const { keyword, value } of breakersOf(schema, part === 'params' ? route.params : sampleOf(schema))) {
    if (++tried > mostTried) break
    if (found.has(keyword)) continue
    const sent = withPart[part](route, value)
    if (sent === undefined || !await refuses(validator, sent.seen)) continue
    found.add(keyword)
    yield { trigger: `${part}: ${keyword}`, request: sent.request }
  }
  if (found.size === 0) yield { trigger, reason: 'its validator refused none of the values that were tried' }
}

const withPart: Readonly<Record<Part, (route: ReachableRoute, value: unknown) => Sent>> = {
  body: ({ method, path, headers }, value) =>
    ({ request: { method, path, headers: { ...headers, ...json }, body: JSON.stringify(value) }, seen: JSON.parse(JSON.stringify(value)) }),

  params: (route, value) => {
    const { url } = route.declared
    const texts = textsOf(value)
    const names = parametersOf(url)
    if (texts === undefined || !names.every(name => typeof texts[name] === 'string' && texts[name] !== '')) return undefined
    return { request: withBody(route, { path: addressOf(url, name => texts[name] as string) }), seen: texts }
  },

  querystring: (route, value) => {
    const texts = textsOf(value)
    if (texts === undefined) return undefined
    const pairs = Object.entries(texts).flatMap(([name, one]) => [one].flat().map((text): [string, string] => [name, text]))
    const query = new URLSearchParams(pairs).toString()
    return { request: withBody(route, { path: query === '' ? route.path : `${route.path}?${query}` }), seen: texts }
  },

  headers: (route, value) => {
    const texts = textsOf(value)
    if (texts === undefined) return undefined
    const given = Object.fromEntries(Object.entries(texts).map(([name, one]) => [name.toLowerCase(), [one].flat().join(', ')]))
    const isSendable = ([name, text]: [string, string]): boolean =>
      /^[\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(text) && !(name in ownHeaders)
    if (!Object.entries(given).every(isSendable)) return undefined
    return { request: withBody(route, { headers: given }), seen: { ...route.arrived.raw.headers, ...given } }
  }
}

/** With a body that the route takes, so that it is not the body that fails. */
function withBody ({ method, path, headers, body }: ReachableRoute, request: Partial<CheckRequest>): CheckRequest {
  const more = body === undefined ? { headers } : { body, headers: { ...headers, ...json } }
  return { method, path, ...more, ...request, headers: { ...more.headers, ...request.headers } }
}

/** Headers that make the request what it is. */
const ownHeaders: Readonly<Record<string, true>> = { host: true, connection: true, 'content-length': true, 'transfer-encoding': true }
