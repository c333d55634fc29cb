/** Brings together what the error reference says: the table of nine, the origins, and the routes of the app. */
import { detailOf } from '../../schemas/envelope.js'
import { codesWithRetryAfter } from '../../schemas/responses.js'
import { errorCodes, errorStatuses, type ErrorCode, type ErrorStatus } from '../../schemas/statuses.js'
import type { KnownRoute } from '../document/known-routes.js'
import { UnknownError } from '../errors.js'
import { knownProviders, type Registry } from '../providers/index.js'
import type { ErrorReference, ReferenceError } from './shape.js'
import { curlFor, typescriptFor } from './snippets.js'

const headers: ErrorReference['headers'] = [
  { name: 'x-request-id', meaning: 'On every answer: the id under which the log has the request.' },
  { name: 'retry-after', meaning: `Seconds until a retry may succeed, where it is known; on ${[...codesWithRetryAfter].join(', ')}.` },
  { name: 'x-should-retry', meaning: '`false` on a 429 that waiting does not cure.' },
  { name: 'x-provider-request-id', meaning: 'The id that the model provider gave the request, where it sent one.' }
]

/** After these the request may have been carried out nevertheless. */
const mayHaveTakenEffect: ReadonlySet<ErrorCode> = new Set([500, 504])

/** Who may have failed. */
interface Services { readonly origin: string, readonly registry?: Registry | undefined }

/**
 * @param title the name of the API
 * @param services the name of this service, and the providers that it knows
 * @param routes all that are not hidden
 */
export function referenceOf (title: string, { origin, registry }: Services, routes: readonly KnownRoute[]): ErrorReference {
  const listed = withoutAddedHeads(routes)
  return {
    title: shown(title),
    origins: {
      services: [...new Set([origin, ...routes.map(route => route.origin)].map(asAnswered))],
      providers: knownProviders(registry).map(shown)
    },
    fields: Object.entries(detailOf(422).properties).map(([name, { description }]) => ({ name, meaning: description ?? 'The kind of error, fixed by `code`.' })),
    headers,
    errors: errorCodes.map(code => errorOf(code, origin, listed.filter(({ errors }) => errors.includes(code))))
  }
}

function errorOf (code: ErrorCode, origin: string, routes: readonly KnownRoute[]): ReferenceError {
  const { type, title, description, retryable, advice, example } = errorStatuses[code]
  const { providerExample }: ErrorStatus = errorStatuses[code]
  const raised = [{ message: example, origin }, ...providerExample === undefined ? [] : [providerExample]]
  return {
    code,
    type,
    title,
    meaning: description,
    advice,
    retryable,
    retry: retryOf(code, retryable),
    examples: raised.map(({ message, origin }) => ({ detail: { type, message, code, origin: asAnswered(origin) } })),
    curl: curlFor(code, retryable),
    typescript: typescriptFor(type, code, retryable),
    routes: routes.map(({ methods, path, summary }) =>
      ({ methods: [...methods], path: shown(path), ...summary === undefined ? {} : { summary: shown(summary) } }))
  }
}

function retryOf (code: ErrorCode, retryable: boolean): string {
  if (!retryable) return 'No: the same request gets the same answer.'
  const when = codesWithRetryAfter.has(code)
    ? 'Yes, after as many seconds as `retry-after` says; where it is missing, after 1, 2, 4 … seconds.'
    : 'Yes, after 1, 2, 4 … seconds.'
  return mayHaveTakenEffect.has(code) ? `${when} A POST may have taken effect all the same: repeat it where that is harmless.` : when
}

/** Fastify adds a HEAD route to each GET route, with a slash at its end to one that answers with and without. */
function withoutAddedHeads (routes: readonly KnownRoute[]): readonly KnownRoute[] {
  const gets = new Set(routes.filter(({ methods }) => methods.includes('GET')).map(({ path }) => path))
  return routes.filter(({ methods, path }) => methods.join() !== 'HEAD' || !(gets.has(path) || gets.has(path.replace(/\/$/, ''))))
}

/** The name of a service as its answers have it. */
function asAnswered (origin: string): string {
  return shown(new UnknownError(undefined, { origin }).origin)
}

/** A text of the app without what is not seen or turns the direction of what follows it. */
function shown (text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
