/** Finding a provider's row: by any of its names, or by the host that was called. */
import { providers, type Provider } from './rows.js'

export type { Provider } from './rows.js'

const byName = new Map<string, Provider>()
const byHost = new Map<string, Provider>()
const byWildcard: Array<{ before: string, after: string, provider: Provider }> = []

for (const provider of providers) {
  for (const name of [provider.name, ...(provider.ids ?? [])]) byName.set(foldName(name), provider)
  for (const host of provider.hosts ?? []) {
    const [before = '', after] = host.split('*')
    if (after === undefined) byHost.set(host, provider)
    else byWildcard.push({ before, after, provider })
  }
}

/** `Together AI`, `together_ai` and `together-ai` are one name. */
function foldName (name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** The row of a provider given by its display name or an id of it. */
export function providerNamed (name: string): Provider | undefined {
  return byName.get(foldName(name))
}

/** The display name of an origin; a name that is not known is used as it is. */
export function displayName (origin: string): string {
  return providerNamed(origin)?.name ?? origin
}

/**
 * The provider that answers on a host.
 *
 * @param host `api.openai.com`, with or without a port
 */
export function providerAt (host: string): Provider | undefined {
  const address = host.toLowerCase()
  const hostname = address.replace(/:\d+$/, '')
  return byHost.get(address) ?? byHost.get(hostname) ??
    byWildcard.find(({ before, after }) => hostname.startsWith(before) && hostname.endsWith(after))?.provider
}
