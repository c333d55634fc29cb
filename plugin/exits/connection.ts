/** Exit: what Node's HTTP server refuses before there is a request for Fastify, on each server that the app listens with. */
import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { read } from '../classify/read.js'
import { BadRequestError, TimeoutError, type ContractError } from '../errors.js'
import { contentHeaders } from '../response/headers.js'
import { leaveAlone } from './reply-state.js'
import { rawAnswer } from './raw-answer.js'

type AppServer = FastifyInstance['server']

/** What Node reports with `clientError`. */
export interface ClientError { readonly code?: string | undefined, readonly reason?: string | undefined }

/** How long a client has for reading its answer before the connection is cut, in milliseconds. */
const linger = 1000

/** The name of `serverOptions`' handler, as Fastify's binding of it shows it. */
export const handlerName = 'humanloopClientError'

const appOf = new WeakMap<object, FastifyInstance>()

/** Requests that came after the last that a connection takes. */
const dropped = new WeakSet<object>()

/** Connections on which an answer is under way, and then one to what cannot be read. */
const waiting = new WeakSet<Socket>()

/** The app that listens with a server, where the plugin is registered in it. */
export function appAt (server: object | undefined): FastifyInstance | undefined {
  return server && appOf.get(server)
}

export function isDropped (request: object): boolean {
  return dropped.has(request)
}

/** Whether the app was made with `serverOptions`. */
export function hasServerOptions ({ server }: FastifyInstance): boolean {
  return server.listeners('clientError').some(({ name }) => name === `bound ${handlerName}`)
}

export function watchConnections (app: FastifyInstance): void {
  if (appOf.has(app.server)) return
  watch(app, app.server)
  watchOtherListeners(app)
}

function watch (app: FastifyInstance, server: AppServer): void {
  appOf.set(server, app)
  const handlers = server.listeners('clientError')
  const stock = handlers.find(({ name }) => name === 'bound defaultClientErrorHandler')
  if (stock !== undefined) server.off('clientError', stock as () => void)
  if (stock !== undefined || handlers.length === 0) server.on('clientError', (error: ClientError, socket: Socket) => answerClientError(app, error, socket))
  server.on('dropRequest', (request: IncomingMessage) => dropped.add(request))
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    if (server.listenerCount('checkExpectation') > 1) return // the app has a listener of its own
    write(response, app, new BadRequestError('The expectation in the Expect header cannot be met.'))
  })
}

/**
 * `listen({ host: 'localhost' })` opens a server for each address of it, of which Fastify shows the first only. The others
 * are seen when somebody connects to them.
 */
function watchOtherListeners (app: FastifyInstance): void {
  const connections = channel('net.server.socket')
  const onConnection = (message: unknown): void => {
    const socket = read(message, 'socket') as Socket
    const server = read(socket, 'server') as AppServer
    if (appOf.has(server)) return
    const at = server.address() as AddressInfo | null // null for one that was closed meanwhile
    if ((app.addresses() as AddressInfo[]).some(({ address, port }) => at?.address === address && at.port === port)) watch(app, server)
  }
  app.addHook('onListen', done => {
    if (app.addresses().length > 1) connections.subscribe(onConnection)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    connections.unsubscribe(onConnection)
    done()
  })
}

/** Answers a request that cannot be read, when it is its turn; nothing where nobody would read it. */
export function answerClientError (app: FastifyInstance, error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || waiting.has(socket)) return
  // Node's own handler looks at the same field: the response whose turn it is on this connection
  const response = read(socket, '_httpMessage') as ServerResponse | null | undefined
  if (response == null) {
    const { code, reason, headers, body } = rawAnswer(app, meaningOf(error))
    const fields = { date: new Date().toUTCString(), connection: 'close', ...headers }
    socket.end(`HTTP/1.1 ${code} ${reason}\r\n${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
    const timer = setTimeout(() => socket.destroy(), linger)
    socket.once('close', () => clearTimeout(timer))
  } else if (response.req.complete) { // what cannot be read came behind a request that could
    const { code, reason } = error
    waiting.add(socket.pause()) // each further piece would be an error of its own
    response.once('close', () => {
      waiting.delete(socket.resume())
      answerClientError(app, { code, reason }, socket)
    })
  } else if (response.headersSent) { // a second head would be read as its body
    socket.destroy()
  } else {
    response.setHeader('connection', 'close')
    write(response, app, meaningOf(error))
  }
}

function meaningOf ({ code, reason }: ClientError): ContractError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TimeoutError('The request did not arrive in time.')
  if (code === 'HPE_HEADER_OVERFLOW') return new BadRequestError('The headers of the request are too large.')
  return new BadRequestError(`The request is not well-formed HTTP${reason === undefined ? '' : `: ${reason}`}.`)
}

function write (response: ServerResponse, app: FastifyInstance, error: ContractError): void {
  const { code, reason, headers, body } = rawAnswer(app, error)
  leaveAlone(response)
  for (const name of contentHeaders) response.removeHeader(name)
  response.writeHead(code, response.req.httpVersionMajor === 1 ? reason : undefined, headers).end(body)
}
