/** What parsers and linters find in the document of 200 routes. */
import { documentOf, problemsOf } from '../../support/documents.js'
import { about, kindOf, largeApp, type Kind } from './apps.js'

/** Of what the user wrote: paths that end in a slash; `errors: false`, or `default`, which is all that such a route lists. */
const theirs = /^\S+ (?:no-path-trailing-slash|path-keys-no-trailing-slash|operation-4xx-response) /

/**
 * @returns what is found in our parts, and the routes that are found to list no error
 */
export async function foundInLargeApp (
  t: Parameters<typeof documentOf>[0], version: string, swaggerFirst: boolean
): Promise<{ ours: string[], withoutErrors: Kind[] }> {
  const openapi = { openapi: version, ...structuredClone(about) as object }
  const problems = await problemsOf(await documentOf(t, largeApp, {
    swaggerFirst, options: { authenticate: 'Bearer' }, swagger: { openapi, exposeHeadRoutes: true }
  }))
  const indexes = problems.flatMap(problem => /operation-4xx-response #.*~1projects-(\d+)/.exec(problem)?.[1] ?? [])
  return { ours: problems.filter(problem => !theirs.test(problem)), withoutErrors: indexes.map(index => kindOf(Number(index))) }
}
