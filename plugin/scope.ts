/** The settings of the scope that a request belongs to: a child scope may have an origin of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { defaults, type HumanloopErrorsOptions, type Settings } from './options.js'

/** The same in every copy of the package: a second one in an app finds the first, and leaves what it has set up. */
const kSettings = Symbol.for('fastify-humanloop-errors.settings')

type Scope = FastifyInstance & { [kSettings]?: Settings }

/** The settings of the first scope that registered the plugin, by the server. */
const firstSettings = new WeakMap<object, Settings>()

/**
 * Finds the settings that hold in a scope: its own or those of the nearest scope around it. The root may have none and is
 * asked all the same, for malformed HTTP and bad URLs belong to the whole server: it has those of the first scope then.
 */
export function settingsOf (scope: FastifyInstance): Settings {
  return settingsAround(scope) ?? firstSettings.get(scope.server) ?? defaults
}

/** The same, where it matters whether the plugin is registered there. */
export function settingsAround (scope: FastifyInstance): Settings | undefined {
  return (scope as Scope)[kSettings]
}

/** Finds the root of the app, whose settings hold for the whole server. */
export function rootOf (scope: FastifyInstance): FastifyInstance {
  const around = Object.getPrototypeOf(scope)
  return Object.getPrototypeOf(around) === null ? scope : rootOf(around)
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
