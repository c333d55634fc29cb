/** Given users' code that fails wherever it can, when responses leave, then the process goes on. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { cases } from './process-cases.js'
import { bareEnv } from '../support/bare-env.js'

/** How long a case may take, in milliseconds. */
const longestMs = 20_000

t.test(`nothing ends a process: ${cases.length} cases`, async t => {
  for (let at = 0; at < cases.length; at++) {
    const ended = await run(at)
    for (; at < ended.at; at++) t.pass(cases[at]!.name)
    if (at < cases.length) t.fail(`${cases[at]!.name}: ${ended.how}`)
  }
})

/** Serves the cases from one on, and says at which the process has ended. */
async function run (from: number): Promise<{ at: number, how: string }> {
  const child = fork(fileURLToPath(new URL('process-child.ts', import.meta.url)), [String(from)], {
    execArgv: ['--import', 'tsx'], env: bareEnv, stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  let at = from
  let told = ''
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), longestMs)
  }
  wait()
  child.on('message', message => {
    at = (message as { at: number }).at
    wait()
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { told += text })
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  return { at, how: signal === 'SIGKILL' ? 'it does not end' : `the process ended with ${code}: ${told}` }
}
