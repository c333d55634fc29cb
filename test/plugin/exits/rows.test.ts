/**
 * Every way by which an error leaves a request that Fastify has routed, over HTTP/1.1, HTTP/2 and `inject()`: whatever is
 * thrown, sent, replaced by hooks or broken on its way out, these bytes arrive, and the next request on the connection is
 * answered as it should be.
 */
import { Readable, Stream } from 'node:stream'
import t from 'tap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { envelope, isContract, meanings } from '../../support/app.js'
import { transports, type Request, type Setup } from '../../support/transports.js'

interface Case extends Partial<Request> {
  readonly what: string
  /** The route's handler, or the routes of the app. */
  readonly handler?: (request: FastifyRequest, reply: FastifyReply) => unknown
  readonly route?: object
  readonly routes?: (app: FastifyInstance) => unknown
  readonly before?: (app: FastifyInstance) => unknown
  readonly code: number
  readonly message: string
}

type Hook = 'onRequest' | 'preParsing' | 'preValidation' | 'preHandler' | 'preSerialization'

const secret = new Error('secret')
const teapot = (): Error => Object.assign(new Error('Short and stout.'), { statusCode: 418 })
const json = { 'content-type': 'application/json' }
const fine = (): object => ({ fine: true })
const throwing = (value: unknown) => async (): Promise<never> => { throw value }

/** A hook of each kind that Fastify knows: one that throws, one that calls back, one that rejects. */
function hooksThatFail (): Case[] {
  const lifecycle: Hook[] = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization']
  return lifecycle.flatMap(hook => {
    const takesPayload = hook === 'preParsing' || hook === 'preSerialization'
    const fails: Record<string, unknown> = {
      throws: takesPayload
        ? (_request: unknown, _reply: unknown, _payload: unknown, _done: unknown) => { throw teapot() }
        : (_request: unknown, _reply: unknown, _done: unknown) => { throw teapot() },
      'calls back': takesPayload
        ? (_request: unknown, _reply: unknown, _payload: unknown, done: (error: Error) => void) => { done(teapot()) }
        : (_request: unknown, _reply: unknown, done: (error: Error) => void) => { done(teapot()) },
      rejects: throwing(teapot())
    }
    return Object.entries(fails).map(([how, fail]): Case => ({
      what: `${hook} ${how}`, route: { [hook]: fail }, handler: async () => fine(), code: 400, message: 'Short and stout.'
    }))
  })
}

const hostile = new Proxy({}, {
  get () { throw new Error('trap') }, has () { throw new Error('trap') }, getPrototypeOf () { throw new Error('trap') }
})
const revoked = Proxy.revocable({}, {})
revoked.revoke()

const rows: Readonly<Record<string, readonly Case[]>> = {
  '1: thrown, rejected, sent or returned': [
    { what: 'throw', handler: () => { throw teapot() }, code: 400, message: 'Short and stout.' },
    { what: 'reject', handler: throwing(teapot()), code: 400, message: 'Short and stout.' },
    { what: 'send', handler: (_request, reply) => { reply.send(teapot()) }, code: 400, message: 'Short and stout.' },
    { what: 'return', handler: async () => teapot(), code: 400, message: 'Short and stout.' },
    ...hooksThatFail()
  ],
  '2: validation and parsing': [
    {
      what: 'body',
      method: 'POST',
      headers: json,
      body: '{}',
      route: { schema: { body: { type: 'object', required: ['a'] } } },
      code: 422,
      message: "body must have required property 'a'"
    },
    {
      what: 'query',
      url: '/?n=x',
      route: { schema: { querystring: { type: 'object', properties: { n: { type: 'integer' } } } } },
      code: 422,
      message: 'querystring/n must be integer'
    },
    {
      what: 'params',
      routes: app => app.get('/:n', { schema: { params: { type: 'object', properties: { n: { type: 'integer' } } } } }, fine),
      url: '/x',
      code: 422,
      message: 'params/n must be integer'
    },
    {
      what: 'headers',
      headers: { 'x-n': 'x' },
      route: { schema: { headers: { type: 'object', properties: { 'x-n': { type: 'integer' } } } } },
      code: 422,
      message: 'headers/x-n must be integer'
    },
    {
      what: 'attachValidation, answered by hand',
      method: 'POST',
      headers: json,
      body: '{}',
      route: { attachValidation: true, schema: { body: { type: 'object', required: ['a'] } } },
      handler: (request, reply) => { reply.code(400).send({ mine: true, message: request.validationError!.message }) },
      code: 400,
      message: "body must have required property 'a'"
    },
    {
      what: 'broken JSON',
      method: 'POST',
      headers: json,
      body: '{',
      code: 400,
      message: "Body is not valid JSON but content-type is set to 'application/json'"
    },
    {
      what: 'prototype poisoning',
      method: 'POST',
      headers: json,
      body: '{"__proto__":1}',
      code: 400,
      message: "Body is not valid JSON but content-type is set to 'application/json'"
    },
    {
      what: 'too large',
      method: 'POST',
      headers: json,
      body: '[1,2,3,4,5,6]',
      route: { bodyLimit: 8 },
      code: 400,
      message: 'Request body is too large'
    },
    {
      what: 'media type', method: 'POST', headers: { 'content-type': 'image/png' }, body: 'x', code: 400, message: 'Unsupported Media Type'
    }
  ],
  '3: anything at all is thrown': ([
    ['undefined', undefined, 500, meanings[500]!],
    ['null', null, 500, meanings[500]!],
    ['text', 'secret', 500, meanings[500]!],
    ['number', 404, 500, meanings[500]!],
    ['plain object', { statusCode: 404, message: 'Not this one.' }, 404, 'Not this one.'],
    ['frozen error', Object.freeze(teapot()), 400, 'Short and stout.'],
    ['proxy whose traps throw', hostile, 500, meanings[500]!],
    ['revoked proxy', revoked.proxy, 500, meanings[500]!],
    [
      'error whose getters throw', Object.defineProperty(new Error('x'), 'statusCode', { get () { throw new Error('getter') } }), 500,
      meanings[500]!
    ]
  ] as const).map(([what, value, code, message]) => ({ what, handler: throwing(value), code, message })),
  '4: statuses and headers that are none': [
    ...[200, 302, 399, 600, 999, 'abc', Number.NaN].map(statusCode => ({
      what: `statusCode ${statusCode}`,
      handler: throwing(Object.assign(new Error('secret'), { statusCode })),
      code: 500,
      message: meanings[500]!
    })),
    {
      what: 'illegal headers',
      handler: throwing(Object.assign(teapot(), {
        headers: { 'x-bad': 'a\nb', 'bad name': 'x', 'x-nothing': undefined, 'content-length': '1', 'transfer-encoding': 'chunked' }
      })),
      code: 400,
      message: 'Short and stout.'
    }
  ],
  '5: no such route': [
    { what: 'path', url: '/unknown', code: 404, message: 'Route GET:/unknown not found' },
    { what: 'method', method: 'DELETE', url: '/', code: 404, message: 'Route DELETE:/ not found' },
    { what: 'PROPFIND', method: 'PROPFIND', url: '/', code: 404, message: 'Route PROPFIND:/ not found' },
    { what: 'TRACE', method: 'TRACE', url: '/', code: 404, message: 'Route TRACE:/ not found' },
    {
      what: 'a 404 with a broken body',
      method: 'POST',
      url: '/unknown',
      headers: json,
      body: '{',
      code: 400,
      message: "Body is not valid JSON but content-type is set to 'application/json'"
    },
    {
      what: 'own 404 handler in a prefix',
      url: '/sub/unknown',
      routes: app => app.register(async sub => {
        sub.setNotFoundHandler((_request, reply) => { reply.code(404).send({ error: 'Nothing here.' }) })
      }, { prefix: '/sub' }),
      code: 404,
      message: 'Nothing here.'
    },
    { what: 'callNotFound', handler: (_request, reply) => { reply.callNotFound() }, code: 404, message: 'Route GET:/ not found' },
    {
      what: 'a 404 handler that does not return the stream that it sends',
      url: '/unknown',
      before: app => app.setNotFoundHandler(async (_request, reply) => { reply.code(404).send(Readable.from(['Nothing.'])) }),
      code: 404,
      message: meanings[404]!
    },
    {
      what: 'callNotFound, twice',
      handler: (_request, reply) => { reply.callNotFound(); reply.callNotFound() },
      code: 404,
      message: 'Route GET:/ not found'
    }
  ],
  '6: an error handler of the app’s own': [
    {
      what: 'answers',
      route: {
        errorHandler: (error: Error, _request: unknown, reply: FastifyReply) => {
          reply.code(418).send({ message: error.message, mine: true })
        }
      },
      handler: throwing(new Error('Told.')),
      code: 400,
      message: 'Told.'
    },
    {
      what: 'answers with a 500',
      route: {
        errorHandler: (error: Error, _request: unknown, reply: FastifyReply) => { reply.code(500).send({ message: error.message }) }
      },
      handler: throwing(secret),
      code: 500,
      message: meanings[500]!
    },
    { what: 'throws', route: { errorHandler: () => { throw secret } }, handler: throwing(teapot()), code: 500, message: meanings[500]! },
    {
      what: 'returns nothing',
      routes: app => app.register(async child => {
        child.setErrorHandler(async (_error, _request, reply) => { reply.code(503) })
        child.get('/', throwing(secret))
      }),
      code: 503,
      message: meanings[503]!
    }
  ],
  '7: sent by hand': ([
    ['object', () => ({ message: 'No.' }), 'No.'],
    ['text', () => 'No.', 'No.'],
    ['buffer', () => Buffer.from('No.'), 'No.'],
    ['bytes', () => new Uint8Array([78, 111, 46]), 'No.'],
    ['null', () => null, meanings[422]!],
    ['nothing', () => undefined, meanings[422]!],
    ['stream', () => Readable.from(['N', 'o.']), 'No.'],
    ['stream that fails', () => new Readable({ read () { this.destroy(new Error('cut')) } }), meanings[422]!],
    ['stream that is too long to be an error', () => Readable.from([Buffer.alloc(70_000, 'x')]), meanings[422]!],
    ['the contract, with an illegal header', () => Readable.from([JSON.stringify(envelope(422, 'Mine.'))]), 'Mine.'],
    [
      'stream of an old kind, without destroy',
      () => { const stream = new Stream(); setImmediate(() => { stream.emit('data', 'No.'); stream.emit('end') }); return stream }, 'No.'
    ],
    ['web stream of another kind', () => ({ getReader: () => new Blob(['No.']).stream().getReader() }), 'No.'],
    ['stream of objects', () => Readable.from([{ a: 1 }]), meanings[422]!],
    ['web stream', () => new Blob(['No.']).stream(), 'No.'],
    ['web stream that fails', () => new ReadableStream({ pull (controller) { controller.error(new Error('cut')) } }), meanings[422]!],
    ['Response', () => new Response('No.', { status: 409 }), 'No.'],
    ['Response with a trailer', () => new Response('No.', { status: 409, headers: { trailer: 'x' } }), 'No.'],
    ['Response with a null body', () => new Response(null, { status: 409 }), meanings[422]!],
    [
      'Response that is locked',
      () => { const response = new Response('No.', { status: 409 }); response.body!.getReader(); return response }, meanings[422]!
    ]
  ] as const).map(([what, payload, message]): Case => ({
    what,
    handler: (_request, reply) => { reply.code(what.startsWith('the contract') ? 422 : 409).header('x-bad', 'a\nb').send(payload()) },
    code: 422,
    message
  })),
  '8: onSend throws': [
    { what: 'of the route', route: { onSend: throwing(secret) }, handler: async () => fine(), code: 500, message: meanings[500]! },
    {
      what: 'of the route, synchronously',
      route: { onSend: (_request: unknown, _reply: unknown, _payload: unknown, _done: unknown) => { throw secret } },
      handler: async () => fine(),
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'of the route, no error', route: { onSend: throwing('secret') }, handler: async () => fine(), code: 500, message: meanings[500]!
    },
    {
      what: 'for an error whose headers Node refuses',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.raw.setHeader('trailer', 'x') } },
      handler: throwing(teapot()),
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'for an error, with a trailer',
      handler: (_request, reply) => { reply.trailer('x-sum', async () => '1').send(teapot()) },
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'for an error, with a reason phrase of its own',
      handler: (_request, reply) => { reply.raw.statusMessage = 'a\nb'; reply.send(teapot()) },
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'for an error, with a trailer header',
      handler: (_request, reply) => { reply.header('trailer', 'x').send(teapot()) },
      code: 400,
      message: 'Short and stout.'
    },
    { what: 'for an error', route: { onSend: throwing(secret) }, handler: throwing(teapot()), code: 400, message: 'Short and stout.' },
    {
      what: 'an error of another service’s response, on the way out of another',
      route: { onSend: throwing(Object.assign(new Error('secret'), { headers: { etag: '"1"' }, statusCode: 404 })) },
      handler: throwing(teapot()),
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'an error that states what it means, on the way out of another',
      route: { onSend: throwing(Object.assign(new Error('The circuit is open.'), { headers: { allow: 'GET' }, statusCode: 404 })) },
      handler: throwing(teapot()),
      code: 404,
      message: 'The circuit is open.'
    },
    {
      what: 'of all routes',
      routes: app => { app.addHook('onSend', async (_request, _reply) => { if (_request.url === '/') throw secret }).get('/', fine) },
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'on a 404',
      url: '/unknown',
      routes: app => { app.addHook('onSend', async request => { if (request.url === '/unknown') throw secret }) },
      code: 404,
      message: 'Route GET:/unknown not found'
    },
    {
      what: 'of a route with an error handler of its own',
      route: {
        onSend: throwing(secret),
        errorHandler: (_error: unknown, _request: unknown, reply: FastifyReply) => { reply.code(500).send('mine') }
      },
      handler: async () => fine(),
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'not for the answer to it',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { if (reply.statusCode < 400) throw teapot() } },
      handler: async () => fine(),
      code: 400,
      message: 'Short and stout.'
    }
  ],
  '9: a later onSend has another opinion': [
    {
      what: 'another body', route: { onSend: async () => '{"mine":true}' }, handler: throwing(teapot()), code: 400, message: meanings[400]!
    },
    {
      what: 'a 500 for a 200',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.code(500); return '{"message":"On second thoughts."}' } },
      handler: async () => fine(),
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'a 409 for a 200',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.code(409); return '{"message":"On second thoughts."}' } },
      handler: async () => fine(),
      code: 422,
      message: 'On second thoughts.'
    },
    {
      what: 'another status for an error',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.code(503) } },
      handler: throwing(teapot()),
      code: 503,
      message: 'Short and stout.'
    },
    {
      what: 'another status for an error, none of the nine',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.code(403) } },
      handler: throwing(teapot()),
      code: 401,
      message: 'Short and stout.'
    },
    {
      what: 'a success for an error',
      route: { onSend: async (_request: unknown, reply: FastifyReply) => { reply.code(200) } },
      handler: throwing(teapot()),
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'headers of a content',
      route: {
        onSend: async (_request: unknown, reply: FastifyReply) => {
          reply.headers({ 'transfer-encoding': 'chunked', 'content-disposition': 'attachment', 'content-range': 'bytes 0-1/2' })
        }
      },
      handler: throwing(teapot()),
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'what cannot be sent, once a stream was read',
      routes: app => app.addHook('onSend', (request, reply, payload, done) => {
        if (request.url !== '/' || reply.statusCode < 400 || payload === null) return done(null, payload)
        reply.code(200)
        done(null, 5)
      }).get('/', (_request, reply) => { reply.code(409).send(Readable.from(['No.'])) }),
      code: 422,
      message: 'No.'
    },
    { what: 'a stream', route: { onSend: async () => Readable.from(['Mine.']) }, handler: throwing(teapot()), code: 400, message: 'Mine.' },
    {
      what: 'of a plugin that adds its hook to each route',
      routes: app => {
        app.addHook('onRoute', route => { route.onSend = [...(route.onSend as []), async () => 'Mine.'] })
        app.get('/', throwing(teapot()))
      },
      code: 400,
      message: 'Mine.'
    },
    {
      what: 'validators',
      route: {
        onSend: async (_request: unknown, reply: FastifyReply) => {
          reply.headers({ etag: '"1"', 'last-modified': 'now', expires: '0', 'cache-control': 'public', 'content-type': 'text/html' })
        }
      },
      handler: throwing(teapot()),
      code: 400,
      message: 'Short and stout.'
    }
  ],
  '10: serializers that fail': [
    {
      what: 'required field',
      route: { schema: { response: { 200: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } } } },
      handler: async () => fine(),
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'cycle', handler: async () => { const a: Record<string, unknown> = {}; a.a = a; return a }, code: 500, message: meanings[500]!
    },
    { what: 'BigInt', handler: async () => ({ n: 1n }), code: 500, message: meanings[500]! },
    { what: 'payload type', handler: (_request, reply) => { reply.type('text/plain').send({ a: 1 }) }, code: 500, message: meanings[500]! },
    {
      what: 'a serializer that throws',
      handler: (_request, reply) => { reply.serializer(() => { throw secret }).send(fine()) },
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'a serializer that gives no text',
      handler: (_request, reply) => { reply.serializer(() => ({}) as string).send(fine()) },
      code: 500,
      message: meanings[500]!
    },
    {
      what: 'a 500 schema that does not fit',
      route: { schema: { response: { 500: { type: 'object', required: ['mine'], properties: { mine: { type: 'string' } } } } } },
      handler: throwing(secret),
      code: 500,
      message: meanings[500]!
    }
  ],
  '20: a stream that fails before its first byte': [
    {
      what: 'Node stream',
      handler: (_request, reply) => {
        reply.type('image/png').headers({ etag: '"1"', 'content-length': '100' }).send(new Readable({ read () { this.destroy(teapot()) } }))
      },
      code: 400,
      message: 'Short and stout.'
    },
    {
      what: 'web stream',
      handler: (_request, reply) => {
        reply.type('image/png').header('etag', '"1"').send(new ReadableStream({ pull (controller) { controller.error(teapot()) } }))
      },
      code: 400,
      message: 'Short and stout.'
    }
  ]
}

for (const [transport, start] of Object.entries(transports)) {
  t.test(transport, async t => {
    for (const [row, cases] of Object.entries(rows)) {
      t.test(row, async t => {
        for (const given of cases) {
          const { what, handler = fine, route = {}, routes, before = () => {}, code, message } = given
          const { method = 'GET', url = '/', headers, body } = given
          const setup: Setup = {
            before,
            routes: routes ??
              (app => app.route({ method: method === 'POST' ? 'POST' : 'GET', url: '/', handler: handler as () => unknown, ...route }))
          }
          const { ask } = await start(t, setup)
          const answer = await ask({ method, url, ...headers && { headers }, ...body !== undefined && { body } })
          isContract(t, answer, code, message, what)
          t.ok(answer.headers['x-request-id'], `${what}: x-request-id`)
          t.notMatch(JSON.stringify(answer), /secret|stack|provider=1/, what)
        }
      })
    }
  })
}
