/** The settings of the scope that a request belongs to: a child scope may have an origin of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { keyRedaction } from './message/scope-keys.js'
import { defaults, type HumanloopErrorsOptions, type Settings } from './options.js'
import { builtInRegistry, registryWith } from './providers/index.js'

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

/**
 * Makes the settings of a scope of its options and the settings around it.
 *
 * @throws TypeError for a provider's name or id that is another provider's
 */
export function settingsWith (options: HumanloopErrorsOptions, around: Settings = defaults): Settings {
  const registry = options.providers === undefined ? around.registry : registryWith(around.registry ?? builtInRegistry(), options.providers)
  const settings = { ...around, ...options, registry } as Settings // checked options have no undefined
  return { ...settings, redaction: redactionOf(settings) }
}

/** Joins the redaction of the scope's own keys and the user's. */
function redactionOf ({ registry, redact }: Settings): Settings['redaction'] {
  if (registry === undefined || registry.keys.length === 0) return redact
  const redactKeys = keyRedaction(registry.keys)
  return redact === undefined ? redactKeys : text => redact(redactKeys(text))
}

/** Whether options ask for nothing that is not so already. */
export function sameSettings (settings: Settings, options: HumanloopErrorsOptions): boolean {
  return Object.entries(options).every(([name, value]) => isDeepStrictEqual(settings[name as keyof Settings], value))
}
