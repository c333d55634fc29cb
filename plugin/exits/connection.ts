/** Exit: what Node's HTTP server refuses before there is a request for Fastify, on each server that the app listens with. */
import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { read } from '../classify/read.js'
import { BadRequestError, type ContractError } from '../errors.js'
import { tellOmitted } from '../log/refusal-log.js'
import { rootOf } from '../scope.js'
import { contentHeaders } from '../response/headers.js'
import { cutLingering, refusal, respondToClientError, type ClientError } from './client-error.js'
import { leaveAlone } from './reply-state.js'

type AppServer = FastifyInstance['server']

/** The name of `serverOptions`' handler, as Fastify's binding of it shows it. */
export const handlerName = 'humanloopClientError'

/** The app that listens with a server: a property of it, for another copy of the package may have set it. */
const kApp = Symbol.for('fastify-humanloop-errors.app')

type Watched = object & { [kApp]?: FastifyInstance }

/** Requests that came after the last that a connection takes. */
const dropped = new WeakSet<object>()

/** The root of the app that listens with a server, where the plugin is registered in it. */
export function appAt (server: object | undefined): FastifyInstance | undefined {
  return (server as Watched | undefined)?.[kApp]
}

export function isDropped (request: object): boolean {
  return dropped.has(request)
}

/** Whether the app was made with `serverOptions`. */
export function hasServerOptions ({ server }: FastifyInstance): boolean {
  return server.listeners('clientError').some(({ name }) => name === `bound ${handlerName}`)
}

export function watchConnections (app: FastifyInstance): void {
  if (appAt(app.server) !== undefined) return
  watch(rootOf(app), app.server)
  watchOtherListeners(app)
  app.addHook('preClose', done => {
    cutLingering(app)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    tellOmitted(app)
    done()
  })
}

function watch (app: FastifyInstance, server: AppServer): void {
  (server as Watched)[kApp] = app
  const handlers = server.listeners('clientError')
  const stock = handlers.find(({ name }) => name === 'bound defaultClientErrorHandler')
  if (stock !== undefined) server.off('clientError', stock as () => void)
  if (stock !== undefined || handlers.length === 0) {
    server.on('clientError', (error: ClientError, socket: Socket) => respondToClientError(app, error, socket))
  }
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
    if (appAt(server) !== undefined) return
    const at = server.address() as AddressInfo | null // null for one that was closed meanwhile
    if ((app.addresses() as AddressInfo[]).some(({ address, port }) => at?.address === address && at.port === port)) {
      watch(rootOf(app), server)
    }
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

function write (response: ServerResponse, app: FastifyInstance, error: ContractError): void {
  const { status, reasonPhrase, headers, body } = refusal(app, error, response.req.socket)
  leaveAlone(response)
  for (const name of contentHeaders) response.removeHeader(name)
  response.writeHead(status, response.req.httpVersionMajor === 1 ? reasonPhrase : undefined, headers as Record<string, string>).end(body)
}
