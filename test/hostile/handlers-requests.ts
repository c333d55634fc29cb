/** Requests that do not reach a handler, uploads, and what a proxy passes on. */
import type { FastifyRequest } from 'fastify'
import { setImmediate } from 'node:timers/promises'
import { secret, type Expected, type Handler } from './handler.js'

const json = 'application/json'
const bytes = 'application/octet-stream'
const thrown = (code: number): Expected => ({ is: 'thrown', code })

const schema = {
  body: {
    type: 'object',
    required: ['model'],
    properties: { model: { enum: ['a', 'b'] }, n: { type: 'integer', maximum: 8 } },
    additionalProperties: false
  },
  querystring: { type: 'object', properties: { limit: { type: 'integer' } } }
}

const fine = (): object => ({ fine: true })

async function lengthOf (request: FastifyRequest): Promise<number> {
  let length = 0
  for await (const chunk of request.body as AsyncIterable<Buffer>) length += chunk.length
  return length
}

const upload = 'u'.repeat(40_000)

export const requestHandlers: readonly Handler[] = [
  {
    name: 'a body that does not fit its schema',
    expects: thrown(422),
    method: 'POST',
    contentType: json,
    body: '{"model":"c","n":9}',
    options: { schema },
    run: fine
  },
  {
    name: 'a query that does not fit its schema',
    expects: thrown(422),
    method: 'POST',
    contentType: json,
    body: '{"model":"a"}',
    query: 'limit=x',
    options: { schema },
    run: fine
  },
  {
    name: 'a body that fits its schema',
    expects: { is: 'success', status: 200, body: '{"fine":true}' },
    method: 'POST',
    contentType: json,
    body: '{"model":"a"}',
    options: { schema },
    run: fine
  },
  { name: 'broken JSON', expects: thrown(400), method: 'POST', contentType: json, body: '{"model":', run: fine },
  { name: 'an empty body', expects: thrown(400), method: 'POST', contentType: json, body: '', run: fine },
  { name: 'a media type that is not supported', expects: thrown(400), method: 'POST', contentType: 'text/xml', body: '<a/>', run: fine },
  {
    name: 'a body that is too large',
    expects: thrown(400),
    method: 'POST',
    contentType: json,
    body: JSON.stringify({ text: 'x'.repeat(5000) }),
    options: { bodyLimit: 1024 },
    run: fine
  },
  {
    name: 'an upload that is too large',
    expects: thrown(400),
    method: 'POST',
    contentType: json,
    body: upload,
    isUpload: true,
    options: { bodyLimit: 1024 },
    run: fine
  },
  { name: 'an unknown path', expects: thrown(404), path: '/nowhere/at/all' },
  {
    name: 'an unknown path with a body',
    expects: thrown(404),
    path: '/nowhere',
    method: 'POST',
    contentType: json,
    body: '{"a":1}',
    isUpload: true
  },
  { name: 'another method', expects: thrown(404), path: '/good', method: 'POST', contentType: json, body: '{"a":1}' },
  { name: 'a bad URL', expects: { is: 'thrown', code: 400, needsServerOptions: true }, path: '/%ff' },
  {
    name: 'a handler that takes too long',
    expects: thrown(504),
    options: { handlerTimeout: 30 },
    run: async (_request, reply, part) => { await part.untilGone; return reply }
  },
  { name: 'a handler that takes too long, without a promise', expects: thrown(504), options: { handlerTimeout: 30 }, run: () => {} },

  {
    name: 'an upload that is read',
    expects: { is: 'success', status: 200, body: '{"length":40000}' },
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    run: async request => ({ length: await lengthOf(request) })
  },
  {
    name: 'an upload that is read, and then fails',
    expects: thrown(500),
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    run: async request => { await lengthOf(request); throw new Error(secret) }
  },
  {
    name: 'an upload that nobody reads',
    expects: thrown(500),
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    run: async () => { await setImmediate(); throw new Error(secret) }
  },
  {
    name: 'an upload that is refused by hand',
    expects: { is: 'sent', status: 413, code: 400 },
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    run: async (_request, reply) => reply.code(413).send('Too large.')
  },
  {
    name: 'an upload that is sent back',
    expects: { is: 'success', status: 200, body: upload },
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    run: async (request, reply) => reply.send(request.body)
  },

  {
    name: 'a proxy and a page of 100 KB of 502',
    expects: { is: 'sent', status: 502, code: 503 },
    path: '/proxy/page',
    query: 'status=502&bytes=100000'
  },
  {
    name: 'a proxy and a small page of 404',
    expects: { is: 'sent', status: 404, code: 404 },
    path: '/proxy/page',
    query: 'status=404&bytes=60&hop'
  },
  {
    name: 'a proxy and a good page',
    expects: { is: 'success', status: 200, body: 'y'.repeat(100_000) },
    path: '/proxy/page',
    query: 'bytes=100000'
  },
  { name: 'a proxy and a good page that is cut', expects: { is: 'cut' }, path: '/proxy/page', query: 'bytes=100000&then=cut' },
  {
    name: 'a proxy and a page of 500 that is cut',
    expects: { is: 'sent', status: 500, code: 500 },
    needsGuard: true,
    path: '/proxy/page',
    query: 'status=500&bytes=3000&then=cut'
  },
  {
    name: 'a proxy and a page that is never done',
    expects: { is: 'sent', status: 500, code: 500 },
    needsGuard: true,
    path: '/proxy/page',
    query: 'status=500&bytes=100000&then=hold'
  },
  { name: 'a proxy to nobody', expects: thrown(503), path: '/gone/page' },
  {
    name: 'a proxy and an upload',
    expects: { is: 'success', status: 200, body: 'yyy' },
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    path: '/proxy/page',
    query: 'bytes=3'
  },
  {
    name: 'a proxy and an upload that is refused',
    expects: { is: 'sent', status: 502, code: 503 },
    method: 'POST',
    contentType: bytes,
    body: upload,
    isUpload: true,
    path: '/proxy/page',
    query: 'status=502&bytes=100000'
  }
]
