/** Child process: boots one server once, cold, and says how long it took. */
import { performance } from 'node:perf_hooks'
import Fastify from 'fastify'
import { bootCases, buildCase, routes } from './boot-cases.js'

export interface BootTimes {
  /** Milliseconds from before `Fastify()` until `ready()` has resolved. */
  readonly ready: number
  /** Milliseconds of the first `app.swagger()`; undefined without it. */
  readonly document: number | undefined
}

const bootCase = bootCases[Number(process.argv[2])]!
const withSwagger = process.argv[3] === 'swagger'

const start = performance.now()
const app = Fastify()
await buildCase(app, bootCase, withSwagger)
await app.ready()
const ready = performance.now() - start

const document = withSwagger ? timeOfDocument() : undefined
const { statusCode } = await app.inject('/resources-0/1')
if (statusCode !== 200) throw new Error(`${bootCase.name}: a route answers ${statusCode}`)
process.send!({ ready, document } satisfies BootTimes, () => process.exit())

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
