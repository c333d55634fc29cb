/** A project of fastify-cli's as it is generated, with one plugin file more, started by `fastify start`. */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { isContract, meanings } from '../support/app.js'
import { root } from '../support/examples.js'
import { askingAt, type Ask } from './asking.js'
import { bareEnv } from '../support/bare-env.js'

const cli = join(root, 'node_modules/fastify-cli/cli.js')
const plugin = JSON.stringify(join(root, 'plugin/index.js'))

/** The two ways in which a file of autoload's has a plugin. */
const files = {
  'registers the plugin': `import fp from 'fastify-plugin'
    import humanloopErrors from ${plugin}
    export default fp(async fastify => { await fastify.register(humanloopErrors) })`,
  'is the plugin': `export { default } from ${plugin}`
}

const routes = `export default async fastify => {
  fastify.get('/missing', async () => { throw fastify.httpErrors.notFound('There is no project 7.') })
  fastify.get('/bug', async () => { throw new TypeError('x is not a function') })
}`

async function started (t: Test, file: string, { code = '', args = [] }: { code?: string, args?: readonly string[] } = {}): Promise<Ask> {
  const folder = join(t.testdir({}), 'app')
  execFileSync(process.execPath, [cli, 'generate', folder, '--esm'], { stdio: 'ignore' })
  const app = join(folder, 'app.js')
  writeFileSync(app, readFileSync(app, 'utf8').replace('// Place here your custom code!', code))
  writeFileSync(join(folder, 'plugins/humanloop-errors.js'), file)
  writeFileSync(join(folder, 'routes/fails.js'), routes)
  // a busy machine may take longer than ten seconds to compile the plugin
  const options = ['--log-level', 'info', '--port', '0', '--plugin-timeout', '60000', ...args]
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'start', ...options, app], {
    cwd: folder, env: bareEnv, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const line of createInterface(child.stdout)) {
    const [, port] = /listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? []
    if (port !== undefined) return askingAt(Number(port))
  }
  throw new Error('the app did not start')
}

for (const [what, file] of Object.entries(files)) {
  t.test(`a file in plugins/ that ${what}`, async t => {
    const ask = await started(t, file)
    t.equal((await ask('/example')).body, 'this is an example')
    isContract(t, await ask('/missing'), 404, 'There is no project 7.')
    isContract(t, await ask('/bug'), 500, meanings[500]!)
    isContract(t, await ask('/unknown'), 404, 'Route GET:/unknown not found')
  })
}

t.test('a not-found handler in app.js, before the plugins', async t => {
  const code = "fastify.setNotFoundHandler(async (request, reply) => reply.code(404).send({ message: 'Nothing here.' }))"
  const ask = await started(t, files['registers the plugin'], { code })
  isContract(t, await ask('/missing'), 404, 'There is no project 7.')
  isContract(t, await ask('/unknown'), 404, 'Nothing here.')
})

t.test('a not-found handler behind the plugins, and a prefix', async t => {
  const code = `fastify.register(AutoLoad, { dir: path.join(__dirname, 'plugins') })
    fastify.after(() => { fastify.setNotFoundHandler(async (request, reply) => reply.code(404).send({ message: 'Nothing here.' })) })
    fastify.register(AutoLoad, { dir: path.join(__dirname, 'routes') })
    return`
  const ask = await started(t, files['registers the plugin'], { code, args: ['--prefix', '/api'] })
  isContract(t, await ask('/api/missing'), 404, 'There is no project 7.')
  isContract(t, await ask('/api/unknown'), 404, 'Nothing here.')
})
