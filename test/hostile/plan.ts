/** One combination, drawn from the seed. */
import { clients, type Client } from './clients.js'
import type { Handler } from './handler.js'
import { handlers } from './handlers.js'
import { hooks, type Hook } from './hooks.js'
import { randomAt } from './random.js'
import { serverRows, type ServerRow } from './servers.js'

/** Where a hook is: of the app, before or after the plugin, or of the route. */
export type Level = 'before' | 'after' | 'route'

export interface Plan {
  readonly index: number
  readonly server: ServerRow
  readonly handler: Handler
  readonly hook: Hook | undefined
  readonly level: Level
  readonly client: Client
  readonly method: string
}

/** Those that a success over HTTP/2 may have. */
const http2Hooks = hooks.filter(({ needsHttp1 }) => needsHttp1 !== true)

export function planAt (seed: number, index: number): Plan {
  const { below, oneOf } = randomAt(seed, index)
  const server = oneOf(serverRows)
  const isQuiet = server.connectionTimeoutMs !== undefined
  const isWaiting = isQuiet && below(2) === 0
  const handler = oneOf(handlers.filter(({ waits, needsGuard, needsHttp1 }) =>
    isWaiting ? waits : (!needsGuard || (server.guard === 'enforce' && !isQuiet)) && (!needsHttp1 || server.protocol === 'h1')))
  const isError = handler.expects.is === 'thrown' || handler.expects.is === 'sent'
  const hook = server.isBare || below(4) === 0 ? undefined : oneOf(server.protocol === 'h1' || isError ? hooks : http2Hooks)
  const level = oneOf<Level>(handler.run === undefined ? ['before', 'after'] : ['before', 'after', 'route'])
  const isUpload = handler.isUpload === true
  const client = oneOf(clients.filter(({ protocol, leaves, aborts }) =>
    protocol === server.protocol && (isUpload || aborts !== true) && (leaves || !handler.waits || isQuiet)))
  const isHead = handler.method === undefined && handler.path === undefined && below(10) === 0
  return { index, server, handler, hook, level, client, method: handler.method ?? (isHead ? 'HEAD' : 'GET') }
}

export function inWords ({ index, server, handler, hook, level, client, method }: Plan): string {
  const at = hook === undefined ? '' : level === 'route' ? ', of the route' : `, of the app, ${level} the plugin`
  return [
    `#${index}`,
    `server: ${server.name}`,
    `handler: ${handler.name}${method === 'HEAD' ? ' (HEAD)' : ''}`,
    `hook: ${hook?.name ?? 'none'}${at}`,
    `client: ${client.name}`
  ].join(' · ')
}
