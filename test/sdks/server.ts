/** A provider on loopback that fails on demand, in the wire format of the API that was called. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type Http2ServerRequest } from 'node:http2'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** What a provider does, beside answering with an error status. */
export type Failure = number | 'reset' | 'cut' | 'timeout' | 'stall' | 'unreadable'

type Wire = (status: number, message: string) => { body: object, headers?: Record<string, string> }

const exception: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  413: 'RequestEntityTooLargeException',
  422: 'ValidationException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
  529: 'overloaded_error'
}

const anthropicType: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error'
}

const googleStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED'
}

/** By what the path holds; the first that matches. */
const wires: ReadonlyArray<readonly [path: RegExp, wire: Wire]> = [
  [
    /\/messages$/,
    (status, message) => ({
      body: { type: 'error', error: { type: anthropicType[status] ?? 'invalid_request_error', message }, request_id: 'req_wire' }
    })
  ],
  [/:generateContent/, (status, message) => ({ body: { error: { code: status, message, status: googleStatus[status] ?? 'UNKNOWN' } } })],
  [
    /\/converse$/,
    (status, message) => ({
      body: { message }, headers: { 'x-amzn-errortype': `${exception[status]}:http://internal.amazon.com/`, 'x-amzn-requestid': 'req_wire' }
    })
  ],
  [/\/api\/chat$/, (_status, message) => ({ body: { error: message } })],
  [/\/predictions$/, (status, message) => ({ body: { title: 'Failed', detail: message, status } })],
  [/\/v2\/chat$/, (_status, message) => ({ body: { id: 'req_wire', message } })],
  [
    /\/chat\/completions$/,
    (status, message) => ({
      body: { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code: null } }
    })
  ],
  [/^/, (_status, message) => ({ body: { message } })]
]

/** @param key what a provider quotes in a 401, partly masked */
function serve (
  failure: Failure, path: string, key: string, request: IncomingMessage | Http2ServerRequest, response: ServerResponse
): void {
  const kill = (): void => { 'stream' in request ? request.stream.session?.destroy() : request.socket.destroy() }
  if (failure === 'timeout') return
  if (failure === 'reset') return kill()
  if (failure === 'unreadable') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id": nonsense')
    return
  }
  if (failure === 'cut' || failure === 'stall') {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"id": "begun', () => { if (failure === 'cut') setImmediate(kill) })
    return
  }
  if (failure === 502) {
    response.writeHead(502, { 'content-type': 'text/html' }).end(
      '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
    )
    return
  }
  const message = failure === 401
    ? `Incorrect API key provided: ${key.slice(0, 6)}***${key.slice(-4)}.`
    : `The provider says ${failure} in a sentence.`
  const { body, headers } = wires.find(([pattern]) => pattern.test(path))![1](failure, message)
  response.writeHead(failure, {
    'content-type': 'application/json', 'x-request-id': 'req_wire', ...(failure === 429 ? { 'retry-after': '7' } : {}), ...headers
  }).end(JSON.stringify(body))
}

export interface FailingProvider {
  /** Its address for a failure, over HTTP/1.1. */
  url: (failure: Failure) => string
  /** The same over HTTP/2, as AWS's SDK wants it. */
  http2Url: (failure: Failure) => string
  host: string
  close: () => void
}

/** The failure stands in the path, so that calls can run side by side. */
export async function failingProvider (key: string): Promise<FailingProvider> {
  const handle = (request: any, response: any): void => {
    const [, failure = '', path = ''] = /^\/([^/]+)(\/[^?]*)/.exec(request.url) ?? []
    request.resume()
    request.on('end', () => { serve((Number(failure) || failure) as Failure, path, key, request, response) })
  }
  const sessions = new Set<{ destroy: () => void }>()
  const server = createServer(handle)
  const http2 = createHttp2Server(handle)
  http2.on('session', session => { sessions.add(session) })
  for (const one of [server, http2]) {
    one.listen(0, '127.0.0.1')
    await once(one, 'listening')
  }
  const at = (one: { address: () => unknown }, failure: Failure): string =>
    `http://127.0.0.1:${(one.address() as AddressInfo).port}/${failure}`
  return {
    url: failure => at(server, failure),
    http2Url: failure => at(http2, failure),
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
      http2.close()
      for (const session of sessions) session.destroy()
    }
  }
}
