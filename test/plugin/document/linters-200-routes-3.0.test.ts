/** Of 200 routes of all kinds, parsers and linters object to nothing but what the user wrote, in OpenAPI 3.0. */
import t from 'tap'
import { foundInLargeApp } from './large-app.js'

t.test('OpenAPI 3.0.3', async t => {
  const { ours, withoutErrors } = await foundInLargeApp(t, '3.0.3', true)
  t.same(ours, [])
  t.ok(
    withoutErrors.length > 0 &&
      withoutErrors.every(({ config, schema }) => config?.errors === false || Object.hasOwn(schema?.response as object, 'default'))
  )
})
