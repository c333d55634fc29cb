/** Handlers that write past Fastify, and streams of events. */
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { RateLimitError } from '../../plugin/index.js'
import { secret, type Expected, type Handler } from './handler.js'

const events = { 'content-type': 'text/event-stream' }

const raw = (status: number, code?: number): Expected => ({ is: 'raw', status, ...code !== undefined && { code } })

const written: ReadonlyArray<readonly [name: string, write: (raw: FastifyReply['raw']) => unknown, expects: Expected]> = [
  ['success', raw => raw.end('raw'), raw(200)],
  [
    'success in pieces',
    async raw => {
      raw.writeHead(200, { 'content-type': 'text/plain' })
      raw.write('r')
      await setImmediate()
      raw.write('a')
      raw.end('w')
    },
    raw(200)
  ],
  [
    '502 with its head', raw => { raw.writeHead(502, { 'content-type': 'text/html', etag: '"1"' }); raw.end('<h1>Bad</h1>') }, raw(502, 503)
  ],
  ['404 by its status', raw => { raw.statusCode = 404; raw.end('{"message":"Nothing."}') }, raw(404, 404)],
  ['500 in pieces', async raw => { raw.writeHead(500); raw.write('a'); await setImmediate(); raw.write('b'); raw.end() }, raw(500, 500)],
  ['100 KB with 500', raw => { raw.writeHead(500, { 'content-length': 100_000 }); raw.end(Buffer.alloc(100_000, 'x')) }, raw(500, 500)],
  ['503 without a body', raw => { raw.writeHead(503); raw.end() }, raw(503, 503)],
  ['half a body, and cuts it', raw => { raw.writeHead(200, events); raw.write('data: 1\n\n', () => raw.destroy()) }, { is: 'cut' }],
  ['nothing, and cuts the connection', raw => raw.destroy(), { is: 'cut' }]
]

const frame: Expected = { is: 'frame' }

export const rawHandlers: readonly Handler[] = [
  ...written.map(([name, write, expects]): Handler => ({
    name: `hijacks and writes ${name}`, expects, run: (_request, reply) => { reply.hijack(); write(reply.raw) }
  })),
  {
    name: 'hijacks, writes success and throws',
    expects: raw(200),
    run: async (_request, reply) => { reply.hijack(); reply.raw.end('raw'); throw new Error(secret) }
  },
  {
    name: 'hijacks, writes 502 and sends',
    expects: raw(502, 503),
    run: async (_request, reply) => { reply.hijack(); reply.raw.writeHead(502).end('x'); reply.send({ fine: true }) }
  },
  {
    name: 'writes success raw, and returns the reply',
    expects: raw(200),
    run: async (_request, reply) => { reply.raw.end('raw'); return reply }
  },
  {
    name: 'writes half a body raw, and throws',
    expects: { is: 'cut' },
    run: async (_request, reply) => { reply.raw.writeHead(200, events); reply.raw.write('data: 1\n\n'); throw new Error(secret) }
  },
  {
    name: 'writes half a body raw, and sends an Error',
    expects: { is: 'cut' },
    run: (_request, reply) => { reply.raw.writeHead(200, events); reply.raw.write('data: 1\n\n'); reply.send(new Error(secret)) }
  },
  {
    name: 'writes half a body raw, and sends 404',
    expects: { is: 'cut' },
    run: (_request, reply) => { reply.raw.writeHead(200, events); reply.raw.write('data: 1\n\n'); reply.code(404).send({ message: 'No.' }) }
  }
]

export const eventHandlers: readonly Handler[] = [
  {
    name: 'sendEvents',
    expects: { is: 'success', status: 200 },
    run: async (_request, reply, part) => reply.sendEvents(part.events(3, 'end'))
  },
  {
    name: 'sendEvents of nothing',
    expects: { is: 'success', status: 200 },
    run: async (_request, reply, part) => reply.sendEvents(part.events(0, 'end'))
  },
  {
    name: 'sendEvents of many events',
    expects: { is: 'success', status: 200 },
    run: async (_request, reply, part) => reply.sendEvents(part.events(2000, 'end'))
  },
  {
    name: 'sendEvents that fails after events',
    expects: frame,
    run: async (_request, reply, part) => reply.sendEvents(part.events(3, 'error'), { dialect: 'anthropic' })
  },
  {
    name: 'sendEvents that fails before events',
    expects: { is: 'thrown', code: 500 },
    run: async (_request, reply, part) => reply.sendEvents(part.events(0, 'error'))
  },
  {
    name: 'sendEvents that falls silent',
    expects: frame,
    run: async (_request, reply, part) => reply.sendEvents(part.webStream(['data: 1\n\n'], 'silence'), { idleTimeout: 40 })
  },
  {
    name: 'sendEvents that is silent',
    expects: { is: 'thrown', code: 504 },
    run: async (_request, reply, part) => reply.sendEvents(part.webStream([], 'silence'), { idleTimeout: 40 })
  },
  {
    name: 'sendEvents without an end',
    expects: { is: 'cut' },
    waits: true,
    run: async (_request, reply, part) => reply.sendEvents(part.events(3, 'silence'))
  },
  {
    name: 'sendEvents that does not begin',
    expects: { is: 'cut' },
    waits: true,
    run: async (_request, reply, part) => reply.sendEvents(part.events(0, 'silence'))
  },
  {
    name: 'sendEvents of a source whose return() throws',
    expects: frame,
    run: async (_request, reply, part) => reply.sendEvents(part.events(2, 'error', () => { throw new Error(secret) }))
  },
  {
    name: 'sendEvents of a function',
    expects: { is: 'success', status: 200 },
    run: async (_request, reply, part) => reply.sendEvents(() => part.events(3, 'end'), { dialect: 'ndjson' })
  },
  {
    name: 'sendEvents of a function that throws',
    expects: { is: 'thrown', code: 429 },
    run: async (_request, reply) => reply.sendEvents(() => { throw new RateLimitError('Later.') })
  },
  {
    name: 'sendEvents that fails before events, without return',
    expects: { is: 'either', codes: [200, 500] },
    run: async (_request, reply, part) => { reply.sendEvents(part.events(0, 'error')) }
  },
  {
    name: 'sendEvents without return',
    expects: { is: 'either', codes: [200] },
    run: async (_request, reply, part) => { reply.sendEvents(part.events(3, 'end')) }
  },
  {
    name: 'sendEvents, no promise',
    expects: { is: 'success', status: 200 },
    run: (_request, reply, part) => { reply.sendEvents(part.events(3, 'end')) }
  },
  {
    name: 'sendEvents twice',
    expects: { is: 'either', codes: [200, 500] },
    run: async (_request, reply, part) => { reply.sendEvents(part.events(3, 'end')); return reply.sendEvents(part.events(3, 'end')) }
  },
  {
    name: 'sendEvents, and throws',
    expects: { is: 'either', codes: [200, 500] },
    run: async (_request, reply, part) => { reply.sendEvents(part.events(3, 'end')); throw new Error(secret) }
  }
]
