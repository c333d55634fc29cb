/** What happens in one stream of the soak: drawn from a seed, so that a stream that went wrong can be had again. */
import type { DialectName } from '../../plugin/index.js'
import { errorCodes, type ErrorCode } from '../../schemas/statuses.js'

/** Where the events come from; the last three are calls to a provider, over sockets. */
export const sources = ['generator', 'node', 'web', 'function', 'bytes', 'openai', 'openai-awaited'] as const
export type SourceName = typeof sources[number]

export const dialectNames: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'humanloop', 'ndjson']

/**
 * What comes after the events: the end; the end, and a source that goes on; something that is thrown, expected or not; data
 * that has no JSON; a provider's error event; a connection that is cut; silence, which is limited in time or is not; a 429
 * instead of a stream.
 */
export type Ending = 'end' | 'goes on' | 'thrown' | 'unexpected' | 'unfit' | 'event' | 'cut' | 'silence' | 'waits' | 'limited'

export interface Plan {
  readonly id: string
  readonly http: 1 | 2
  readonly dialect: DialectName
  readonly source: SourceName
  /** How many events go well. */
  readonly events: number
  readonly ending: Ending
  /** Of what is thrown. */
  readonly code: ErrorCode
  /** Between two events: nothing, a turn of the event loop, milliseconds. */
  readonly pace: 'none' | 'turn' | 'milliseconds'
  /** UTF-16 code units that the last event has besides. */
  readonly weight: number
  /** Whether the handler waits between having its source and sending it. */
  readonly late: boolean
  /** Milliseconds that the source may be silent. */
  readonly idleTimeout?: number | undefined
  /** After how many frames the client leaves; negative: so many milliseconds after it has asked. */
  readonly leaves?: number | undefined
  /** Whether it leaves inside the frame after these. */
  readonly inside?: boolean
}

/** The event that ends a stream, where the dialect has one. */
export const terminal: Partial<Record<DialectName, unknown>> = {
  'openai-chat': '[DONE]',
  'openai-responses': { type: 'response.completed' },
  anthropic: { type: 'message_stop' }
}

const own: readonly Ending[] = ['end', 'end', 'goes on', 'thrown', 'thrown', 'unexpected', 'unfit', 'event', 'silence']
const endings: Record<SourceName, readonly Ending[]> = {
  generator: own,
  node: own,
  web: own,
  function: own,
  bytes: ['end', 'goes on', 'event', 'cut', 'cut', 'silence'],
  openai: ['end', 'event', 'event', 'cut', 'cut', 'silence', 'limited'],
  'openai-awaited': ['end', 'event', 'event', 'cut', 'cut', 'silence', 'limited']
}

/** A quarter of the clients means to leave, and a fifth does before it has all; a fifth comes over HTTP/2. */
export function planOf (seed: number, at: number): Plan {
  const random = randomFrom(seed ^ Math.imul(at + 1, 0x9E3779B1))
  const below = (limit: number): number => Math.floor(random() * limit)
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!

  const source = oneOf(sources)
  const dialect = oneOf(dialectNames)
  const drawn = oneOf(endings[source])
  const plan: Plan = {
    id: `s${at}`,
    http: below(5) === 0 ? 2 : 1,
    dialect,
    source,
    events: drawn === 'limited' ? 0 : below(4) === 0 ? 0 : below(24),
    ending: can(source, dialect, drawn) ? drawn : 'end',
    code: oneOf(errorCodes),
    pace: oneOf(['none', 'none', 'turn', 'milliseconds']),
    weight: below(8) === 0 ? 512 * 1024 : below(200),
    late: below(2) === 0,
    idleTimeout: drawn === 'silence' ? 20 + below(60) : oneOf([undefined, 60_000])
  }
  return bearable(below(4) === 0 ? leaving(plan, oneOf(['first', 'between', 'last']), below) : plan)
}

/**
 * Node 20 counts the bytes that a stream of HTTP/2 had not sent when its client left against the 10 MB of its session for
 * good, and refuses streams from then on, whatever it is that sends them.
 */
function bearable (plan: Plan): Plan {
  return plan.http === 1 ? plan : { ...plan, weight: Math.min(plan.weight, 128 * 1024) }
}

/** Whether a source can end so: some dialects have no event that ends a stream, and the bytes of one no error event. */
function can (source: SourceName, dialect: DialectName, ending: Ending): boolean {
  if (ending === 'goes on') return terminal[dialect] !== undefined
  return ending !== 'event' || source !== 'bytes' || dialect !== 'humanloop'
}

/** In half of the streams, only the client's leaving can release the source. */
function leaving (plan: Plan, when: 'first' | 'between' | 'last', below: (limit: number) => number): Plan {
  if (plan.ending === 'limited') return plan
  const waits = below(2) === 0
  const waiting = { ending: 'waits', idleTimeout: undefined } as const
  if (when === 'first') return { ...plan, leaves: -1 - below(12), ...waits ? { ...waiting, events: 0 } : {} }
  if (when === 'between') {
    const leaves = 1 + below(Math.max(1, plan.events))
    return { ...plan, leaves, ...waits ? { ...waiting, events: leaves } : {} }
  }
  // a last event so long that its end is not sent yet when its begin is there
  const events = Math.max(1, plan.events)
  return { ...plan, events, leaves: events - 1, inside: true, weight: 2 * 1024 * 1024, ...waits ? waiting : {} }
}

/** Mulberry32: numbers from 0 to 1, the same ones for the same seed. */
function randomFrom (seed: number): () => number {
  let state = seed | 0
  return () => {
    state = state + 0x6D2B79F5 | 0
    let bits = Math.imul(state ^ state >>> 15, 1 | state)
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits
    return ((bits ^ bits >>> 14) >>> 0) / 2 ** 32
  }
}

/** The data of an event. */
export function dataAt (plan: Pick<Plan, 'events' | 'weight'>, n: number): { type: string, n: number, text: string } {
  return { type: 'delta', n, text: n === plan.events - 1 ? 'x'.repeat(plan.weight) : 'piece' }
}

/** A provider's error event, as OpenAI and others send it. */
export const errorEvent: { readonly type: string, readonly error: object } = {
  type: 'error', error: { message: 'Too many at once.', type: 'requests', param: null, code: 'rate_limit_exceeded' }
}

/** The message of what is thrown without being meant for a caller. */
export const secret = 'a secret of the house'

export interface Expected {
  readonly code: ErrorCode
  readonly origin: string
}

/** The failure that the client is told; undefined where all goes well. */
export function expectedOf ({ ending, source, dialect, code }: Plan): Expected | undefined {
  const origin = callsProvider(source) ? 'OpenAI' : 'Humanloop'
  switch (ending) {
    case 'end': case 'goes on': case 'waits': return undefined
    case 'thrown': return { code, origin: 'Groq' }
    case 'unexpected': case 'unfit': return { code: 500, origin: 'Humanloop' }
    // Ollama's lines have no code
    case 'event':
    case 'limited': return source === 'bytes' && dialect === 'ndjson' ? { code: 500, origin } : { code: 429, origin: 'OpenAI' }
    case 'cut': return { code: 503, origin: 'OpenAI' }
    case 'silence': return { code: 504, origin }
  }
}

export function callsProvider (source: SourceName): boolean {
  return source === 'bytes' || source === 'openai' || source === 'openai-awaited'
}

/** An event of a flood, whose text has 64 KiB. */
export const piece = { text: 'x'.repeat(64 * 1024) }
