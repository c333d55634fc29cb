/** One message for each cause of a call without a response, whatever the client library said: its words are the log's. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { toContractError, withOrigin } from '../../../plugin/index.js'
import { appWith, envelope, levels } from '../../support/app.js'

const messages = {
  unreachable: 'OpenAI could not be reached.',
  lost: 'The connection to OpenAI was lost before its response was complete.',
  unreadable: 'OpenAI sent a response that could not be read.',
  late: 'OpenAI did not respond in time.'
}

const coded = (code: string, message = 'secret.internal'): Error => Object.assign(new Error(message), { code })
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })

t.test('each cause, as runtimes and clients tell it', async t => {
  for (const [error, cause] of [
    [coded('ENOTFOUND', 'getaddrinfo ENOTFOUND secret.internal'), 'unreachable'],
    [coded('EAI_AGAIN', 'getaddrinfo EAI_AGAIN secret.internal'), 'unreachable'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames: Host: secret.internal"), 'unreachable'],
    [coded('EPROTO', 'write EPROTO C0:error:0A00010B:SSL routines:../deps/openssl/ssl/record/ssl3_record.c:355:'), 'unreachable'],
    [coded('ERR_HTTP2_STREAM_ERROR'), 'lost'],
    [coded('ECONNRESET', 'socket hang up'), 'lost'],
    [coded('UND_ERR_SOCKET', 'other side closed'), 'lost'],
    [coded('HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/'), 'unreadable'],
    [coded('Z_DATA_ERROR', 'incorrect header check'), 'unreadable'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'late'],
    [named('AbortError', 'This operation was aborted'), 'late'],
    [named('ConnectionError', 'connect ECONNREFUSED 10.0.0.7:9200'), 'unreachable'],
    [new Error('Connection closed by peer'), 'lost'],
    // Deno
    [
      new TypeError(
        'error sending request for url (http://127.0.0.1:1/): client error (Connect): tcp connect error: Connection refused (os error 111)'
      ),
      'unreachable'
    ],
    [
      new TypeError(
        'error sending request for url (http://127.0.0.1:1/): client error (SendRequest): connection closed before message completed'
      ),
      'lost'
    ],
    [new TypeError('error reading a body from connection'), 'lost'],
    // Bun
    [coded('ConnectionRefused', 'Unable to connect. Is the computer able to access the url?'), 'unreachable'],
    [new Error('Unable to connect. Is the computer able to access the url?'), 'unreachable'],
    [coded('ConnectionClosed', 'The socket connection was closed unexpectedly.'), 'lost']
  ] as const) {
    const { detail } = await withOrigin('openai', () => { throw error }).catch(toContractError)
    const code = cause === 'late' ? 504 : 503
    t.same({ detail }, envelope(code, messages[cause], 'OpenAI'), error.message)
  }
})

t.test('a client’s own words are in the log', async t => {
  const server = createServer((_request, response) => { response.socket!.destroy() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(() => { server.close() })
  const { app, log } = await appWith(t, app => {
    app.get('/', async () => withOrigin('openai', () => fetch(`http://127.0.0.1:${port}`)))
  })
  t.same((await app.inject('/')).json(), envelope(503, messages.lost, 'OpenAI'))
  t.match(log.lines, [{ level: levels.warn, err: { stack: /caused by: TypeError: fetch failed/ } }])
})
