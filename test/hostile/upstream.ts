/** A server behind the server: error pages of any size, and uploads. It knows which of its calls have not ended. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Ledger } from './ledger.js'

export interface Upstream { readonly url: string, readonly server: Server }

/** Of a proxy and HTTP/1: a response over HTTP/2 may have none of them. */
const hopHeaders = { te: 'trailers', 'proxy-connection': 'keep-alive' }

export async function startUpstream (ledger: Ledger): Promise<Upstream> {
  const server = createServer((request, response) => {
    const closed = ledger.at(request.url)?.opened('call to the upstream')
    response.on('close', () => closed?.())
    request.on('error', () => {}) // a client that leaves in its upload
    respond(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** `?status=502&bytes=100000&then=cut|hold&hop`: what is left out is 200, nothing, and a good end. */
function respond (request: IncomingMessage, response: ServerResponse): void {
  const query = new URL(request.url!, 'http://upstream').searchParams
  const status = Number(query.get('status') ?? 200)
  const bytes = Number(query.get('bytes') ?? 0)
  const then = query.get('then')
  const page = Buffer.alloc(bytes, status < 400 ? 'y' : '<p>inner page</p>')
  const write = (): void => {
    response.writeHead(status, {
      'content-type': status < 400 ? 'text/plain' : 'text/html',
      ...then !== 'hold' && { 'content-length': bytes },
      ...query.has('hop') && hopHeaders
    })
    if (then === null) response.end(page)
    else response.write(page.subarray(0, bytes / 2), () => { if (then === 'cut') response.destroy() })
  }
  if (request.method === 'POST') request.resume().on('end', write)
  else write()
}
