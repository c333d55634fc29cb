/** Exit: a request that Node's parser cannot read, or that does not arrive in time. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { read } from '../classify/read.js'
import { BadRequestError, TimeoutError, type ContractError } from '../errors.js'
import { refusalLog } from '../log/refusal-log.js'
import { report } from '../response/report.js'
import { responseTo, type ErrorResponse } from '../response/response.js'
import { settingsOf } from '../scope.js'

/** What Node reports with `clientError`. */
export interface ClientError { readonly code?: string | undefined, readonly reason?: string | undefined }

/** How long a client has for reading its response before the connection is cut. */
const lingerMs = 1000

/** How much a client may send behind what cannot be read while the responses before it are under way; then it is cut off. */
const mostDiscardedBytes = 1024 * 1024

/** How many bytes had come on a connection when its first error was seen. All that comes later is of the same failure. */
const failedAt = new WeakMap<Socket, number>()

/** Connections that have their last response and are about to be cut, with the server of their app. */
const lingering = new Map<Socket, object>()

/**
 * Responds to what cannot be read, when it is its turn; not at all where nobody would read it.
 *
 * @param handler the app's own, which comes first; where it writes, that is the response
 */
export function respondToClientError (
  app: FastifyInstance, error: ClientError, socket: Socket, handler?: (error: ClientError, socket: Socket) => void
): void {
  const first = failedAt.get(socket)
  if (first !== undefined) { // the parser reports each further piece
    if (socket.bytesRead - first > mostDiscardedBytes) socket.destroy()
    return
  }
  const written = socket.bytesWritten
  handler?.(error, socket)
  if (!socket.writable || socket.bytesWritten !== written) return
  if (!isOfHttp(error)) { // a reset, or a failure of TLS: nothing can be said over such a connection
    socket.destroy()
    return
  }
  failedAt.set(socket, socket.bytesRead)
  socket.resume() // of a body that nobody reads, or a client that leaves would not be noticed
  respondInTurn(app, error, socket)
}

/** True if an error is one of Node's HTTP parser or of its time limits. */
function isOfHttp (error: ClientError): boolean {
  const code = String(error.code)
  return code.startsWith('HPE_') || code.startsWith('ERR_HTTP_')
}

/** Responds as soon as the responses to the requests before are out: they are whole, and were asked for. */
function respondInTurn (app: FastifyInstance, error: ClientError, socket: Socket): void {
  if (!socket.writable) return // the client has left, or has had its last response
  // Node's own handler looks at the same field: the response whose turn it is on this connection
  const response = read(socket, '_httpMessage') as ServerResponse | null | undefined
  if (response == null) {
    // the rest of a request may be what cannot be read, after its response
    const request = read(read(socket, 'parser'), 'incoming') as IncomingMessage | null | undefined
    finish(app, socket, request?.complete === false ? undefined : responseText(app, error, socket))
  } else if (response.req.complete || response.writableEnded) {
    const { code, reason } = error // the error itself holds the bytes
    response.once('close', () => { respondInTurn(app, { code, reason }, socket) })
  } else if (response.headersSent) { // a second head would be read as its body
    socket.destroy()
  } else { // past the response: Node forgets a request whose response is out, and its handler would wait for the body for ever
    finish(app, socket, responseText(app, error, socket))
  }
}

/**
 * Ends a connection, and cuts it when the client has ended it, too, or has had its time: one that is cut while the client
 * sends is reset, and the client may never see the response. Node aborts the request with it.
 */
function finish ({ server }: FastifyInstance, socket: Socket, text: string | undefined): void {
  socket.end(text ?? '')
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  lingering.set(socket, server)
  socket.once('close', () => {
    clearTimeout(timer)
    lingering.delete(socket)
  })
}

/** Cuts the connections that have had their last response, for the app closes. */
export function cutLingering ({ server }: FastifyInstance): void {
  for (const [socket, its] of lingering) if (its === server) socket.destroy()
}

function responseText (app: FastifyInstance, error: ClientError, socket: Socket): string {
  const { status, reasonPhrase, headers, body } = refusal(app, meaningOf(error), socket)
  const fields = { date: new Date().toUTCString(), connection: 'close', ...headers }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${status} ${reasonPhrase}\r\n${lines}\r\n${body}`
}

/** Makes the response to a request that no handler sees; its line in the log tells from where it came. */
export function refusal (app: FastifyInstance, error: ContractError, socket: Socket): ErrorResponse {
  const settings = settingsOf(app)
  const response = responseTo(error, settings)
  report(response, { thrown: error }, { settings, log: refusalLog(app, socket) })
  return response
}

function meaningOf ({ code, reason }: ClientError): ContractError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TimeoutError('The request did not arrive in time.')
  if (code === 'HPE_HEADER_OVERFLOW') return new BadRequestError('The headers of the request are too large.')
  return new BadRequestError(`The request is not well-formed HTTP${reason === undefined ? '' : `: ${reason}`}.`)
}
