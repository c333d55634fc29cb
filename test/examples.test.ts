/** Every TypeScript example, of the README and of the docstrings, compiles and runs; `// value` behind a line is what it gives. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Example { where: string, code: string }

function examplesOf (file: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^( ?\*? ?)```ts\n(.*?)^ ?\*? ?```$/gms)].map(([, margin, code]) => ({
    where: `${file}:${text.slice(0, text.indexOf(code!)).split('\n').length}`,
    code: margin === '' ? code! : code!.replaceAll(/^ \* ?/gm, '')
  }))
}

const sources = ['schemas', 'plugin'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => join(folder, file)))
const examples = ['README.md', ...sources].flatMap(examplesOf)

/** What an example may take for granted: an app with the plugin, and the imports that stand in another example. */
const given: ReadonlyArray<readonly [name: string, line: string]> = [
  ['OpenAI', "import OpenAI from 'openai'"],
  ['Fastify', "import Fastify from 'fastify'"],
  ['swagger', "import swagger from '@fastify/swagger'"],
  ['humanloopErrors', "import humanloopErrors from 'fastify-humanloop-errors'"],
  ['app', "const app = (await import('fastify')).default()"]
]

/** The example as a module: with what it takes for granted, importing the sources, its `// value` comments checked. */
function moduleOf ({ code }: Example, folder: string): string {
  const prelude = given.filter(([name]) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`(?:import ${name}\\b|const ${name}\\b)`).test(code))
  const checked = code
    .replaceAll(/^(.+)\n\/\/ (\{.+\})$/gm, 'is($1, $2)')
    .replaceAll(/^(?!const|import|await|app|\}|\/\/)(\S.*?) \/\/ (.+)$/gm, 'is($1, $2)')
  const path = (from: string): string => JSON.stringify(relative(folder, join(root, from)))
  return [
    "import { deepStrictEqual } from 'node:assert'",
    'function is (actual: unknown, expected: unknown): void { deepStrictEqual({ value: actual }, { value: expected }) }',
    ...prelude.map(([, line]) => line),
    ...(code.includes('app.') && !/register\(humanloopErrors\b/.test(code) ? ["await app.register((await import('fastify-humanloop-errors')).default)"] : []),
    checked,
    'is(1, 1)',
    code.includes('app') ? 'await app.ready()\nexport { app }' : 'export {}'
  ].join('\n')
    .replaceAll("'fastify-humanloop-errors/schemas'", path('schemas/index.js'))
    .replaceAll("'fastify-humanloop-errors/testing'", path('plugin/testing/index.js'))
    .replaceAll("'fastify-humanloop-errors'", path('plugin/index.js'))
}

t.test('examples', async t => {
  t.ok(examples.length >= 12)
  const folder = t.testdir()
  const files = examples.map((example, index) => {
    const file = join(folder, `example-${index}.ts`)
    writeFileSync(file, moduleOf(example, folder))
    return file
  })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    extends: join(root, 'tsconfig.json'), include: ['*.ts'], compilerOptions: { types: [join(root, 'node_modules/@types/node')], noUnusedLocals: false }
  }))
  const compile = (): string => execFileSync('npx', ['tsc', '-p', folder], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
  t.equal(compile(), '', 'they compile')

  for (const [index, { where }] of examples.entries()) {
    const { app } = await import(pathToFileURL(files[index]!).href)
    if (app !== undefined) await app.close()
    t.pass(where)
  }
})

t.test('the README’s thrown errors answer what it says', async t => {
  const throwing = examples.find(({ where, code }) => where.startsWith('README') && code.includes('/limited'))!
  const folder = t.testdir()
  writeFileSync(join(folder, 'readme.ts'), moduleOf(throwing, folder))
  const { app } = await import(pathToFileURL(join(folder, 'readme.ts')).href)
  t.teardown(async () => app.close())
  t.equal((await app.inject('/projects/7')).json().detail.message, 'There is no project 7.')
  t.equal((await app.inject('/limited')).headers['retry-after'], '7')
})
