/** Throughput: every contender in a process of its own, run in turn, round after round. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { messageOf, start } from './child.js'
import { type Contender, contenders } from './contenders.js'
import type { Usage } from './server.js'
import { connections, pipelining as usual, rounds, seconds, warmUpSeconds } from './settings.js'
import { turns } from './statistics.js'

/** What one run of one contender showed. */
export interface Sample {
  /** Answers a second. */
  readonly rate: number
  /** Microseconds of the server's processor time for each answer. */
  readonly cpu: number
  /** The part of the time in which the server's event loop had work. */
  readonly busy: number
  /** The server's processor time for the time in which it had work; below 1, others had the processor. */
  readonly granted: number
  /** Bytes of log for each answer. */
  readonly logged: number
}

export interface Throughput {
  readonly contender: Contender
  /** One for each round. */
  readonly samples: readonly Sample[]
  /** Bytes of the body of an answer. */
  readonly body: number
}

interface Server {
  readonly contender: Contender
  readonly child: ChildProcess
  readonly url: string
  readonly logFile: string | undefined
  readonly body: number
  readonly samples: Sample[]
}

/**
 * @param folder the JavaScript of the servers, see `compile`
 * @param logging whether Fastify logs to a file, at level info
 * @param measured who runs
 * @throws Error when an answer has another status than the contender's
 */
export async function measureThroughput (folder: string, logging: boolean, measured = contenders): Promise<Throughput[]> {
  const logs = mkdtempSync(join(tmpdir(), 'bench-logs-'))
  const servers: Server[] = []
  try {
    for (const [index, contender] of measured.entries()) {
      servers.push(await serve(folder, contender, logging ? join(logs, `${index}.log`) : undefined))
    }
    for (const server of servers) await run(server, warmUpSeconds)
    for (let round = 0; round < rounds; round++) {
      for (const server of turns(servers, round)) {
        const sample = await run(server, seconds)
        server.samples.push(sample)
        console.log(`round ${round + 1}/${rounds}  ${logging ? 'log' : 'no log'}  ${server.contender.name}  ${Math.round(sample.rate)}/s`)
      }
    }
    return servers
  } finally {
    for (const server of servers) server.child.kill()
    rmSync(logs, { recursive: true })
  }
}

async function serve (folder: string, contender: Contender, logFile: string | undefined): Promise<Server> {
  const child = start(join(folder, 'bench', 'server.js'), logFile === undefined ? [contender.name] : [contender.name, logFile])
  const { url } = await messageOf<{ url: string }>(child)
  const answer = await fetch(url)
  const body = (await answer.arrayBuffer()).byteLength
  return { contender, child, url, logFile, body, samples: [] }
}

async function run ({ contender, child, url, logFile }: Server, forSeconds: number): Promise<Sample> {
  const before = await usageOf(child)
  const { answers, rate } = await load(url, contender, forSeconds).catch((cause: unknown) => {
    throw new Error(`contender '${contender.name}' failed`, { cause })
  })
  const after = await usageOf(child)
  const cpu = after.cpu - before.cpu
  const active = after.active - before.active
  return {
    rate,
    cpu: cpu / answers,
    busy: active / (active + after.idle - before.idle),
    granted: cpu / 1000 / active,
    logged: logFile === undefined ? 0 : takeLog(logFile, contender) / answers
  }
}

async function usageOf (child: ChildProcess): Promise<Usage> {
  const usage = messageOf<Usage>(child)
  child.send('usage')
  return await usage
}

/** The bytes of a log, which is emptied: the logs of a whole benchmark would fill a disk. */
function takeLog (file: string, { name }: Contender): number {
  const { size } = statSync(file)
  if (size === 0) throw new Error(`contender '${name}' logged nothing`)
  truncateSync(file)
  return size
}

export interface Load {
  /** Answers received. */
  readonly answers: number
  /** Answers a second. */
  readonly rate: number
}

/**
 * @throws Error when an answer has another status, or a connection fails
 */
export async function load (url: string, { status, pipelining = usual }: Contender, seconds: number): Promise<Load> {
  // by default autocannon looks at the clock once a second, and a run of 2 s may become one of 3 s
  const options = { url, connections, pipelining, duration: seconds, sampleInt: 50 }
  const result = await autocannon(options)
  const counts = Object.entries(result.statusCodeStats ?? {}).map(([code, { count = 0 }]) => [Number(code), count] as const)
  const answers = counts.find(([code]) => code === status)?.[1] ?? 0
  if (answers === 0 || counts.length !== 1 || result.errors > 0) {
    throw new Error(`expected ${status} only; got ${JSON.stringify(Object.fromEntries(counts))} and ${result.errors} errors`)
  }
  return { answers, rate: answers / (result.finish.getTime() - result.start.getTime()) * 1000 }
}
