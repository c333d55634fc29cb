/**
 * Given an app made with `serverOptions`, when an error of a client reaches a line of Fastify's own, then the log holds neither key nor
 * prompt.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import axios, { type AxiosError } from 'axios'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { NotFoundError, safeErrorSerializer, serverOptions, type SafeError } from '../../../plugin/index.js'
import { appWith, levels, Log, type LogLine } from '../../support/app.js'
import { listening } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const key = 'sk-proj-AbCdEf0123456789AbCdEf0123456789'
const prompt = 'my mother’s maiden name'

const provider = createServer((request, response) => {
  request.resume().on('end', () => { response.writeHead(401).end('{"error":{"message":"No."}}') })
}).listen(0, '127.0.0.1')
await once(provider, 'listening')
t.teardown(() => { provider.close() })

/** What axios throws for a provider's 401, with the whole request on it. */
async function axiosError (): Promise<AxiosError> {
  const { port } = provider.address() as AddressInfo
  return axios.post(`http://127.0.0.1:${port}/v1/chat`, { prompt }, { headers: { authorization: `Bearer ${key}` } })
    .then(() => { throw new Error('it must fail') }, (error: AxiosError) => error)
}

function routes (app: FastifyInstance): void {
  app.get('/midway', (_request, reply) => {
    reply.send(Readable.from((async function * () {
      yield 'begun'
      throw await axiosError()
    })()))
  })
  app.get('/after-send', async (_request, reply) => {
    reply.send('sent')
    throw await axiosError()
  })
  app.get('/after-hijack', async (_request, reply) => {
    reply.hijack().raw.end('hijacked')
    throw await axiosError()
  })
  app.get('/on-response', { onResponse: async () => { throw await axiosError() } }, async () => 'fine')
  app.get('/on-send', { onSend: async () => { throw await axiosError() } }, async () => { throw new NotFoundError('Nothing.') })
}

const lines: ReadonlyArray<readonly [path: string, line: string]> = [
  ['/midway', 'response terminated with an error with headers already sent'],
  ['/after-send', 'Promise errored, but reply.sent = true was set'],
  ['/after-hijack', 'Promise errored, but reply.sent = true was set'],
  ['/on-response', 'request errored'],
  ['/on-send', 'a hook failed while an error answer was sent; the answer is sent without it'] // ours, in place of Fastify's
]

async function ask (
  t: Test, options: FastifyServerOptions, log: Log, wanted: (err: Record<string, unknown> | undefined, name: string) => void
): Promise<FastifyInstance> {
  const app = Fastify(options)
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  routes(app)
  const port = await listening(app)
  for (const [path, msg] of lines) {
    const from = log.all.length
    await (await Wire.to(port)).write(request('GET', path, { connection: 'close' })).rest()
    const line = (): LogLine | undefined => log.all.slice(from).find(line => line.msg === msg && 'err' in line)
    while (line() === undefined) await log.any()
    wanted(line()!.err, path)
  }
  return app
}

const safe = (t: Test) => (err: Record<string, unknown> | undefined, name: string): void => {
  t.match(err, { type: 'AxiosError', message: 'Request failed with status code 401', code: 'ERR_BAD_REQUEST', stack: /AxiosError/ }, name)
  t.same(Object.keys(err!).sort(), ['code', 'message', 'stack', 'type'], `${name}: named fields alone`)
}

t.test('Fastify’s own lines have the serializer', async t => {
  const log = new Log()
  await ask(t, serverOptions({ logger: log.logger }), log, safe(t))
  for (const secret of [key, prompt, 'sk-proj']) t.notOk(log.toString().includes(secret), secret)
})

t.test('without serverOptions they do not: this is what is kept out', async t => {
  const log = new Log()
  await ask(t, { logger: log.logger }, log, () => {})
  t.ok(log.toString().includes(key))
  t.ok(log.toString().includes(prompt))
})

t.test('a serializer of the app’s own stays, and others beside it', async t => {
  const log = new Log()
  const mine = (): SafeError => ({ type: 'Mine', message: 'mine', stack: '' })
  await ask(t, serverOptions({ logger: { ...log.logger, serializers: { err: mine } } }), log, err => {
    t.same(err, { type: 'Mine', message: 'mine', stack: '' })
  })
  const other = new Log()
  const app = await ask(t, serverOptions({ logger: { ...other.logger, serializers: { tenant: () => 'acme' } } }), other, safe(t))
  app.log.info({ tenant: 7 }, 'beside it')
  t.match(other.all.at(-1), { tenant: 'acme' })
})

t.test('an instance of the app’s own is given the serializer where it is made', async t => {
  const log = new Log()
  const loggerInstance = Fastify({ logger: { ...log.logger, serializers: { err: safeErrorSerializer } } }).log // pino, as Fastify makes it
  await ask(t, serverOptions({ loggerInstance }) as FastifyServerOptions, log, safe(t))
  t.notOk(log.toString().includes(key))
})

t.test('true, false and what Fastify refuses', async t => {
  t.match(serverOptions({ logger: true }), { logger: { serializers: { err: safeErrorSerializer } } })
  t.equal(serverOptions({ logger: false }).logger, false)
  t.notOk('logger' in serverOptions({}))
  t.throws(() => Fastify(serverOptions({ logger: Fastify({ logger: true }).log as object })), { code: 'FST_ERR_LOG_INVALID_LOGGER_CONFIG' })
})

t.test('disableRequestLogging takes Fastify’s two lines of each request; those of error responses stay', async t => {
  const log = new Log()
  const app = Fastify(serverOptions({ logger: log.logger, disableRequestLogging: true }))
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/loud', async () => { throw new NotFoundError('Nothing.') })
  app.get('/quiet', { logLevel: 'warn' }, async () => { throw new NotFoundError('Nothing.') })
  app.get('/fine', async () => 'fine')
  for (const url of ['/loud', '/quiet', '/fine']) await app.inject(url)
  t.match(log.all, [{ level: levels.info, code: 404, msg: 'Nothing.' }], 'logLevel on the route silences them')
})

t.test('what hooks write on the way out of an error stays as they wrote it', async t => {
  const { app, log } = await appWith(t, app => {
    app.addHook('onSend', async (request, reply) => {
      reply.log.info({ err: new Error('not fatal'), tries: 2 }, 'tried twice')
      reply.log.error('%s of %d', 'two', 3)
      reply.log.child({ part: 'billing' }).info('counted')
      request.log.info('seen')
      t.equal(reply.log.level, 'info')
    })
    app.addHook('onRequest', async (request, reply) => { reply.log = request.log.child({ tenant: 'acme' }) })
    app.get('/', async () => { throw new NotFoundError('Nothing.') })
  })
  t.equal((await app.inject('/')).statusCode, 404)
  t.match(log.lines, [
    { level: levels.info, tenant: 'acme', tries: 2, err: { message: 'not fatal' }, msg: 'tried twice' },
    { level: levels.error, tenant: 'acme', msg: 'two of 3' },
    { level: levels.info, tenant: 'acme', part: 'billing', msg: 'counted' },
    { level: levels.info, msg: 'seen' },
    { level: levels.info, code: 404, msg: 'Nothing.' }
  ])
})

t.test('a logger of a class of its own keeps its private fields', async t => {
  class Logger {
    readonly #lines: unknown[] = []
    level = 'info'
    info (...given: unknown[]): void { this.#lines.push(given[1]) }
    warn (...given: unknown[]): void { this.#lines.push(given[1]) }
    error (...given: unknown[]): void { this.#lines.push(given[1]) }
    debug (): void {}
    trace (): void {}
    fatal (): void {}
    silent (): void {}
    child (): this { return this }
    get lines (): readonly unknown[] { return this.#lines }
  }
  const loggerInstance = new Logger()
  const app = Fastify({ loggerInstance })
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.addHook('onSend', async (_request, reply) => { reply.log.warn({}, 'from the hook') })
  app.get('/', async () => { throw new NotFoundError('Nothing.') })
  t.equal((await app.inject('/')).statusCode, 404)
  t.same(loggerInstance.lines.slice(-4), ['incoming request', 'from the hook', 'Nothing.', 'request completed'])
})
