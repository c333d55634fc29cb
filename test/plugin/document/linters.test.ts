/** Parsers and linters find nothing wrong with our parts of a document, in OpenAPI 3.0 and 3.1. */
import t from 'tap'
import { environment } from '../../../example/environment.js'
import { buildGateway } from '../../../example/gateway.js'
import { documentOf, problemsOf, versions } from '../../support/documents.js'
import { about, kindOf, largeApp, smallApp } from './apps.js'

t.test('the gateway', async t => {
  for (const version of versions) {
    const app = await buildGateway(environment({ LOG_LEVEL: 'silent' }), {}, version)
    t.teardown(async () => app.close())
    await app.ready()
    const document = app.swagger()
    t.match(document, { openapi: version })
    t.same(await problemsOf(document), [])
  }
})

for (const [index, version] of versions.entries()) {
  const openapi = { openapi: version, ...structuredClone(about) as object }

  t.test(`a small app, OpenAPI ${version}`, async t => {
    t.same(await problemsOf(await documentOf(t, smallApp, { swagger: { openapi } })), [])
    t.same(await problemsOf(await documentOf(t, smallApp, { swagger: { openapi, convertConstToEnum: false } })), [])
  })

  t.test(`200 routes of all kinds, OpenAPI ${version}`, async t => {
    const document = await documentOf(t, largeApp, { swaggerFirst: index === 0, options: { authenticate: 'Bearer' }, swagger: { openapi, exposeHeadRoutes: true } })
    const problems = await problemsOf(document)
    // these are about what the user wrote: trailing slashes; `errors: false`, or `default`, which is all that such a route lists
    t.same(problems.filter(problem => !/^\S+ (?:no-path-trailing-slash|path-keys-no-trailing-slash|operation-4xx-response) /.test(problem)), [])
    const undocumented = problems.flatMap(problem => /operation-4xx-response #.*~1projects-(\d+)/.exec(problem)?.[1] ?? [])
    const ofKinds = new Set(undocumented.map(index => kindOf(Number(index))))
    t.ok(ofKinds.size === 2 && [...ofKinds].every(({ config, schema }) => config?.errors === false || Object.hasOwn(schema?.response as object, 'default')))
  })
}
