/**
 * Clients of services that are no model providers: what their service said is not for our callers, neither its status, nor
 * its message, nor its headers.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { appWith, envelope, levels, meanings } from '../support/app.js'
import { calls } from './calls.js'

const theirs = {
  'set-cookie': 'session=inner',
  location: 'http://inner.internal/',
  'www-authenticate': 'Basic realm="inner"',
  'access-control-allow-origin': 'https://inner.internal',
  'access-control-allow-credentials': 'true',
  server: 'inner',
  etag: '"inner"',
  'retry-after': '0', // algoliasearch waits for as long as it says
  'x-ratelimit-remaining': '0'
}

const inner = createServer((request, response) => {
  const status = Number(/\/([45]\d\d)\b/.exec(request.url ?? '')?.[1])
  request.resume()
  request.on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch', ...theirs }).end(JSON.stringify({
      error: { type: 'inner_type', code: 'inner', reason: 'said inside', message: 'said inside' },
      message: 'said inside',
      code: 20404,
      more_info: 'https://inner'
    }))
  })
}).listen(0, '127.0.0.1')
await once(inner, 'listening')
t.teardown(() => { inner.close() })

const closed = createServer().listen(0, '127.0.0.1')
await once(closed, 'listening')
const refusing = (closed.address() as AddressInfo).port
closed.close()
await once(closed, 'close')

const expected: Readonly<Record<string, 500 | 503>> = {
  400: 500, 401: 500, 404: 500, 409: 500, 422: 500, 429: 500, 500: 500, 503: 503, refused: 503
}

const { app, log } = await appWith(t, app => {
  app.get('/:client/:failure', async request => {
    const { client, failure } = request.params as { client: string, failure: string }
    const port = failure === 'refused' ? refusing : (inner.address() as AddressInfo).port
    return calls[client]!(`http://127.0.0.1:${port}`, port, failure)
  })
})

for (const client of Object.keys(calls)) {
  t.test(client, async t => {
    for (const [failure, code] of Object.entries(expected)) {
      const response = await app.inject(`/${encodeURIComponent(client)}/${failure}`)
      t.equal(response.statusCode, code, failure)
      t.same(response.json(), envelope(code, meanings[code]!), failure)
      for (const name of Object.keys(theirs)) t.notHas(response.headers, name, `${failure}: ${name}`)
    }
  })
}

t.test('they are in the log as failures of ours', async t => {
  t.equal(log.lines.length, Object.keys(calls).length * Object.keys(expected).length)
  t.ok(log.lines.every(({ level, origin }) => level === levels.error && origin === 'Humanloop'))
})
