/** Child process: boots one server once, cold, and says how long it took and how much memory it holds. */
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Fastify from 'fastify'
import { bootCases, buildCase, routes } from './boot-cases.js'

export interface BootTimes {
  /** Milliseconds from before `Fastify()` until `ready()` has resolved. */
  readonly ready: number
  /** Milliseconds of the first `app.swagger()`; undefined without it. */
  readonly document: number | undefined
  /** Megabytes of resident memory after `ready()`, when garbage is collected. */
  readonly resident: number
  /** The same after the first `app.swagger()`. */
  readonly residentWithDocument: number
}

const bootCase = bootCases[Number(process.argv[2])]!
const withSwagger = process.argv[3] === 'swagger'

const start = performance.now()
const app = Fastify()
await buildCase(app, bootCase, withSwagger)
await app.ready()
const ready = performance.now() - start

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const resident = await residentMemory()
const document = withSwagger ? timeOfDocument() : undefined
const residentWithDocument = await residentMemory()
const { statusCode } = await app.inject('/resources-0/1')
if (statusCode !== 200) throw new Error(`${bootCase.name}: a route answers ${statusCode}`)
process.send!({ ready, document, resident, residentWithDocument } satisfies BootTimes, () => process.exit())

function timeOfDocument (): number {
  const before = performance.now()
  const { paths = {} } = app.swagger()
  const time = performance.now() - before
  const documented = Object.values(paths).map(path => Object.keys(path?.get?.responses ?? {}).length)
  if (documented.length !== routes || documented.some(count => count !== bootCase.documented)) {
    throw new Error(`${bootCase.name}: the document does not have ${bootCase.documented} responses in each of ${routes} routes`)
  }
  return time
}

/** Collects a few times: what one collection frees, the next gives back to the system. */
async function residentMemory (): Promise<number> {
  for (let time = 0; time < 4; time++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  return process.memoryUsage.rss() / 2 ** 20
}
