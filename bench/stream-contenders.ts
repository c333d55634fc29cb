/** The contenders of the benchmark of streams: the same events, by Fastify's own stream reply and by `sendEvents`. */
import { setImmediate } from 'node:timers/promises'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import humanloopErrors from '../plugin/index.js'
import type { Contender } from './contenders.js'

/** Events of one answer, as of a completion of some sentences. */
const events = 100

interface Chunk { id: string, object: string, created: number, model: string, choices: object[] }

function chunk (index: number): Chunk {
  return {
    id: 'chatcmpl-123456789012345678901234567',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-4o',
    choices: [{ index: 0, delta: { content: ` word${index}` }, finish_reason: null }]
  }
}

/** As an SDK gives them: some at once, for several come in one packet, then some time nothing. */
async function * chunks (burst: number): AsyncGenerator<Chunk> {
  for (let index = 0; index < events; index++) {
    if (index % burst === 0) await setImmediate()
    yield chunk(index)
  }
}

async function * frames (burst: number): AsyncGenerator<string> {
  for (let index = 0; index < events; index++) {
    if (index % burst === 0) await setImmediate()
    yield `data: ${JSON.stringify(chunk(index))}\n\n`
  }
}

/** How many events come at once. */
const bursts = [1, 10, events] as const

export const streams: readonly Contender[] = bursts.flatMap(burst => [
  {
    name: `Readable.from, ${burst} at once`,
    status: 200,
    pipelining: 1,
    does: `bare Fastify; \`reply.send(Readable.from(frames))\`, ${events} events, ${burst} at once`,
    build: async (app: FastifyInstance) => {
      app.get('/', async (_request, reply) => reply.type('text/event-stream').send(Readable.from(frames(burst))))
    }
  },
  {
    name: `sendEvents, ${burst} at once`,
    status: 200,
    pipelining: 1,
    does: 'the same events with the plugin; `reply.sendEvents(chunks)`',
    build: async (app: FastifyInstance) => {
      await app.register(humanloopErrors)
      app.get('/', async (_request, reply) => reply.sendEvents(chunks(burst)))
    }
  },
  {
    name: `sendEvents with idleTimeout, ${burst} at once`,
    status: 200,
    pipelining: 1,
    does: 'the same with `idleTimeout: 30_000`',
    build: async (app: FastifyInstance) => {
      await app.register(humanloopErrors)
      app.get('/', async (_request, reply) => reply.sendEvents(chunks(burst), { idleTimeout: 30_000 }))
    }
  }
])
