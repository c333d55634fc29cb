/** Brings together what the error reference says: the table of nine, the origins, and the routes of the app. */
import { detailOf } from '../../schemas/envelope.js'
import { errorHeaderRows, type NamedErrorHeader } from '../../schemas/headers.js'
import { errorCodes, errorStatuses, type ErrorCode, type ErrorStatus } from '../../schemas/statuses.js'
import type { KnownRoute } from '../document/routes.js'
import { UnknownError } from '../errors.js'
import type { Settings } from '../options.js'
import { knownProviders } from '../providers/index.js'
import type { ErrorReference, ReferenceError } from './schema.js'
import { curlFor, typescriptFor } from './snippets.js'

/**
 * Makes the error reference of an app.
 *
 * @param title the name of the API
 * @param settings those of the scope that serves the reference
 * @param routes all that are not hidden
 */
export function referenceOf (title: string, settings: Settings, routes: readonly KnownRoute[]): ErrorReference {
  const { origin, registry } = settings
  const listed = withoutAddedHeads(routes)
  return {
    title: shown(title),
    origins: {
      services: [...new Set([origin, ...routes.map(route => route.origin)].map(asAnswered))],
      providers: knownProviders(registry).map(shown)
    },
    fields: Object.entries(detailOf(422).properties).map(([name, { description }]) =>
      ({ name, meaning: description ?? 'The kind of error, fixed by `code`.' })),
    headers: errorHeaderRows
      .filter(([, { value, option }]) => value === undefined && (option === undefined || settings[option] !== undefined))
      .map(describedHeader),
    errors: errorCodes.map(code => errorOf(code, origin, listed.filter(({ errors }) => errors.includes(code))))
  }
}

/** Tells of a header, and on which responses it is. */
function describedHeader ([name, { codes, required, meaning }]: NamedErrorHeader): ErrorReference['headers'][number] {
  const where = required ? ' On every response.' : codes.length === errorCodes.length ? '' : ` On ${codes.join(', ')}.`
  return { name, meaning: meaning + where }
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
    retry: retryOf(code),
    examples: raised.map(({ message, origin }) => ({ detail: { type, message, code, origin: asAnswered(origin) } })),
    curl: curlFor(code, retryable),
    typescript: typescriptFor(type, code, retryable),
    routes: routes.map(({ methods, path, summary }) =>
      ({ methods: [...methods], path: shown(path), ...summary === undefined ? {} : { summary: shown(summary) } }))
  }
}

/** Says if and when to try again. */
function retryOf (code: ErrorCode): string {
  const { retryable, retryAfter, mayHaveTakenEffect } = errorStatuses[code]
  if (!retryable) return 'No: the same request gets the same answer.'
  const when = retryAfter
    ? 'Yes, after as many seconds as `retry-after` says; where it is missing, after 1, 2, 4 … seconds.'
    : 'Yes, after 1, 2, 4 … seconds.'
  return mayHaveTakenEffect ? `${when} A POST may have taken effect all the same: repeat it where that is harmless.` : when
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
