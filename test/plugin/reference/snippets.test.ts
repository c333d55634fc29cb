/** The snippets of the error reference, pasted: against a server that fails once, then answers. */
import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import Fastify from 'fastify'
import t from 'tap'
import humanloopErrors, { errorReference, type ErrorReference } from '../../../plugin/index.js'
import { errorClasses } from '../../../plugin/errors.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A server on which every path fails with its code when it is first asked, with `retry-after: 0`, and answers 200 from then on. */
async function serve (t: { teardown: (close: () => Promise<void>) => void }) {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  await app.register(errorReference)
  const asked = new Map<string, number>()
  app.get<{ Params: { code: keyof typeof errorClasses } }>('/:by/:code', async request => {
    const { url, params: { code } } = request
    asked.set(url, (asked.get(url) ?? 0) + 1)
    if (asked.get(url) === 1) throw new errorClasses[code]('Not now.', { headers: { 'x-fails': 'once' }, retryAfter: 0 })
    return 'at last'
  })
  app.get('/quota', async () => {
    asked.set('/quota', (asked.get('/quota') ?? 0) + 1)
    throw new errorClasses[429]('No money left.', { retryable: false })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { errors }: ErrorReference = (await app.inject('/errors.json')).json()
  return { errors, asked, address: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
}

t.test('for a shell: what may pass is repeated until it did, what may not is shown', async t => {
  const { errors, asked, address } = await serve(t)
  const folder = t.testdir(Object.fromEntries(errors.map(({ code }) => [String(code), {}])))
  await Promise.all(errors.map(async ({ code, type, curl, retryable }) => {
    const url = `/curl/${code}`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-euc', curl], {
      cwd: join(folder, String(code)), env: { ...process.env, URL: address + url }
    })
    t.equal(asked.get(url), retryable ? 2 : 1, `${code}: requests`)
    if (retryable) t.match(stdout, /at last$/, `${code}: answer`)
    else t.same(JSON.parse(stderr), { detail: { type, message: 'Not now.', code, origin: 'Humanloop' } }, `${code}: error`)
  }))
})

t.test('for TypeScript: they compile, and do the same', async t => {
  const { errors, asked, address } = await serve(t)
  const folder = t.testdir()
  const fileOf = (name: string | number): string => join(folder, `handle-${name}.ts`)
  type Example = ErrorReference['errors'][number]
  const write = (name: string | number, path: string, { typescript, retryable }: Example): void => writeFileSync(fileOf(
    name
  ), [
    `const url = '${address}${path}'`, 'const init: RequestInit = {}', typescript, ...retryable ? ['const response = await request()'] : [],
    'export const { status } = response'
  ].join('\n'))
  for (const error of errors) write(error.code, `/typescript/${error.code}`, error)
  write('quota', '/quota', errors.find(({ code }) => code === 429)!)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'), include: ['*.ts'], compilerOptions: { types: [join(root, 'node_modules/@types/node')] }
    })
  )
  t.equal(execFileSync('npm', ['run', '-s', 'tsc', '--', '-p', folder], { cwd: root, encoding: 'utf8', stdio: 'pipe' }), '', 'they compile')

  const run = async (name: string | number): Promise<{ status: number }> => import(pathToFileURL(fileOf(name)).href)
  await Promise.all(errors.map(async ({ code, retryable }) => {
    if (retryable) t.equal((await run(code)).status, 200, `${code}: answer`)
    else await t.rejects(run(code), new Error('Humanloop: Not now.'), `${code}: error`)
    t.equal(asked.get(`/typescript/${code}`), retryable ? 2 : 1, `${code}: requests`)
  }))
  t.equal((await run('quota')).status, 429)
  t.equal(asked.get('/quota'), 1, 'a quota used up is not asked again')
})
