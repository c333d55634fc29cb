/**
 * Given an error response that is a stream, of any kind and length: the process lives, the stream is released, and the
 * contract arrives.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import httpProxy from '@fastify/http-proxy'
import t from 'tap'
import { request as undiciRequest } from 'undici'
import { serverOptions } from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels, meanings } from '../../support/app.js'
import { listening, transports } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const large = 'x'.repeat(100 * 1024)

function filled (): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1024 * 1024 })
  stream.end(large)
  return stream
}

function inPieces (): Readable {
  let pieces = 100
  return new Readable({ read () { this.push(pieces-- > 0 ? 'x'.repeat(1024) : null) } })
}

const streams: Readonly<Record<string, () => Readable | ReadableStream>> = {
  'Readable.from': () => Readable.from([large]),
  'Readable.from pieces': () => Readable.from(large.match(/.{1,8192}/g)!),
  'a filled PassThrough': filled,
  'many pieces': inPieces,
  'one push of more': () => new Readable({ read () { this.push(large); this.push(null) } }),
  'pieces without an end': () => new Readable({ read () { this.push('x'.repeat(1024)) } }),
  'empty pieces without an end': () => Readable.from((function * () { for (;;) yield '' })()),
  'objects that are no text': () => Readable.from([{ a: 1 }]),
  'destroyed already': () => Readable.from(['x']).destroy(),
  'a web stream': () => new Response(large).body!,
  'one that fails midway': () => Readable.from((async function * () { yield large; throw new Error('secret') })())
}

for (const name of ['HTTP/1.1', 'HTTP/2'] as const) {
  t.test(`over ${name}`, async t => {
    const made: Array<Readable | ReadableStream> = []
    const { ask } = await transports[name]!(t, {
      routes: app => {
        Object.values(streams).forEach((make, index) => app.get(`/${index}`, (_request, reply) => {
          made[index] = make()
          reply.code(502).send(made[index])
        }))
        app.get('/async/:index', {
          onSend: async (_request, _reply, payload) => { await setImmediate(); return payload }
        }, async (request, reply) => {
          const index = Number((request.params as { index: string }).index)
          return reply.code(502).send(made[index] = Object.values(streams)[index]!())
        })
      }
    })
    for (const prefix of ['/', '/async/']) {
      for (const [index, what] of Object.keys(streams).entries()) {
        isContract(t, await ask({ url: `${prefix}${index}` }), 503, meanings[503]!, what)
        const stream = made[index]!
        if ('destroyed' in stream) t.ok(stream.destroyed, `${what} is released`)
      }
    }
  })
}

t.test('an upstream’s error page of 100 KB, by undici, by fetch and through a proxy', async t => {
  const closed: Array<Promise<unknown>> = []
  const upstream = createServer((_request, response) => {
    closed.push(once(response, 'close'))
    response.writeHead(502, { 'content-type': 'text/html' }).end(large)
  }).listen(0, '127.0.0.1')
  t.teardown(() => { upstream.close(); upstream.closeAllConnections() })
  await once(upstream, 'listening')
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const { app, log } = await appWith(t, async app => {
    app.addHook('onSend', async () => { await setImmediate() })
    app.get('/undici', async (_request, reply) => {
      const { statusCode, body } = await undiciRequest(url)
      return reply.code(statusCode).send(body)
    })
    app.get('/fetch', async () => fetch(url))
    await app.register(httpProxy, { upstream: url, prefix: '/proxy' })
    app.get('/fine', async () => 'fine')
  }, {}, serverOptions({}))
  const port = await listening(app)
  for (const path of ['/undici', '/fetch', '/proxy/x']) {
    const wire = await Wire.to(port)
    isContract(t, await wire.write(request('GET', path)).answer(), 503, meanings[503]!, path)
    t.equal((await wire.write(request('GET', '/fine')).answer())?.body, 'fine')
    wire.close()
  }
  t.equal(log.lines.filter(({ level, status }) => level === levels.error && status === 502).length, 3)
  await Promise.all(closed)
  t.equal(closed.length, 3, 'each call has ended')
})

t.test('over HTTP/2 no header of the connection leaves, nor one twice that may stand once', async t => {
  const { ask, log } = await transports['HTTP/2']!(t, {
    routes: app => {
      app.get('/fetch', async () => new Response('No.', {
        status: 409, headers: { 'keep-alive': 'timeout=5', upgrade: 'h2c', te: 'gzip', 'proxy-connection': 'x', 'x-mine': '1' }
      }))
      app.get('/thrown', (_request, reply) => {
        reply.headers({ 'keep-alive': 'timeout=5', te: 'gzip', age: ['1', '2'], 'set-cookie': ['a=1', 'b=2'] })
        throw Object.assign(new Error('No.'), { statusCode: 409 })
      })
    }
  })
  for (const url of ['/fetch', '/thrown']) {
    const answer = await ask({ url })
    isContract(t, answer, 422, 'No.', url)
    for (const name of ['keep-alive', 'upgrade', 'te', 'proxy-connection']) t.notOk(name in answer.headers, name)
  }
  t.match((await ask({ url: '/thrown' })).headers, { age: '1, 2', 'set-cookie': ['a=1', 'b=2'] })
  t.equal((await ask({ url: '/fetch' })).headers['x-mine'], '1')
  t.same(log.lines.map(({ msg }) => msg), [
    'an error answer outside the contract was replaced', 'No.', 'No.', 'an error answer outside the contract was replaced'
  ])
  t.same(JSON.parse((await ask({ url: '/fetch' })).body), envelope(422, 'No.'))
})
