/** What can end a process: each case is an app, and requests to it. Users' code is as wrong here as it can be. */
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify'
import { RateLimitError, type HumanloopErrorsOptions } from '../../plugin/index.js'

export interface Case {
  readonly name: string
  readonly options?: HumanloopErrorsOptions
  readonly server?: FastifyServerOptions
  readonly routes: (app: FastifyInstance) => void
  /** True if the client leaves in the middle of an upload. */
  readonly isAborted?: true
}

const piece = 'x'.repeat(11_000)
const long = Array.from({ length: 12 }, () => piece)
const failure = (): Error => new Error('of the test')

const streams: Readonly<Record<string, () => Readable | ReadableStream>> = {
  'Readable.from': () => Readable.from(long),
  'a filled PassThrough': () => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 })
    for (const chunk of long) stream.write(chunk)
    return stream.end()
  },
  'a Readable that pushes all at once': () => new Readable({ read () { for (const chunk of [...long, null]) this.push(chunk) } }),
  'a Readable that breaks': () => new Readable({ read () { for (const chunk of long) this.push(chunk); this.destroy(failure()) } }),
  'a Readable without an end': () => new Readable({ read () { this.push(piece) } }),
  'a web stream': () => new ReadableStream({ pull (controller) { for (const chunk of long) controller.enqueue(Buffer.from(chunk)); controller.close() } }),
  'a web stream that breaks': () => new ReadableStream({ pull (controller) { controller.error(failure()) } })
}

const hooks: Readonly<Record<string, (reply: FastifyReply) => unknown>> = {
  throws: () => { throw failure() },
  rejects: async () => { throw failure() },
  'rejects a turn later': async () => { await turn(); throw failure() }
}

async function * failing (): AsyncGenerator<object> {
  throw failure()
}

const sends: Readonly<Record<string, (reply: FastifyReply) => Promise<unknown>>> = {
  'sent and sent again': async reply => { reply.code(404).send({ message: 'No.' }); reply.code(409).send({ message: 'Twice.' }) },
  'success and an error behind it': async reply => { reply.send({ fine: true }); reply.code(404).send('No.') },
  'thrown after sending': async reply => { reply.code(404).send({ message: 'No.' }); throw failure() },
  'thrown a turn after sending': async reply => { reply.code(404).send({ message: 'No.' }); await turn(); throw failure() },
  'an Error sent twice': async reply => { reply.send(failure()); reply.send(failure()) },
  'success, and thrown': async reply => { reply.send({ fine: true }); throw failure() },
  'sendEvents without return': async reply => { reply.sendEvents(Readable.from([{ n: 1 }])) },
  'sendEvents that fails, without return': async reply => { reply.sendEvents(failing()) },
  'sendEvents twice': async reply => { reply.sendEvents(Readable.from([{ n: 1 }])); return reply.sendEvents(Readable.from([{ n: 1 }])) }
}

const thrown = (app: FastifyInstance): void => {
  app.get('/', async () => { throw failure() })
  app.get('/sent', (_request, reply) => { reply.code(503).send({ message: 'x' }) })
}

const options: Readonly<Record<string, HumanloopErrorsOptions>> = {
  'onError throws': { onError: () => { throw failure() } },
  'onError rejects': { onError: async () => { await turn(); throw failure() } },
  'onError throws null': { onError: () => { const nothing: unknown = null; throw nothing } },
  'redact throws': { redact: () => { throw failure() } },
  'redact returns no string': { redact: () => undefined as unknown as string },
  'redact returns a promise that rejects': { redact: (async () => { throw failure() }) as unknown as () => string },
  'translate throws': { translate: () => { throw failure() } },
  'translate returns a promise that rejects': { translate: (async () => { throw failure() }) as unknown as () => undefined }
}

const broken = (): never => { throw failure() }

function throwingLogger (): FastifyBaseLogger {
  const nothing = (): void => {}
  const logger: FastifyBaseLogger = {
    level: 'info', silent: nothing, fatal: nothing, error: broken, warn: broken, info: nothing, debug: nothing, trace: nothing, child: () => logger
  }
  return logger
}

function source (release: () => unknown): AsyncIterable<object> {
  let n = 0
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => { if (n++ < 2) return { done: false, value: { n } }; throw new RateLimitError('Later.') },
      return: release as () => Promise<IteratorResult<object>>
    })
  }
}

export const cases: readonly Case[] = [
  ...Object.entries(streams).flatMap(([name, stream]) => [404, 500].flatMap((status): Case[] => [
    { name: `${name} with ${status}`, routes: app => { app.get('/', (_request, reply) => { reply.code(status).send(stream()) }) } },
    {
      name: `${name} with ${status}, behind a hook that waits`,
      routes: app => { app.get('/', { onSend: async (_request, _reply, payload) => { await turn(); return payload } }, async (_request, reply) => reply.code(status).send(stream())) }
    },
    {
      name: `${name} with ${status} of a hook`,
      routes: app => { app.get('/', { preHandler: (_request, reply) => { reply.code(status).send(stream()) } }, async () => 'never') }
    }
  ])),
  ...Object.entries(sends).flatMap(([name, send]) => Object.entries(hooks).map(([how, fail]): Case => ({
    name: `${name}, while an onSend hook ${how}`,
    routes: app => { app.get('/', { onSend: (async (_request: unknown, reply: FastifyReply) => fail(reply)) as never }, async (_request, reply) => send(reply)) }
  }))),
  ...Object.entries(options).map(([name, given]): Case => ({ name, options: given, routes: thrown })),
  {
    name: 'a serializer of the log throws',
    server: { logger: { level: 'info', stream: { write () {} }, serializers: { err: broken } } } as FastifyServerOptions,
    routes: thrown
  },
  {
    name: 'the stream of the log throws for each error',
    server: { logger: { level: 'info', stream: { write: (line: string) => { if (line.includes('"level":50')) broken() } } } } as FastifyServerOptions,
    routes: thrown
  },
  { name: 'warn and error of the logger throw', server: { loggerInstance: throwingLogger() } as FastifyServerOptions, routes: thrown },
  { name: 'return() throws', routes: app => { app.get('/', async (_request, reply) => reply.sendEvents(source(broken))) } },
  { name: 'return() rejects', routes: app => { app.get('/', async (_request, reply) => reply.sendEvents(source(async () => broken()))) } },
  {
    name: 'return() rejects, and the client leaves',
    isAborted: true,
    routes: app => { app.post('/', async (_request, reply) => reply.sendEvents(source(async () => broken()))) }
  },
  {
    name: 'an upload is aborted while it is read',
    isAborted: true,
    routes: app => {
      app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      app.post('/', async request => {
        for await (const chunk of request.body as AsyncIterable<Buffer>) if (chunk.length === 0) return 'empty'
        return 'read'
      })
    }
  },
  { name: 'an upload is aborted that is parsed', isAborted: true, routes: app => { app.post('/', async () => 'never') } }
]
