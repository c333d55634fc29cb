/** What differs between the stand-ins: how each provider puts requests, answers and failures on the wire. */
import type { IncomingHttpHeaders } from 'node:http'
import type { CountedMessage } from './tokens.js'

export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** A request as far as the stand-ins read it. */
export interface WireRequest {
  model: string
  messages: CountedMessage[]
  maxTokens: number | undefined
  stream: boolean
}

/** A completion as events, each as text. */
export interface WireStream {
  headers: Record<string, string>
  /** What comes before the first piece. */
  begin: string
  piece: (text: string) => string
  end: string
}

/** The limits of a model, in tokens. */
export interface ModelLimits { context: number, output: number }

export interface Tokens { input: number, output: number }

/** An event as it goes over the wire, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function event (data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
}

export interface Wire {
  path: string
  models: Readonly<Record<string, ModelLimits>>
  key: (headers: IncomingHttpHeaders) => string | undefined
  request: (body: any) => WireRequest
  /** A completion that echoes the prompt. */
  completion: (request: WireRequest, output: string, tokens: Tokens) => WireAnswer
  /** The same, piece by piece. */
  stream: (request: WireRequest, tokens: Tokens) => WireStream
  /** An error inside a 200. */
  inside: (type: string) => { body: unknown, event: string }
  invalidKey: (key: string) => WireAnswer
  unknownModel: (model: string) => WireAnswer
  /** The failure of a request for too many tokens; undefined for one within the model's limits. */
  tooManyTokens: (request: WireRequest, limits: ModelLimits, input: number) => WireAnswer | undefined
  /** The failure that the provider documents for a status. */
  failure: (status: number) => WireAnswer
}
