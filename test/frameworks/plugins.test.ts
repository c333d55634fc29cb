/**
 * Plugins that set handlers and hooks, or decorate replies, in several scopes before and after ours: each app boots, each error is the
 * contract.
 */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import auth from '@fastify/auth'
import autoload from '@fastify/autoload'
import bearer from '@fastify/bearer-auth'
import breaker from '@fastify/circuit-breaker'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import httpProxy from '@fastify/http-proxy'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import replyFrom from '@fastify/reply-from'
import responseValidation from '@fastify/response-validation'
import sensible from '@fastify/sensible'
import statics from '@fastify/static'
import swagger from '@fastify/swagger'
import underPressure from '@fastify/under-pressure'
import websocket from '@fastify/websocket'
import { initTRPC } from '@trpc/server'
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { fastifyZodOpenApiPlugin } from 'fastify-zod-openapi'
import fp from 'fastify-plugin'
import mercurius from 'mercurius'
import t from 'tap'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import humanloopErrors, { NotFoundError } from '../../plugin/index.js'
import enhanced from '../support/http-errors-enhanced.js'
import { isContract, meanings } from '../support/app.js'
import { root } from '../support/examples.js'
import { asking, json } from './asking.js'

const upstream = createServer((_request, response) => {
  response.writeHead(418, { 'content-type': 'application/json', etag: '"1"' }).end('{"message":"Upstream."}')
})
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
t.teardown(() => { upstream.closeAllConnections(); upstream.close() })
const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`

const plugins: Readonly<Record<string, readonly [plugin: unknown, options?: object]>> = {
  auth: [auth],
  'bearer-auth': [bearer, { keys: new Set(['key']), addHook: false }],
  'circuit-breaker': [breaker],
  compress: [compress, { threshold: 0 }],
  cors: [cors],
  etag: [etag],
  'fastify-http-errors-enhanced': [enhanced],
  'fastify-zod-openapi': [fastifyZodOpenApiPlugin],
  helmet: [helmet, { enableCSPNonces: true }],
  'http-proxy': [httpProxy, { upstream: base, prefix: '/proxy' }],
  'http-proxy, with WebSockets': [httpProxy, { upstream: base, prefix: '/proxy', websocket: true }],
  jwt: [jwt, { secret: 'x' }],
  mercurius: [mercurius, { schema: 'type Query { one: Int }' }],
  multipart: [multipart, { attachFieldsToBody: true }],
  'rate-limit': [rateLimit],
  'reply-from': [replyFrom, { base }],
  'response-validation': [responseValidation],
  sensible: [sensible],
  static: [statics, { root: import.meta.dirname }],
  'static, a route for each file': [statics, { root: import.meta.dirname, wildcard: false }],
  swagger: [swagger, { openapi: {} }],
  tRPC: [fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions: { router: initTRPC.create().router({}) } }],
  'under-pressure': [underPressure, { exposeStatusRoute: true }],
  websocket: [websocket]
}

type Register = (app: FastifyInstance) => unknown

/** Where theirs and ours are registered, and the path of what is tried. */
type Place = readonly [path: string, register: (app: FastifyInstance, theirs: Register, routes: Register) => unknown]

const places: Readonly<Record<string, Place>> = {
  'before ours': ['', async (app, theirs, routes) => {
    await theirs(app)
    await app.register(humanloopErrors)
    routes(app)
  }],
  'after ours': ['', async (app, theirs, routes) => {
    await app.register(humanloopErrors)
    await theirs(app)
    routes(app)
  }],
  'nothing awaited': ['', (app, theirs, routes) => {
    app.register(humanloopErrors)
    theirs(app)
    app.register(async scope => { routes(scope) })
  }],
  'in a scope below ours, which has settings of its own': ['/api', async (app, theirs, routes) => {
    await app.register(humanloopErrors)
    await app.register(async scope => {
      await theirs(scope)
      await scope.register(humanloopErrors, { authenticate: 'Bearer' })
      routes(scope)
    }, { prefix: '/api' })
  }]
}

const long = 'n'.repeat(2000)

function routes (app: FastifyInstance): void {
  app.get('/thrown', async () => { throw new NotFoundError(long) })
  app.get('/bug', async () => { throw new TypeError('Replica db-3 is down.') })
  app.get('/sent', (_request, reply) => { reply.code(409).send({ message: 'Twice.' }) })
  app.get('/response', async () => new Response(JSON.stringify({ message: long }), { status: 422, headers: { etag: '"1"' } }))
  app.post('/body', async request => request.body)
}

t.test('a single-page app: files, its page for all other paths, and 404s of the contract below /api', async t => {
  for (const when of ['before', 'after'] as const) {
    await t.test(`the handler is set ${when} ours`, async t => {
      const app = Fastify()
      await app.register(statics, { root: import.meta.dirname, wildcard: false })
      if (when === 'after') await app.register(humanloopErrors)
      app.setNotFoundHandler((_request, reply) => reply.sendFile('asking.ts'))
      if (when === 'before') await app.register(humanloopErrors)
      await app.register(async api => {
        await api.register(humanloopErrors, { origin: 'Acme' })
        routes(api)
      }, { prefix: '/api' })
      const ask = await asking(t, app)
      for (const path of ['/settings/profile', '/asking.ts', '/apis']) {
        const { status, body } = await ask(path)
        t.match({ status, body }, { status: 200, body: /^\/\*\* Requests to an app/ }, path)
      }
      isContract(t, await ask('/api/unknown'), 404, 'Route GET:/api/unknown not found', '', 'Acme')
      isContract(t, await ask('/api/thrown'), 404, long, '', 'Acme')
    })
  }
})

t.test("an app like Fastify's demo: autoloaded plugins, then an error handler and a not-found handler under a rate limit", async t => {
  const folder = t.testdir({
    'humanloop-errors.js': `export { default } from ${JSON.stringify(join(root, 'plugin/index.js'))}`,
    'rate-limit.js': "export { default } from '@fastify/rate-limit'\nexport const autoConfig = { max: 100, global: false }"
  })
  const app = Fastify()
  await app.register(fp(async app => {
    await app.register(autoload, { dir: folder })
    routes(app)
    app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      reply.code(error.statusCode ?? 500)
      return { message: reply.statusCode < 500 ? error.message : 'Internal Server Error' }
    })
    app.setNotFoundHandler({ preHandler: app.rateLimit({ max: 3, timeWindow: '1 minute' }) }, (_request, reply) => {
      reply.code(404)
      return { message: 'Not Found' }
    })
  }))
  const ask = await asking(t, app)
  isContract(t, await ask('/thrown'), 404, long)
  for (let tries = 1; tries <= 3; tries++) isContract(t, await ask('/unknown'), 404, 'Not Found')
  isContract(t, await ask('/unknown'), 429, 'Rate limit exceeded, retry in 1 minute')
  isContract(t, await ask('/bug'), 500, meanings[500]!)
})

for (const [name, [plugin, options]] of Object.entries(plugins)) {
  t.test(name, async t => {
    for (const [place, [path, register]] of Object.entries(places)) {
      await t.test(place, async t => {
        const app = Fastify()
        await register(app, app => app.register(plugin as FastifyPluginAsync, { ...options }), routes)
        const ask = await asking(t, app)
        isContract(t, await ask(`${path}/thrown`), 404, long, 'thrown')
        isContract(t, await ask(`${path}/bug`), 500, meanings[500]!, 'a bug')
        isContract(t, await ask(`${path}/sent`), 422, 'Twice.', 'sent')
        isContract(t, await ask(`${path}/response`), 422, long, 'a Response')
        const isTheirs = plugin === enhanced // has a not-found handler
        isContract(t, await ask(`${path}/unknown`), 404, isTheirs ? 'Not found.' : `Route GET:${path}/unknown not found`, 'unknown')
        t.match(
          (await ask(`${path}/body`, 'POST', json, '{')).body,
          /^\{"detail":\{"type":"bad_request_error","message":".+","code":400,"origin":"Humanloop"\}\}$/
        )
        if (name.startsWith('http-proxy')) isContract(t, await ask(`${path}/proxy/x`), 400, 'Upstream.', 'behind the proxy')
      })
    }
  })
}
