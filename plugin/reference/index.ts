/** The error reference for humans: a page about the nine answers of the app, and the same as JSON and Markdown. */
import fp from 'fastify-plugin'
import type { FastifyBaseLogger, FastifyInstance, FastifySchema } from 'fastify'
import { read, readText } from '../classify/read.js'
import { whenRoutesAreKnown, type KnownRoute } from '../document/known-routes.js'
import { safeError } from '../log/safe-error.js'
import { settingsAround } from '../scope.js'
import { referenceOf } from './content.js'
import { markdownOf } from './markdown.js'
import { checkedOptions, type ErrorReferenceOptions } from './options.js'
import { pageOf } from './page.js'
import type { ErrorReference } from './shape.js'
import { styleSource } from './style.js'

/** The routes are of one deployment, and may be for some eyes only. */
const headers = {
  'cache-control': 'private, max-age=60',
  'content-security-policy': `default-src 'none'; style-src ${styleSource}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

const hidden: FastifySchema & { hide: true } = { hide: true }

/**
 * Serves a page about the nine answers: what each means, what to do about it, whether to retry, examples, how to handle it,
 * and the routes of the app that may answer with it. At `/errors.json` and `/errors.md` stands the same; see
 * `ErrorReference`. Each answer has an anchor: `/errors#rate_limit_error`.
 *
 * The page has no script, and a strict content security policy. Routes with `schema: { hide: true }` are not shown. Its title
 * is that of the app's OpenAPI document, where `@fastify/swagger` is registered and the option `title` says no other.
 *
 * @throws Error at boot where `humanloopErrors` is not registered
 * @throws TypeError at boot for an option that does not exist or has the wrong type
 * @example
 * ```ts
 * import humanloopErrors, { errorReference } from 'fastify-humanloop-errors'
 *
 * await app.register(humanloopErrors)
 * await app.register(errorReference, { prefix: '/errors' })
 * ```
 */
export const errorReference = fp<ErrorReferenceOptions>(async (app, given) => {
  const { prefix = '/errors', title } = checkedOptions(given)
  const settings = settingsAround(app)
  if (settings === undefined) throw new Error('errorReference: register the plugin before it: await app.register(humanloopErrors)')
  let routes: readonly KnownRoute[] = []
  whenRoutesAreKnown(app, known => { routes = known })

  const name = encodeURIComponent(prefix.slice(prefix.lastIndexOf('/') + 1))
  let reference: ErrorReference | undefined
  const referenceFor = (log: FastifyBaseLogger): ErrorReference => {
    reference ??= referenceOf(title ?? titleOf(app, log) ?? settings.origin, settings, routes)
    return reference
  }

  app.register(async scope => {
    for (const { path, type, write } of formats) {
      const written: Partial<Record<Folder, string>> = {}
      scope.get(path, { schema: hidden, exposeHeadRoute: true }, (request, reply) => {
        const folder = request.url.split('?', 1)[0]!.endsWith('/') ? '../' : './'
        written[folder] ??= write(referenceFor(request.log), folder + name)
        reply.headers(headers).type(type).send(written[folder])
      })
    }
  }, { prefix })
}, { name: 'fastify-humanloop-errors-reference', fastify: '5.x' })

/** Where the other formats are, from the address that was asked: with a slash at its end, it begins elsewhere. */
type Folder = './' | '../'

interface Format {
  /** Behind the prefix. */
  readonly path: string
  readonly type: string
  /** @param address of the reference, relative to that of the request, without an ending */
  readonly write: (reference: ErrorReference, address: string) => string
}

const formats: readonly Format[] = [
  {
    path: '/',
    type: 'text/html; charset=utf-8',
    write: (reference, address) => pageOf(reference, [['JSON', `${address}.json`], ['Markdown', `${address}.md`]])
  },
  { path: '.json', type: 'application/json; charset=utf-8', write: reference => JSON.stringify(reference) },
  { path: '.md', type: 'text/markdown; charset=utf-8', write: markdownOf }
]

/** The title of the document that @fastify/swagger makes of the app. */
function titleOf (app: FastifyInstance, log: FastifyBaseLogger): string | undefined {
  const swagger = read(app, 'swagger')
  if (typeof swagger !== 'function') return undefined
  try {
    return readText(read(Reflect.apply(swagger, app, []), 'info'), 'title')
  } catch (failure) {
    log.warn({ err: safeError(failure) }, 'errorReference: the OpenAPI document cannot be made; the page goes without its title')
    return undefined
  }
}
