/** Row 19: Fastify's own plugins, each registered before and after this one, over three transports. */
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import auth from '@fastify/auth'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import replyFrom from '@fastify/reply-from'
import sensible from '@fastify/sensible'
import statics from '@fastify/static'
import underPressure from '@fastify/under-pressure'
import websocket from '@fastify/websocket'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type RouteHandlerMethod } from 'fastify'
import humanloopErrors, { NotFoundError } from '../../../plugin/index.js'
import { envelope, isContract, meanings } from '../../support/app.js'
import { transports, type Request } from '../../support/transports.js'
import type { Answer } from '../../support/wire.js'

interface Case {
  readonly what: string
  readonly register: (app: FastifyInstance, upstream: string) => unknown
  readonly routes?: (app: FastifyInstance) => unknown
  /** What is asked before. */
  readonly first?: Request
  readonly request: Request
  readonly code: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string | RegExp>>
  readonly without?: readonly string[]
}

/** A plugin of any type provider's, with its options. */
const using = (plugin: unknown, options: object = {}) => (app: FastifyInstance): unknown => app.register(
  plugin as FastifyPluginAsync, options
)

const missing = (app: FastifyInstance): unknown => app.get('/', async () => { throw new NotFoundError('Nothing.') })
const long = 'n'.repeat(2000)
const form = 'multipart/form-data; boundary=b'
const file = `--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n${'x'.repeat(100)}\r\n--b--\r\n`

const cases: readonly Case[] = [
  {
    what: 'handlerTimeout',
    register: () => {},
    routes: app => app.get('/', { handlerTimeout: 10 }, async () => new Promise(() => {})),
    request: { url: '/' },
    code: 504,
    message: meanings[504]!
  },
  {
    what: 'rate-limit',
    register: using(rateLimit, { max: 1, timeWindow: '1 minute', allowList: (request: { url: string }) => request.url === '/in-step' }),
    routes: app => app.get('/', async () => 'fine'),
    first: { url: '/' },
    request: { url: '/' },
    code: 429,
    message: 'Rate limit exceeded, retry in 1 minute',
    headers: { 'retry-after': /^\d+$/, 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' }
  },
  {
    what: 'under-pressure',
    register: () => {},
    routes: app => app.register(async scope => {
      await scope.register(underPressure, { healthCheck: async () => false, healthCheckInterval: 10_000 })
      scope.get('/', async () => 'fine')
    }),
    request: { url: '/' },
    code: 503,
    message: meanings[503]!,
    headers: { 'retry-after': '10' }
  },
  {
    what: 'sensible',
    register: using(sensible),
    routes: app => app.get('/', async (_request, reply) => reply.conflict('Twice.')),
    request: { url: '/' },
    code: 422,
    message: 'Twice.'
  },
  {
    what: 'static',
    register: using(statics, { root: import.meta.dirname }),
    request: { url: '/no-such-file.txt' },
    code: 404,
    message: 'Route GET:/no-such-file.txt not found'
  },
  {
    what: 'static, a range that is not there',
    register: using(statics, { root: import.meta.dirname }),
    request: { url: '/plugins.test.ts', headers: { range: 'bytes=9999999-' } },
    code: 400,
    message: 'Range Not Satisfiable'
  },
  {
    what: 'websocket without upgrade',
    register: using(websocket),
    routes: app => app.register(async scope => { scope.get('/', { websocket: true }, () => {}) }),
    request: { url: '/' },
    code: 404,
    message: meanings[404]!
  },
  {
    what: 'reply-from, an error of the upstream',
    register: (app, base) => app.register(replyFrom, { base }),
    routes: app => app.get('/', (_request, reply) => { reply.from('/418') }),
    request: { url: '/' },
    code: 400,
    message: 'Upstream.',
    without: ['set-cookie']
  },
  {
    what: 'reply-from, the contract of the upstream',
    register: (app, base) => app.register(replyFrom, { base }),
    routes: app => app.get('/', (_request, reply) => { reply.from('/contract') }),
    request: { url: '/' },
    code: 404,
    message: 'Mine.'
  },
  {
    what: 'reply-from, no upstream',
    register: app => app.register(replyFrom, { base: 'http://127.0.0.1:1' }),
    routes: app => app.get('/', (_request, reply) => { reply.from('/') }),
    request: { url: '/' },
    code: 500,
    message: meanings[500]!
  },
  {
    what: 'multipart, too large',
    register: using(multipart, { limits: { fileSize: 10 } }),
    routes: app => app.post('/', async request => (await (await request.file())!.toBuffer()).length),
    request: { method: 'POST', url: '/', headers: { 'content-type': form }, body: file },
    code: 400,
    message: 'request file too large'
  },
  {
    what: 'multipart, another media type',
    register: using(multipart),
    routes: app => app.post('/', async request => await request.file() === undefined),
    request: { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body: '{}' },
    code: 400,
    message: 'the request is not multipart'
  },
  {
    what: 'jwt',
    register: using(jwt, { secret: 'x' }),
    routes: app => app.get('/', async request => request.jwtVerify()),
    request: { url: '/' },
    code: 401,
    message: 'No Authorization was found in request.headers'
  },
  {
    what: 'auth',
    register: using(auth),
    routes: app => app.after(() => app.get(
      '/',
      { preHandler: app.auth([(_request, _reply, done) => { done(Object.assign(new Error('Who are you?'), { statusCode: 401 })) }]) },
      async () => 'fine'
    )),
    request: { url: '/' },
    code: 401,
    message: 'Who are you?'
  },
  {
    what: 'cors',
    register: using(cors, { origin: 'https://a.example', exposedHeaders: ['retry-after'] }),
    routes: missing,
    request: { url: '/', headers: { origin: 'https://a.example' } },
    code: 404,
    message: 'Nothing.',
    headers: { 'access-control-allow-origin': 'https://a.example', 'access-control-expose-headers': 'retry-after' }
  },
  {
    what: 'cors, no preflight',
    register: using(cors),
    request: { method: 'OPTIONS', url: '/' },
    code: 400,
    message: 'Invalid Preflight Request'
  },
  {
    what: 'helmet',
    register: using(helmet),
    routes: missing,
    request: { url: '/' },
    code: 404,
    message: 'Nothing.',
    headers: { 'x-content-type-options': 'nosniff', 'content-security-policy': /default-src/ }
  },
  { what: 'etag', register: using(etag), routes: missing, request: { url: '/' }, code: 404, message: 'Nothing.', without: ['etag'] },
  {
    what: 'etag, on an unknown route',
    register: using(etag),
    request: { url: '/unknown' },
    code: 404,
    message: 'Route GET:/unknown not found',
    without: ['etag']
  },
  {
    what: 'etag, sent by hand',
    register: using(etag),
    routes: app => app.get('/', (_request, reply) => { reply.code(404).send(envelope(404, 'Mine.')) }),
    request: { url: '/' },
    code: 404,
    message: 'Mine.',
    without: ['etag']
  },
  ...([
    ['thrown', async () => { throw new NotFoundError(long) }],
    ['sent as an object', (_request, reply) => { reply.code(404).send(envelope(404, long)) }],
    ['sent as text', (_request, reply) => { reply.code(404).type('application/json').send(JSON.stringify(envelope(404, long))) }],
    ['something else', (_request, reply) => { reply.code(404).send({ message: long }) }]
  ] satisfies Array<[string, RouteHandlerMethod]>).map(([what, handler]): Case => ({
    what: `compress, ${what}`,
    register: using(compress),
    routes: app => app.get('/', handler),
    request: { url: '/', headers: { 'accept-encoding': 'gzip' } },
    code: 404,
    message: long,
    headers: { 'content-encoding': 'gzip' }
  }))
]

/** A server behind ours. */
async function upstreamOf (t: Test): Promise<string> {
  const answer: RequestListener = ({ url }, response) => {
    if (url === '/contract') response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(envelope(404, 'Mine.')))
    else response.writeHead(418, { etag: '"1"', 'content-type': 'application/json' }).end('{"message":"Upstream."}')
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  t.teardown(async () => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An answer with its body decoded; text of the transports is Latin 1 where bytes are compressed. */
function decoded (answer: Answer): Answer {
  if (answer.headers['content-encoding'] !== 'gzip') return answer
  const body = gunzipSync(Buffer.from(answer.body, 'latin1')).toString()
  return { ...answer, body, headers: { ...answer.headers, 'content-length': String(Buffer.byteLength(body)) } }
}

for (const [transport, start] of Object.entries(transports)) {
  t.test(transport, async t => {
    const upstream = await upstreamOf(t)
    for (const when of ['before', 'after'] as const) {
      for (const { what, register, routes = () => {}, first, request, code, message, headers = {}, without = [] } of cases) {
        const name = `${what}, registered ${when}`
        const { ask } = await start(t, {
          ...when === 'before' && { before: app => register(app, upstream) },
          routes: async app => {
            if (when === 'after') await register(app, upstream)
            await routes(app)
          }
        })
        if (first !== undefined) await ask(first)
        const answer = decoded(await ask(request))
        isContract(t, answer, code, message, name)
        for (const [header, value] of Object.entries(headers)) t.match(answer.headers[header], value, `${name}: ${header}`)
        for (const header of without) t.notOk(header in answer.headers, `${name}: ${header}`)
      }
    }
  })
}

t.test('a success is compressed as it would be without this plugin', async t => {
  for (const when of ['before', 'after'] as const) {
    const app = Fastify()
    t.teardown(async () => app.close())
    if (when === 'before') await app.register(compress)
    await app.register(humanloopErrors)
    if (when === 'after') await app.register(compress)
    app.get('/', async () => ({ long }))
    app.get('/own', { compress: { threshold: 1 } }, async () => ({ short: 1 }))
    for (const url of ['/', '/own']) {
      t.equal((await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], 'gzip', `${when}: ${url}`)
    }
  }
})
