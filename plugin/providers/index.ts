/** Finding a provider's row: by any of its names, or by the host that was called. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { byCode, decisive, exhausted, foldCode } from './codes.js'
import { providers, type Provider as Row } from './rows.js'

export type { Provider as ProviderRow, Sentence } from './rows.js'

/** A provider's row, ready to be asked: its own codes before those that mean the same everywhere. */
export interface Provider extends Pick<Row, 'name' | 'statuses' | 'sentences'> {
  readonly decisive: ReadonlyMap<string, ErrorCode>
  readonly exhausted: ReadonlySet<string>
}

const byName = new Map<string, Provider>()
const byHost = new Map<string, Provider>()
const byWildcard: Array<{ readonly before: string, readonly after: string, readonly provider: Provider }> = []

/**
 * Makes a provider known. To one that is known already, names, hosts, codes, statuses and sentences are added; where both
 * say something of the same code or status, the later row wins.
 */
export function addProvider (row: Row): void {
  const { name, ids = [], hosts = [], codes = {}, exhausted: ownExhausted = [], statuses = {}, sentences = [] } = row
  const before = providerNamed(name)
  const own = byCode(codes)
  const curable = [...before.exhausted].filter(code => !own.has(code))
  const provider: Provider = {
    name: before.name,
    decisive: new Map([...before.decisive, ...own]),
    exhausted: new Set([...curable, ...ownExhausted.map(foldCode)]),
    statuses: { ...before.statuses, ...statuses },
    sentences: [...sentences, ...before.sentences ?? []]
  }
  for (const [given, old] of byName) if (old === before) byName.set(given, provider)
  for (const [host, old] of byHost) if (old === before) byHost.set(host, provider)
  for (const [index, pattern] of byWildcard.entries()) if (pattern.provider === before) byWildcard[index] = { ...pattern, provider }

  for (const given of [name, ...ids]) {
    const owner = byName.get(foldName(given))
    if (owner !== undefined && owner !== provider) throw new TypeError(`humanloopErrors: '${given}' cannot name ${name}: it names ${owner.name}`)
    byName.set(foldName(given), provider)
  }
  for (const host of hosts) {
    const [start = '', end] = host.toLowerCase().split('*')
    if (end === undefined) byHost.set(start, provider)
    else if (!byWildcard.some(pattern => pattern.before === start && pattern.after === end)) byWildcard.unshift({ before: start, after: end, provider })
  }
}

/** `Together AI`, `together_ai` and `together-ai` are one name. */
function foldName (name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** The provider of a display name or an id; for a name that is not known, one without peculiarities. */
export function providerNamed (name: string): Provider {
  return byName.get(foldName(name)) ?? { name, decisive, exhausted }
}

/** The display name of an origin; a name that is not known is used as it is. */
export function displayName (origin: string): string {
  return providerNamed(String(origin)).name
}

/** The display names of all that are known, in the order of the table, those of the option `providers` behind them. */
export function knownProviders (): string[] {
  return [...new Set([...byName.values()].map(({ name }) => name))]
}

/** How the API keys of the providers begin, as the column `keys` has it. */
export function keyPrefixes (): string[] {
  return providers.flatMap(({ keys = [] }) => keys)
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

for (const row of providers) addProvider(row)
