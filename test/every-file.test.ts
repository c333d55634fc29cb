/** Imports every source file, so that none escapes the coverage. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = new URL('..', import.meta.url)

for (const folder of ['schemas', 'plugin', 'client', 'example']) {
  const files = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    // starting the gateway is main's only effect; its own test does it
    .filter(file => file.endsWith('.ts') && join(folder, file) !== join('example', 'main.ts'))
  t.test(`${folder}: ${files.length} files`, async t => {
    for (const file of files) t.ok(await import(new URL(`${folder}/${file}`, root).href), file)
  })
}
