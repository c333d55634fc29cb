/** The servers: with the plugin as its users set it, and one without it, which tells what is Fastify's own. */
import proxy from '@fastify/http-proxy'
import Fastify, {
  type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions, type RouteHandlerMethod
} from 'fastify'
import type { AddressInfo, Socket } from 'node:net'
import { generate } from 'selfsigned'
import humanloopErrors, { serverOptions, type HumanloopErrorsOptions } from '../../plugin/index.js'
import { Part, type Handler } from './handler.js'
import { handlers, needsPlugin } from './handlers.js'
import { hookKinds, type HookKind } from './hooks.js'
import { changed, type Ledger } from './ledger.js'
import type { Level } from './plan.js'

export interface ServerRow {
  readonly name: string
  readonly protocol: 'h1' | 'h2'
  readonly isTls?: true
  readonly hasServerOptions: boolean
  readonly hijacked: 'leave' | 'contract'
  readonly guard: 'enforce' | 'warn' | 'off'
  /** True if `onError`, `redact` and `authenticate` are given. */
  readonly hasOptions: boolean
  /** True if users have no hooks at all, so that nothing runs beside the plugin's. */
  readonly isBare?: true
  /** Of a silent connection, in milliseconds. */
  readonly connectionTimeoutMs?: number
}

const plain = { protocol: 'h1', hasServerOptions: true, hijacked: 'leave', guard: 'enforce', hasOptions: true } as const

export const serverRows: readonly ServerRow[] = [
  { ...plain, name: 'HTTP/1.1' },
  { ...plain, name: 'HTTP/1.1, no serverOptions, no options', hasServerOptions: false, hasOptions: false },
  { ...plain, name: "HTTP/1.1, hijacked: 'contract'", hijacked: 'contract' },
  { ...plain, name: 'HTTP/1.1, no hooks', isBare: true },
  { ...plain, name: 'HTTP/1.1, connectionTimeout', connectionTimeoutMs: 400 },
  { ...plain, name: "HTTP/1.1, guard: 'warn'", guard: 'warn' },
  { ...plain, name: "HTTP/1.1, guard: 'off', no serverOptions", guard: 'off', hasServerOptions: false },
  { ...plain, name: 'TLS', isTls: true },
  { ...plain, name: 'HTTP/2', protocol: 'h2' },
  { ...plain, name: 'HTTP/2, no serverOptions', protocol: 'h2', hasServerOptions: false },
  { ...plain, name: "HTTP/2, hijacked: 'contract'", protocol: 'h2', hijacked: 'contract' }
]

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** Its open connections, by the port of the client. */
  readonly sockets: ReadonlyMap<number, Socket>
  readonly close: () => Promise<void>
}

/** @param hasPlugin false for stock Fastify with the same routes and hooks */
export async function startServer (row: ServerRow, hasPlugin: boolean, ledger: Ledger, upstream: string): Promise<Listening> {
  const app = Fastify(await fastifyOptions(row, hasPlugin, ledger)) as unknown as FastifyInstance
  const sockets = new Map<number, Socket>()
  app.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort!
    sockets.set(port, socket)
    socket.on('close', () => {
      if (sockets.get(port) === socket) sockets.delete(port)
      changed()
    })
  })
  addHooks(app, row, ledger, 'before')
  if (hasPlugin) await app.register(humanloopErrors, pluginOptions(row, ledger))
  addHooks(app, row, ledger, 'after')
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  app.get('/good', async () => 'good')
  await app.register(proxy, { prefix: '/proxy', upstream, rewritePrefix: '' })
  await app.register(proxy, { prefix: '/gone', upstream: 'http://127.0.0.1:1', rewritePrefix: '' })
  handlers.forEach((handler, index) => { if (hasPlugin || !needsPlugin(handler)) addRoute(app, row, ledger, upstream, handler, index) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: (app.server.address() as AddressInfo).port, sockets, close: () => app.close() }
}

async function fastifyOptions (row: ServerRow, hasPlugin: boolean, ledger: Ledger): Promise<FastifyServerOptions> {
  let requests = 0
  const options = {
    logger: { level: 'info', stream: { write: (line: string) => ledger.write(line) } },
    genReqId: ({ url }: { url?: string | undefined }) => `run=${ledger.at(url)?.id ?? 0}-${++requests}`,
    forceCloseConnections: true,
    ...row.connectionTimeoutMs !== undefined && { connectionTimeout: row.connectionTimeoutMs },
    ...row.protocol === 'h2' && { http2: true as const },
    ...row.isTls && { https: await certificate() }
  }
  return (hasPlugin && row.hasServerOptions ? serverOptions(options, { hijacked: row.hijacked }) : options) as FastifyServerOptions
}

async function certificate (): Promise<{ key: string, cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' })
  return { key, cert }
}

function pluginOptions ({ guard, hasOptions }: ServerRow, ledger: Ledger): HumanloopErrorsOptions {
  if (!hasOptions) return { guard }
  return {
    guard,
    authenticate: 'Bearer',
    redact: message => message,
    onError: (_error, request) => {
      const run = ledger.ofRequest(request)
      if (run !== undefined) run.told++
    }
  }
}

/** Each hook of users is there for all requests, and does something where the run of the request says so. */
function addHooks (app: FastifyInstance, row: ServerRow, ledger: Ledger, level: Level): void {
  if (level === 'before') {
    app.addHook('onRequest', (request, _reply, done) => {
      ledger.ofRequest(request)?.arrive()
      done()
    })
  }
  if (row.isBare) return
  for (const kind of hookKinds) app.addHook(kind as 'onSend', hookOf(kind, ledger, level) as never)
}

type AnyHook = (request: FastifyRequest, ...rest: unknown[]) => unknown

function hookOf (kind: HookKind, ledger: Ledger, level: Level): AnyHook {
  const act = (request: FastifyRequest, reply: FastifyReply, value: unknown, done: (error?: unknown, value?: unknown) => void): unknown => {
    const plan = ledger.ofRequest(request)?.plan
    if (plan?.hook === undefined || plan.hook.kind !== kind || plan.level !== level) return done(null, value)
    return plan.hook.run({ request, reply, value }, done)
  }
  // Fastify looks at the number of the parameters
  if (kind === 'onRequestAbort') {
    return ((request: FastifyRequest, done: () => void) => act(request, undefined as never, undefined, done)) as AnyHook
  }
  if (['preParsing', 'preSerialization', 'onSend', 'onError'].includes(kind)) {
    return ((request: FastifyRequest, reply: FastifyReply, value: unknown, done: () => void) => act(request, reply, value, done)) as AnyHook
  }
  return ((request: FastifyRequest, reply: FastifyReply, done: () => void) => act(request, reply, undefined, done)) as AnyHook
}

export const routeOf = (index: number): string => `/handler/${index}`

function addRoute (
  app: FastifyInstance, row: ServerRow, ledger: Ledger, upstream: string, { method, run, options }: Handler, index: number
): void {
  if (run === undefined) return
  const handler: RouteHandlerMethod = function (request, reply) {
    const current = ledger.ofRequest(request)
    if (current === undefined) return reply.send('late') // its client has gone long since
    const ended = current.opened('handler')
    const { then } = reply
    reply.then = function (...settled) { // it has returned the reply, which Fastify waits for
      ended()
      return then.apply(this, settled)
    }
    try {
      const result = run(request, reply, new Part(current, upstream, untilGone(reply)))
      if (result instanceof Promise) result.then(ended, ended)
      else ended()
      return result
    } catch (thrown) {
      ended()
      throw thrown
    }
  }
  const own = row.isBare ? {} : Object.fromEntries(hookKinds.map(kind => [kind, hookOf(kind, ledger, 'route')]))
  app.route({ ...options, ...own, method: method ?? 'GET', url: routeOf(index), handler })
}

/** Waits for the end of a response or of its connection: a response that waits for its turn on a connection is not told of that. */
async function untilGone ({ raw, request }: FastifyReply): Promise<void> {
  await new Promise<void>(resolve => {
    raw.once('close', resolve)
    if (request.raw.httpVersionMajor === 1) request.raw.socket.once('close', () => resolve())
  })
}
