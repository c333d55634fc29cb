/**
 * `npm run bench:calls`: how many calls of our own functions the second request of a kind makes, as V8 counts them. It is
 * exact and the same on every machine; `-- --list KIND` names the functions.
 */
import { readFileSync } from 'node:fs'
import { Session, type Profiler } from 'node:inspector'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Fastify, { type FastifyInstance } from 'fastify'
import { APIError } from 'openai'
import humanloopErrors, { RateLimitError } from '../plugin/index.js'
import { messageOf, start } from './child.js'
import { compile } from './compile.js'

interface Call { readonly file: string, readonly line: number, readonly name: string, readonly calls: number }

interface Counted { readonly status: number, readonly calls: readonly Call[] }

interface Kind { readonly name: string, readonly status: number, readonly path?: string, readonly add?: (app: FastifyInstance) => void }

const limited = { error: { message: 'Rate limit reached.', type: 'requests', param: null, code: 'rate_limit_exceeded' } }

const kinds: readonly Kind[] = [
  { name: 'thrown', status: 429, add: app => { app.get('/', async () => { throw new RateLimitError('Too many.') }) } },
  {
    name: 'validation',
    status: 422,
    add: app => { app.get('/', { schema: { querystring: { type: 'object', required: ['q'] } } }, async () => 'fine') }
  },
  { name: 'by-hand', status: 400, add: app => { app.get('/', (_request, reply) => { reply.code(418).send({}) }) } },
  {
    name: 'openai',
    status: 429,
    add: app => {
      const headers = { 'content-type': 'application/json', 'x-request-id': 'req_1', 'retry-after': '7', 'openai-processing-ms': '12' }
      app.get('/', async () => { throw APIError.generate(429, limited, undefined, new Headers(headers)) })
    }
  },
  { name: 'plain', status: 500, add: app => { app.get('/', async () => { throw new Error('x is not a function') }) } },
  { name: 'not-found', status: 404, path: '/nowhere' }
]

const list = process.argv.indexOf('--list')
if (process.send !== undefined) {
  const [, , name, log] = process.argv
  process.send(await counted(kinds.find(kind => kind.name === name)!, log === 'log'), () => process.exit())
} else if (list !== -1) {
  await listOf(process.argv[list + 1])
} else {
  await tableOf()
}

/** Counts in this process. */
async function counted ({ path = '/', add }: Kind, withLog: boolean): Promise<Counted> {
  const app = Fastify({ logger: withLog && { level: 'info', stream: { write: () => {} } } })
  await app.register(humanloopErrors)
  add?.(app)
  const url = await app.listen({ host: '127.0.0.1', port: 0 }) + path
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  await ask(url)
  taken(session)
  const status = await ask(url)
  return { status, calls: taken(session) }
}

/** Waits for a whole response, and for what the server does after it. */
async function ask (url: string): Promise<number> {
  const response = await fetch(url)
  await response.arrayBuffer()
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  return response.status
}

/** Takes what was called since it was taken last. */
function taken (session: Session): Call[] {
  let scripts: Profiler.ScriptCoverage[] = []
  session.post('Profiler.takePreciseCoverage', (_error, { result }) => { scripts = result }) // calls back at once
  const folder = dirname(dirname(fileURLToPath(import.meta.url)))
  return scripts.flatMap(({ url, functions }) => {
    const file = url.startsWith('file:') ? fileURLToPath(url).slice(folder.length + 1) : ''
    if (!/^(?:plugin|schemas)\//.test(file)) return []
    const source = readFileSync(join(folder, file), 'utf8')
    return functions.flatMap(({ functionName, ranges: [range] }) => range!.count === 0
      ? []
      : [{
          file,
          line: source.slice(0, range!.startOffset).split('\n').length,
          name: functionName || '(anonymous)',
          calls: range!.count
        }])
  })
}

async function inChild (folder: string, kind: Kind, withLog: boolean): Promise<readonly Call[]> {
  const { status, calls } = await messageOf<Counted>(start(join(folder, 'bench', 'calls.js'), [kind.name, withLog ? 'log' : 'no log']))
  if (status !== kind.status) throw new Error(`${kind.name}: expected ${kind.status}, got ${status}`)
  return calls
}

async function tableOf (): Promise<void> {
  const folder = compile()
  console.log('| second request | files | functions | calls | with the log: functions | calls |\n|---|---|---|---|---|---|')
  for (const kind of kinds) {
    const [off, on] = [await inChild(folder, kind, false), await inChild(folder, kind, true)]
    const files = new Set(off.map(({ file }) => file)).size
    console.log(`| ${kind.name} | ${files} | ${off.length} | ${total(off)} | ${on.length} | ${total(on)} |`)
  }
}

async function listOf (name: string | undefined): Promise<void> {
  const kind = kinds.find(kind => kind.name === name)
  if (kind === undefined) throw new Error(`--list takes one of ${kinds.map(({ name }) => name).join(', ')}`)
  const folder = compile()
  for (const withLog of [false, true]) {
    const calls = await inChild(folder, kind, withLog)
    console.log(`\n${kind.name}, ${withLog ? 'log at info' : 'no log'}: ${total(calls)} calls of ${calls.length} functions`)
    for (const { file, line, name, calls: count } of calls.toSorted((a, b) => b.calls - a.calls)) {
      console.log(`${String(count).padStart(5)}  ${name}  ${file}:${line}`)
    }
  }
}

function total (calls: readonly Call[]): number {
  return calls.reduce((sum, { calls }) => sum + calls, 0)
}
