/** One row for each model provider: everything that is particular about it, as data. */
import { clouds } from './clouds.js'
import { gateways } from './gateways.js'
import { inference } from './inference.js'
import { labs } from './labs.js'
import type { Provider } from './row.js'

export const providers: readonly Provider[] = [...labs, ...clouds, ...inference, ...gateways]
