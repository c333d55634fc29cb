/** What `npm publish` would send, and whether it works for CommonJS users, too. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = (command: string, ...args: string[]): string => execFileSync(command, args, {
  cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']
})

t.test('the built package works through import and require, with all of its names', async t => {
  const out = t.testdir()
  run('npm', 'run', '-s', 'tsc', '--', '-p', 'tsconfig.build.json', '--outDir', out)
  const names = [
    'AuthenticationError', 'BadRequestError', 'ContractError', 'ErrorReference', 'NotFoundError', 'OverloadedError', 'RateLimitError',
    'ServiceUnavailableError', 'TimeoutError', 'UnknownError', 'UnprocessableEntityError', 'default', 'errorReference', 'fromFetch',
    'fromResponse', 'humanloopErrors', 'openapi', 'safeErrorSerializer', 'serverOptions', 'toContractError', 'withOrigin'
  ]
  const namesOf = (load: string): string[] => JSON.parse(run('node', '--input-type', load.startsWith('require')
    ? 'commonjs'
    : 'module', '-e',
    `const m = ${load}; console.log(JSON.stringify(Object.keys(m).filter(name => name !== '__esModule').sort()))`))
  const entry = JSON.stringify(`${out}/plugin/index.js`)
  t.same(namesOf(`await import(${entry})`), names)
  t.same(namesOf(`require(${entry})`), names)
  const testing = JSON.stringify(`${out}/plugin/testing/index.js`)
  t.same(namesOf(`await import(${testing})`), ['checkErrorContract'])
  t.same(namesOf(`require(${testing})`), ['checkErrorContract'])
  const client = JSON.stringify(`${out}/client/index.js`)
  const clientNames = ['ApiError', 'isErrorEnvelope', 'readError', 'readEvents', 'withRetry']
  t.same(namesOf(`await import(${client})`), clientNames)
  t.same(namesOf(`require(${client})`), clientNames)
  t.same(run('node', '--input-type', 'commonjs', '-e', `
    const { default: humanloopErrors, RateLimitError } = require(${entry})
    const app = require('fastify')()
    app.register(humanloopErrors).get('/', async () => 'x')
    app.inject('/nope').then(answer => console.log(answer.json().detail.type, new RateLimitError().statusCode))
  `), 'not_found_error 429\n')
})

t.test('only what a user needs is packed', async t => {
  const [{ files }] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts')) as [{ files: Array<{ path: string }> }]
  const paths = files.map(({ path }) => path).filter(path => !/^dist\/(?:plugin|schemas|client)\/.*\.(?:js|d\.ts)$/.test(path))
  t.same(paths.sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
})
