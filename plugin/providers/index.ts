/** Finding a provider: by any of its names, or by the host that was called. */
import { decisive, exhausted } from './codes.js'
import { builtInRegistry, foldName, type Provider, type Registry } from './registry.js'
import { providers } from './rows.js'

export { builtInRegistry, registryWith, type Provider, type Registry } from './registry.js'
export type { Bucket, EventPattern, Provider as ProviderRow, Sentence } from './row.js'

/** Gives the provider of a display name or an id; for a name that is not known, one without peculiarities. */
export function providerNamed (name: string, { names, providers } = builtInRegistry()): Provider {
  return providers.get(names.get(foldName(name)) ?? '') ?? { name, decisive, exhausted }
}

/** Gives the display name of an origin; a name that is not known is used as it is. */
export function displayName (origin: string, { names } = builtInRegistry()): string {
  return names.get(foldName(String(origin))) ?? String(origin)
}

/** Lists the display names of all that are known, in the order of the table, those of the option `providers` behind them. */
export function knownProviders (registry: Registry = builtInRegistry()): string[] {
  return [...registry.providers.keys()]
}

/** Lists how the API keys of the providers begin, as the column `keys` has it. */
export function keyPrefixes (): string[] {
  return providers.flatMap(({ keys = [] }) => keys)
}

/**
 * Finds the provider that responds on a host.
 *
 * @param host `api.openai.com`, with or without a port
 * @returns its display name
 */
export function providerAt (host: string, { hosts, wildcards } = builtInRegistry()): string | undefined {
  const address = host.toLowerCase()
  const hostname = address.replace(/:\d+$/, '')
  return hosts.get(address) ?? hosts.get(hostname) ??
    wildcards.find(({ before, after }) => hostname.startsWith(before) && hostname.endsWith(after))?.provider
}
