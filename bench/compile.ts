/**
 * The plugin and the servers as JavaScript, made by the compiler that makes the package: tsx would add source maps, which
 * make every stack dearer, and a call to each inner function, and users have neither.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** @returns the folder with the JavaScript, in which `bench/server.js` lies; it goes when this process ends */
export function compile (): string {
  // inside node_modules nothing lints, tests or commits it, and imports of packages are found
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      rootDir: root, outDir: folder, declaration: false, noCheck: true, typeRoots: [join(root, 'node_modules', '@types')]
    },
    include: ['plugin', 'schemas', 'bench'].map(name => join(root, name))
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' })
  return folder
}
