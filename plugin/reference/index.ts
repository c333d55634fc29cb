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
  let texts: Texts | undefined
  const textsFor = (log: FastifyBaseLogger): Texts => {
    texts ??= textsOf(referenceOf(title ?? titleOf(app, log) ?? settings.origin, settings.origin, routes), name)
    return texts
  }

  app.register(async scope => {
    for (const [path, type] of formats) {
      scope.get(path, { schema: hidden, exposeHeadRoute: true }, (request, reply) => {
        const isFolder = request.url.split('?', 1)[0]!.endsWith('/')
        reply.headers(headers).type(type).send(textsFor(request.log)[isFolder ? '//' : path])
      })
    }
  }, { prefix })
}, { name: 'fastify-humanloop-errors-reference', fastify: '5.x' })

const formats = [
  ['/', 'text/html; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.md', 'text/markdown; charset=utf-8']
] as const

/** What is sent, by the end of the path: with a slash there, addresses that are relative to the page's begin elsewhere. */
type Texts = Readonly<Record<'//' | (typeof formats)[number][0], string>>

function textsOf (reference: ErrorReference, name: string): Texts {
  const filesIn = (folder: string) => [['JSON', `${folder}${name}.json`], ['Markdown', `${folder}${name}.md`]] as const
  return {
    '/': pageOf(reference, filesIn('./')),
    '//': pageOf(reference, filesIn('../')),
    '.json': JSON.stringify(reference),
    '.md': markdownOf(reference)
  }
}

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
