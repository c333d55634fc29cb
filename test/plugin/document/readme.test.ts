/** The part of a document that the README shows is what is generated. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { documentOf, versions } from '../../support/documents.js'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

t.test('the document of /status', async t => {
  const [, shown] = /### Documenting.*?```json\n(.*?)```/s.exec(readme)!
  const { paths, components } = JSON.parse(shown!)
  for (const openapi of versions) {
    const document = await documentOf(
      t, app => { app.get('/status', { config: { errors: [503] } }, async () => ({ ok: true })) }, { swagger: { openapi: { openapi } } }
    )
    t.same(document.paths, paths)
    t.same(Object.keys(document.components.responses), Object.keys(components.responses))
    t.hasStrict(document.components.responses, components.responses)
  }
})
