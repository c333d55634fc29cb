/** All clients, in one list. */
import type { Client } from './client.js'
import { http1Clients } from './clients-http1.js'
import { http2Clients } from './clients-http2.js'

export type { Client } from './client.js'

export const clients: readonly Client[] = [...http1Clients, ...http2Clients]
