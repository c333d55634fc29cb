/** What a client reads of a stream, by the dialect that it speaks; written down apart from the plugin's own table. */
import { isContract } from '../../plugin/exits/contract-body.js'
import type { DialectName } from '../../plugin/index.js'
import { dataAt, expectedOf, secret, terminal, type Expected, type Plan } from './stream-plan.js'

export interface Answered {
  readonly status: number
  readonly body: string
  /** Whether the body has its end. */
  readonly whole: boolean
}

interface Frame {
  readonly event: string | undefined
  readonly text: string
  /** The text as JSON; itself where it is none. */
  readonly data: any
}

interface Reading {
  /** What stands between two frames. */
  readonly separator: string
  /** The error in a frame; undefined where its clients would take it for none. */
  readonly error: (frame: Frame, before: Frame | undefined) => Record<string, unknown> | undefined
  /** How many frames an error takes. */
  readonly errorFrames?: number
  /** Whether the events have names. */
  readonly named?: true
}

const readings: Record<DialectName, Reading> = {
  'openai-chat': {
    separator: '\n\n', error: ({ event, data }) => event === undefined && data.error?.param === null ? data.error : undefined
  },
  'openai-responses': {
    separator: '\n\n',
    named: true,
    errorFrames: 2,
    error: ({ event, data }, before) => event === 'error' && data.type === 'error' && data.message === data.error?.message &&
      data.code === data.error?.code &&
      before?.event === 'response.failed' && before.data.response?.error?.message === data.message
      ? data.error
      : undefined
  },
  anthropic: {
    separator: '\n\n', named: true, error: ({ event, data }) => event === 'error' && data.type === 'error' ? data.error : undefined
  },
  gemini: {
    separator: '\n\n', error: ({ event, data }) => event === undefined && typeof data.error?.status === 'string' ? data.error : undefined
  },
  humanloop: { separator: '\n\n', error: ({ event, data }) => event === 'error' ? data.detail : undefined },
  ndjson: {
    separator: '\n', error: ({ data }) => data.error !== undefined && data.error === data.detail?.message ? data.detail : undefined
  }
}

export function separatorOf (dialect: DialectName): string {
  return readings[dialect].separator
}

/** Of what is lost on the way nobody knows how many events arrive; one that went before a failure may be, not one before a success. */
function mayLose (plan: Plan): boolean {
  const { source, ending } = plan
  return ending === 'cut' || ending === 'silence' || (source === 'node' && expectedOf(plan) !== undefined)
}

/** What is wrong with an answer that the client read to its end. */
export function violationOf (plan: Plan, { status, body, whole }: Answered): string | undefined {
  if (!whole) return 'the answer has no end'
  if (body.includes(secret)) return 'it tells a secret'
  const expected = expectedOf(plan)
  if (status !== 200) return statusViolation(plan, status, body, expected)
  const { separator, errorFrames = 1, named } = readings[plan.dialect]
  if (body !== '' && !body.endsWith(separator)) return `it ends inside a frame: ${body.slice(-100)}`
  const frames = body.split(separator).slice(0, -1).map(text => frameOf(text))

  let events = 0
  while (isEvent(plan, frames[events], events)) events++
  if (named === true && frames.slice(0, events).some(({ event }) => event !== 'delta')) return 'an event has no name'
  if (events > plan.events || (events < plan.events && !mayLose(plan))) return `${events} of ${plan.events} events`
  const rest = frames.slice(events)
  if (expected === undefined) {
    // the stream of openai keeps its end to itself
    const last = plan.source === 'openai' || plan.source === 'openai-awaited' ? undefined : terminal[plan.dialect]
    const end = rest.map(({ data }) => JSON.stringify(data)).join(' ')
    return end === (last === undefined ? '' : JSON.stringify(last)) ? undefined : `another end: ${end.slice(0, 300)}`
  }
  if (events === 0) return 'a failure before the first event has no status'
  if (rest.length !== errorFrames) return `${rest.length} frames after the events: ${rest.map(({ text }) => text).join(' ').slice(0, 500)}`
  const error = readings[plan.dialect].error(rest.at(-1)!, rest.at(-2))
  if (error === undefined) return `no error frame: ${rest.at(-1)!.text.slice(0, 300)}`
  const { type, message, code, origin } = error
  return differs({ detail: { type, message, code, origin } }, Number(code), expected)
}

function statusViolation (plan: Plan, status: number, body: string, expected: Expected | undefined): string | undefined {
  if (expected === undefined || (plan.events > 0 && !mayLose(plan))) return `status ${status}: ${body.slice(0, 300)}`
  return differs(JSON.parse(body), status, expected)
}

function differs (envelope: unknown, code: number, expected: Expected): string | undefined {
  const right = isContract(envelope, code) && code === expected.code && envelope.detail.origin === expected.origin
  return right ? undefined : `not the ${expected.code} of ${expected.origin}: ${JSON.stringify(envelope)}`
}

function isEvent (plan: Plan, frame: Frame | undefined, n: number): boolean {
  return n < plan.events && frame !== undefined && JSON.stringify(frame.data) === JSON.stringify(dataAt(plan, n))
}

function frameOf (text: string): Frame {
  const [, event, line = text] = /^(?:event: ([^\n]*)\n)?data: ([^]*)$/.exec(text) ?? []
  return { event, text, data: parsed(line) }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // '[DONE]'
  }
}
