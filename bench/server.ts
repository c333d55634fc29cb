/** Child process: serves one contender, and says on request how much of the processor it has used. */
import { performance } from 'node:perf_hooks'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { contenderNamed } from './contenders.js'

/** Counters since the process began; the difference of two tells what lies between. */
export interface Usage {
  /** Microseconds of processor time, all threads. */
  readonly cpu: number
  /** Milliseconds in which the event loop had work, and had none. */
  readonly active: number
  readonly idle: number
}

export type Message = { readonly url: string } | Usage

const [name, logFile] = process.argv.slice(2)

const { server = same, build } = contenderNamed(name)
const app: FastifyInstance = Fastify(server({ logger: logFile === undefined ? false : { level: 'info', file: logFile } }))
await build(app)
await app.listen({ host: '127.0.0.1', port: 0 })

process.on('disconnect', () => process.exit())
process.on('message', () => tell(usage()))
tell({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/` })

function same (options: object): object {
  return options
}

function tell (message: Message): void {
  process.send!(message)
}

function usage (): Usage {
  const { user, system } = process.cpuUsage()
  const { active, idle } = performance.eventLoopUtilization()
  return { cpu: user + system, active, idle }
}
