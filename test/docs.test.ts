/** Pages that are generated are what the data says now. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { page, providersPage } from '../scripts/providers-page.js'

t.test('docs/providers.md: `npm run docs` writes it', async t => {
  t.equal(readFileSync(page, 'utf8'), providersPage())
})
