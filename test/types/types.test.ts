/** The published types, as a user's compiler sees them: TypeScript 5.9 and 7, both generations of TypeBox's type provider. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))
const compilers = ['typescript', 'typescript-7'].map(name => join(root, 'node_modules', name, 'bin/tsc'))

/** What a compiler says; without tap's loader, under which that of TypeScript 7 does not start. */
function compile (tsc: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, tsc, ...args], { cwd: root, encoding: 'utf8' })
  return stdout + stderr
}

/** The package as published, and the fixtures as a project that depends on it. */
function project (folder: string, fixtures: Record<string, string>): string {
  const installed = join(folder, 'node_modules/fastify-humanloop-errors')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  compile(compilers[0]!, '-p', 'tsconfig.build.json', '--outDir', join(installed, 'dist'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(fixtures)) {
    writeFileSync(join(folder, name), text
      .replaceAll("'../../plugin/index.js'", "'fastify-humanloop-errors'")
      .replaceAll("'../../schemas/index.js'", "'fastify-humanloop-errors/schemas'"))
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    include: ['*.ts'],
    compilerOptions: {
      strict: true,
      module: 'NodeNext',
      target: 'ES2023',
      lib: ['ES2023'],
      noEmit: true,
      skipLibCheck: false,
      types: [join(root, 'node_modules/@types/node')]
    }
  }))
  return folder
}

const fixture = (name: string): string => readFileSync(join(root, 'test/types', name), 'utf8')

const withProvider6 = (text: string): string => text.replace("'@sinclair/typebox'", "'typebox'").replace(
  "'type-provider-typebox-5'", "'type-provider-typebox-6'"
)

t.test('replies and documents are typed', async t => {
  const replies = fixture('replies.ts')
  t.not(withProvider6(replies), replies)
  const folder = project(t.testdir(), {
    'replies-5.ts': replies, 'replies-6.ts': withProvider6(replies), 'documents.ts': fixture('documents.ts')
  })
  const versions = compilers.map(tsc => {
    // what 5.9 wrote need not be checked by 5.9, which takes its time with all declarations there are
    t.equal(compile(tsc, '-p', folder, ...(tsc === compilers[0] ? ['--skipLibCheck'] : [])), '')
    return compile(tsc, '--version')
  })
  t.match(versions, [/^Version 5\.9\./, /^Version 7\./])
})
