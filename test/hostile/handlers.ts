/** All handlers, in one list: the place of each is its route. */
import type { Handler } from './handler.js'
import { eventHandlers, rawHandlers } from './handlers-raw.js'
import { requestHandlers } from './handlers-requests.js'
import { sentHandlers } from './handlers-sent.js'
import { streamHandlers } from './handlers-streams.js'
import { thrownHandlers } from './handlers-thrown.js'

export const handlers: readonly Handler[] = [
  ...thrownHandlers, ...sentHandlers, ...streamHandlers, ...rawHandlers, ...eventHandlers, ...requestHandlers
]

/** True if a handler needs the plugin: without it there is no `reply.sendEvents`. */
export const needsPlugin = (handler: Handler): boolean => eventHandlers.includes(handler)
