/** `npm run docs`: writes the pages that are generated. */
import { writeFileSync } from 'node:fs'
import { page, providersPage } from './providers-page.js'

writeFileSync(page, providersPage())
