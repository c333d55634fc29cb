/** The settings of the scope that a request belongs to: a child scope may have an origin of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { defaults, type HumanloopErrorsOptions, type Settings } from './options.js'

const kSettings = Symbol('fastify-humanloop-errors.settings')

type Scope = FastifyInstance & { [kSettings]?: Settings }

/** The settings of the scope in which the plugin was registered first, by the server. */
const firstSettings = new WeakMap<object, Settings>()

/**
 * The settings that hold in a scope: its own or those of the nearest scope around it. Where there are none, an exit of the
 * whole server asks (malformed HTTP, a bad URL), and those of the first scope hold that registered the plugin.
 */
export function settingsOf (scope: FastifyInstance): Settings {
  return settingsAround(scope) ?? firstSettings.get(scope.server) ?? defaults
}

/** The same, where it matters whether the plugin is registered there. */
export function settingsAround (scope: FastifyInstance): Settings | undefined {
  return (scope as Scope)[kSettings]
}

/** Whether this very scope has settings, not one around it. */
export function hasOwnSettings (scope: FastifyInstance): boolean {
  return Object.hasOwn(scope, kSettings)
}

export function setSettings (scope: FastifyInstance, settings: Settings): void {
  scope.decorate(kSettings, settings)
  if (!firstSettings.has(scope.server)) firstSettings.set(scope.server, settings)
}

/** Whether options ask for nothing that is not so already. */
export function sameSettings (settings: Settings, options: HumanloopErrorsOptions): boolean {
  return Object.entries(options).every(([name, value]) => isDeepStrictEqual(settings[name as keyof Settings], value))
}
