/** Spreads combinations over child processes, and gathers what went wrong. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Finding, Task } from './worker.js'
import { bareEnv } from '../support/bare-env.js'

export interface Matrix {
  readonly seed: number
  readonly indexes: readonly number[]
  /** False for stock Fastify. Default: true. */
  readonly hasPlugin?: boolean
  readonly processes: number
  /** Told of what goes wrong, as it does. */
  readonly onFinding?: (finding: Finding) => void
  readonly onProgress?: (done: number) => void
}

/** How many combinations a process is given to do; few enough that two processes have as much to do as each other. */
const batch = 256

/** How long a batch may take, in milliseconds: one that fails is run again, one by one. */
const longestMs = 600_000

export async function runMatrix ({ seed, indexes, hasPlugin = true, processes, onFinding, onProgress }: Matrix): Promise<Finding[]> {
  const tasks: Task[] = []
  for (let at = 0; at < indexes.length; at += batch) tasks.push({ seed, hasPlugin, indexes: indexes.slice(at, at + batch) })
  const findings: Finding[] = []
  let done = 0
  await Promise.all(Array.from({ length: Math.min(processes, tasks.length) }, async () => {
    let child = await start()
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      const found = await perform(child, task)
      if (found.some(({ rules }) => rules.includes('exit'))) child = await start()
      for (const finding of found) onFinding?.(finding)
      findings.push(...found)
      onProgress?.(done += task.indexes.length)
    }
    child.disconnect()
    child.kill()
  }))
  return findings.sort((one, other) => one.index - other.index)
}

async function start (): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), { execArgv: ['--import', 'tsx'], env: bareEnv })
  await once(child, 'message')
  return child
}

async function perform (child: ChildProcess, task: Task): Promise<Finding[]> {
  const failed = (text: string): Finding[] => [{
    index: task.indexes[0]!, words: `the process of ${task.indexes.length} combinations from here`, rules: ['exit'], texts: [text], bytes: '', log: ''
  }]
  const signal = AbortSignal.timeout(longestMs)
  const over = new AbortController()
  try {
    child.send(task)
    return await Promise.race([
      once(child, 'message', { signal: AbortSignal.any([signal, over.signal]) }).then(([findings]) => findings as Finding[]),
      once(child, 'exit', { signal: over.signal }).then(([code]) => failed(`it ended with ${code}`))
    ])
  } catch (error) {
    child.kill('SIGKILL')
    return failed(String(error))
  } finally {
    over.abort()
  }
}

/** A finding for a person to read. */
export function shown ({ words, rules, texts, bytes, log }: Finding, seed: number): string {
  return [
    `${rules.join(', ')} · seed ${seed} · ${words}`,
    ...texts.map(text => `  ${text}`),
    ...bytes === '' ? [] : [`  bytes: ${JSON.stringify(bytes)}`],
    ...log === '' ? [] : log.split('\n').map(line => `  log: ${line}`)
  ].join('\n')
}
