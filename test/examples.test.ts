/** Every TypeScript example, of the pages and of the docstrings, compiles and runs; `// value` behind a line is what it gives. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { examplesOf, moduleOf, pages, root, sources } from './support/examples.js'

const examples = [...pages, ...sources].flatMap(examplesOf)

t.setTimeout(180_000) // the compiler goes through all of them

t.test('examples', async t => {
  t.ok(examples.length >= 40)
  const folder = t.testdir()
  const files = examples.map((example, index) => {
    const file = join(folder, `example-${index}.ts`)
    writeFileSync(file, moduleOf(example, folder))
    return file
  })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    include: ['*.ts'],
    // as users compile: `strict`, without what this repository asks of itself beyond that
    compilerOptions: {
      types: [join(root, 'node_modules/@types/node')], noUnusedLocals: false, exactOptionalPropertyTypes: false, noImplicitReturns: false
    }
  }))
  const compile = (): string => execFileSync('npm', ['run', '-s', 'tsc', '--', '-p', folder], {
    cwd: root, encoding: 'utf8', stdio: 'pipe'
  })
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
