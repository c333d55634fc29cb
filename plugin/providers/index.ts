/** Finding a provider's row: by any of its names, or by the host that was called. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { byCode, decisive, exhausted, foldCode } from './codes.js'
import { providers, type Provider as Row } from './rows.js'

/** A provider's row, ready to be asked: its own codes beside those that mean the same everywhere. */
export interface Provider extends Pick<Row, 'name' | 'statuses' | 'sentences'> {
  readonly decisive: ReadonlyMap<string, ErrorCode>
  readonly exhausted: ReadonlySet<string>
}

const byName = new Map<string, Provider>()
const byHost = new Map<string, Provider>()
const byWildcard: Array<{ before: string, after: string, provider: Provider }> = []

/** What is known of a provider of which nothing is known. */
const unknown: Omit<Provider, 'name'> = { decisive, exhausted }

for (const { name, ids = [], hosts = [], codes = {}, exhausted: ownExhausted = [], statuses, sentences } of providers) {
  const provider: Provider = {
    name,
    decisive: new Map([...decisive, ...byCode(codes)]),
    exhausted: new Set([...exhausted, ...ownExhausted.map(foldCode)]),
    statuses,
    sentences
  }
  for (const known of [name, ...ids]) byName.set(foldName(known), provider)
  for (const host of hosts) {
    const [before = '', after] = host.split('*')
    if (after === undefined) byHost.set(host, provider)
    else byWildcard.push({ before, after, provider })
  }
}

/** `Together AI`, `together_ai` and `together-ai` are one name. */
function foldName (name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** The provider of a display name or an id; for a name that is not known, one without peculiarities. */
export function providerNamed (name: string): Provider {
  return byName.get(foldName(name)) ?? { name, ...unknown }
}

/** The display name of an origin; a name that is not known is used as it is. */
export function displayName (origin: string): string {
  return providerNamed(origin).name
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
