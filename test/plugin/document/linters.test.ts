/** Parsers and linters find nothing wrong with our parts of a document, in OpenAPI 3.0 and 3.1. */
import t from 'tap'
import { environment } from '../../../example/environment.js'
import { buildGateway } from '../../../example/gateway.js'
import { documentOf, problemsOf, versions } from '../../support/documents.js'
import { about, smallApp } from './apps.js'

t.test('the gateway', async t => {
  for (const version of versions) {
    const app = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0', LOG_LEVEL: 'silent' }), {}, version)
    t.teardown(async () => app.close())
    await app.ready()
    const document = app.swagger()
    t.match(document, { openapi: version })
    t.same(await problemsOf(document), [])
  }
})

t.test('a small app', async t => {
  for (const version of versions) {
    const openapi = { openapi: version, ...structuredClone(about) as object }
    t.same(await problemsOf(await documentOf(t, smallApp, { swagger: { openapi } })), [])
    t.same(await problemsOf(await documentOf(t, smallApp, { swagger: { openapi, convertConstToEnum: false } })), [])
  }
})
