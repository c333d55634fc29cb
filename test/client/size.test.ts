/** What a page has to load for the client. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import t from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('the whole client is smaller than 3 kB, and needs nothing but two files of the schemas', async t => {
  const { metafile, outputFiles: [bundle] } = await build({
    absWorkingDir: root,
    entryPoints: ['client/index.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true
  })
  const size = gzipSync(bundle!.contents, { level: 9 }).length
  t.ok(size < 3000, `${size} bytes`)
  t.comment(`${size} bytes, ${bundle!.contents.length} without gzip`)
  const loaded = Object.keys(metafile.inputs).filter(file => !file.startsWith('client/'))
  t.same(loaded.sort(), ['schemas/codes.ts', 'schemas/service-status.ts'])
})
