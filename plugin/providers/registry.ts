/** The providers that are known in one place: everywhere, or in the scope of an app that adds its own. */
import type { ErrorCode } from '../../schemas/statuses.js'
import { sharedBuckets } from './buckets.js'
import { byCode, decisive, exhausted, foldCode } from './codes.js'
import type { BodyShape, Bucket, EventPattern, Provider as Row, SdkShape } from './row.js'
import { providers } from './rows.js'

/** A provider's row, ready to be asked: its own codes before those that mean the same everywhere. */
export interface Provider extends Pick<Row, 'name' | 'statuses' | 'sentences' | 'requestIdHeaders'> {
  readonly decisive: ReadonlyMap<string, ErrorCode>
  readonly exhausted: ReadonlySet<string>
}

/** A row that speaks of a provider by the name that it has in the registry. */
type Of<T> = T & { readonly provider: string }

interface Wildcard { readonly before: string, readonly after: string, readonly provider: string }

/**
 * Providers by name and host, and what is looked for in every error, whoever the provider may be: a gateway hands on what
 * those behind it say. A registry does not change; `registryWith` makes another.
 */
export interface Registry {
  /** How the API keys of those providers begin that the package does not know by itself. */
  readonly keys: readonly string[]
  /** Providers by a class of their SDK. */
  readonly classes: ReadonlyMap<string, string>
  readonly sdks: ReadonlyArray<Of<SdkShape>>
  readonly body: Required<BodyShape>
  readonly requestIdHeaders: readonly string[]
  readonly buckets: readonly Bucket[]
  readonly errorEvents: ReadonlyArray<Of<EventPattern>>
  /** Ready providers by display name, in the order of the table. */
  readonly providers: ReadonlyMap<string, Provider>
  /** Display names by folded name or id. */
  readonly names: ReadonlyMap<string, string>
  /** Display names by host. */
  readonly hosts: ReadonlyMap<string, string>
  readonly wildcards: readonly Wildcard[]
}

const sharedRequestIdHeaders = ['x-request-id', 'request-id', 'x-b3-traceid']

const empty: Registry = {
  keys: [],
  classes: new Map(),
  sdks: [],
  body: { parts: [], marks: [], messages: [], keyed: [] },
  requestIdHeaders: sharedRequestIdHeaders,
  buckets: sharedBuckets,
  errorEvents: [],
  providers: new Map(),
  names: new Map(),
  hosts: new Map(),
  wildcards: []
}

let builtIn: Registry | undefined

/** Gives the registry of the table, which is made when it is first asked for. */
export function builtInRegistry (): Registry {
  builtIn ??= { ...registryWith(empty, providers), keys: [] }
  return builtIn
}

/**
 * Makes a registry that has more rows. To a provider that is known, what a row says is added; where both say something of the
 * same code, status, host or class, the later row wins.
 *
 * @throws TypeError for a name or an id that is another provider's
 */
export function registryWith (base: Registry, rows: readonly Row[]): Registry {
  const known = new Map(base.providers)
  const names = new Map(base.names)
  const hosts = new Map(base.hosts)
  const wildcards = [...base.wildcards]
  const classes = new Map(base.classes)
  const added = rows.map(row => {
    const name = addNames(names, row)
    known.set(name, merged(known.get(name) ?? { name, decisive, exhausted }, row))
    for (const host of row.hosts ?? []) addHost(hosts, wildcards, host, name)
    for (const className of row.classes ?? []) classes.set(className, name)
    return { ...row, name }
  })
  return {
    keys: [...base.keys, ...added.flatMap(({ keys = [] }) => keys)],
    classes,
    sdks: [...added.flatMap(({ name: provider, sdk }) => sdk === undefined ? [] : { ...sdk, provider }), ...base.sdks],
    body: {
      parts: union(base.body.parts, added, ({ body }) => body?.parts),
      marks: union(base.body.marks, added, ({ body }) => body?.marks),
      messages: union(base.body.messages, added, ({ body }) => body?.messages),
      keyed: union(base.body.keyed, added, ({ body }) => body?.keyed)
    },
    requestIdHeaders: union(base.requestIdHeaders, added, row => row.requestIdHeaders),
    buckets: [...base.buckets, ...added.flatMap(({ buckets = [] }) => buckets)],
    errorEvents: [
      ...added.flatMap(({ name: provider, errorEvents = [] }) => errorEvents.map(pattern => ({ ...pattern, provider }))),
      ...base.errorEvents
    ],
    providers: known,
    names,
    hosts,
    wildcards
  }
}

function union (before: readonly string[], rows: readonly Row[], column: (row: Row) => readonly string[] | undefined): string[] {
  return [...new Set([...before, ...rows.flatMap(row => column(row) ?? [])])]
}

/** @returns the display name: that of the provider that has the row's name already, as its name or as an id */
function addNames (names: Map<string, string>, { name, ids = [] }: Row): string {
  const shown = names.get(foldName(name)) ?? name
  for (const given of [name, ...ids]) {
    const owner = names.get(foldName(given)) ?? shown
    if (owner !== shown) throw new TypeError(`humanloopErrors: '${given}' cannot name ${name}: it names ${owner}`)
    names.set(foldName(given), shown)
  }
  return shown
}

function addHost (hosts: Map<string, string>, wildcards: Wildcard[], host: string, provider: string): void {
  const [before, after] = host.toLowerCase().split('*') as [string, string?]
  if (after === undefined) hosts.set(before, provider)
  else wildcards.unshift({ before, after, provider })
}

function merged (before: Provider, row: Row): Provider {
  const own = byCode(row.codes ?? {})
  const curable = [...before.exhausted].filter(code => !own.has(code))
  return {
    name: before.name,
    decisive: new Map([...before.decisive, ...own]),
    exhausted: new Set([...curable, ...(row.exhausted ?? []).map(foldCode)]),
    statuses: { ...before.statuses, ...row.statuses },
    sentences: [...row.sentences ?? [], ...before.sentences ?? []],
    requestIdHeaders: [...row.requestIdHeaders ?? [], ...before.requestIdHeaders ?? []]
  }
}

/** `Together AI`, `together_ai` and `together-ai` are one name. */
export function foldName (name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}
