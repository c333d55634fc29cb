/** Child process: imports Fastify, then the plugin, and says how long each took and how much memory it added. */
import { performance } from 'node:perf_hooks'

export interface Cost {
  readonly ms: number
  /** Of the heap, in megabytes. */
  readonly heap: number
}

export interface ImportCosts {
  readonly fastify: Cost
  /** Beside Fastify, which is there already. */
  readonly plugin: Cost
}

const fastify = await costOf(() => import('fastify'))
const plugin = await costOf(() => import('../plugin/index.js'))
process.send!({ fastify, plugin } satisfies ImportCosts, () => process.exit())

async function costOf (load: () => Promise<unknown>): Promise<Cost> {
  gc!()
  const before = process.memoryUsage().heapUsed
  const start = performance.now()
  await load()
  const ms = performance.now() - start
  gc!()
  return { ms, heap: (process.memoryUsage().heapUsed - before) / 2 ** 20 }
}
