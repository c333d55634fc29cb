/** The check under the test runners that people use: a sound app passes, and what fails can be read in the runner's output. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** For each runner: a test file's first line, an assertion that nothing was found, and the command. */
const runners: Readonly<Record<string, { head: string, assertion: string, command: (file: string) => string[] }>> = {
  'node:test': {
    head: "import test from 'node:test'\nimport assert from 'node:assert/strict'",
    assertion: 'assert.deepEqual(found, [], String(report))',
    command: file => ['--import', 'tsx', '--test', file]
  },
  vitest: {
    head: "import { expect, test } from 'vitest'",
    assertion: 'expect(found, String(report)).toEqual([])',
    command: file => [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', join(file, '..')]
  },
  tap: {
    head: "import { test } from 'tap'",
    assertion: 't.same(found, [], { report: String(report) })',
    command: file => ['--import', 'tsx', file]
  }
}

const fileOf = (folder: string, { head, assertion }: { head: string, assertion: string }, hook: string): string => `${head}
import { checkErrorContract } from '${relative(folder, join(root, 'plugin/testing/index.js'))}'
import humanloopErrors from '${relative(folder, join(root, 'plugin/index.js'))}'
import Fastify from 'fastify'

test('every error answer is the contract', async t => {
  const app = Fastify()
  await app.register(humanloopErrors, { guard: 'off' })
  app.post('/items', { ${hook} schema: { body: { type: 'object', required: ['name'] } } }, async () => 'x')
  const report = await checkErrorContract(app)
  const found = report.violations.filter(({ route }) => route !== 'server')
  ${assertion}
  await app.close()
})
`

/** The runner is a process of its own: `env -i` drops what this one's runner adds to the environment to measure coverage. */
const { PATH, HOME } = process.env
const bare = ['-i', `PATH=${PATH}`, `HOME=${HOME}`, process.execPath]

t.setTimeout(180_000) // six processes, one after the other

for (const [name, runner] of Object.entries(runners)) {
  t.test(name, async t => {
    const run = (folder: string, hook: string): { status: number | null, output: string } => {
      const dir = join(t.testdirName, folder)
      mkdirSync(dir, { recursive: true })
      const file = join(dir, 'contract.test.ts')
      writeFileSync(join(dir, 'vitest.config.js'), 'export default {}')
      writeFileSync(file, fileOf(dir, runner, hook))
      const { status, stdout, stderr } = spawnSync('env', [...bare, ...runner.command(file)], { cwd: root, encoding: 'utf8' })
      return { status, output: stdout + stderr }
    }
    t.testdir()
    const sound = run('sound', '')
    t.equal(sound.status, 0, sound.output)
    const planted = run('planted', "onRequest: (request, reply) => { reply.code(400).send('x') },")
    t.equal(planted.status, 1, planted.output)
    t.match(planted.output, /POST \/items +bare request +400 +.*the body is no JSON/)
  })
}
