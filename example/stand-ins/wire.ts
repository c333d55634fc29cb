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
}

/** The limits of a model, in tokens. */
export interface ModelLimits { context: number, output: number }

export interface Wire {
  path: string
  models: Readonly<Record<string, ModelLimits>>
  key: (headers: IncomingHttpHeaders) => string | undefined
  request: (body: any) => WireRequest
  /** A completion that echoes the prompt. */
  completion: (request: WireRequest, output: string, tokens: { input: number, output: number }) => WireAnswer
  invalidKey: (key: string) => WireAnswer
  unknownModel: (model: string) => WireAnswer
  /** The failure of a request for too many tokens; undefined for one within the model's limits. */
  tooManyTokens: (request: WireRequest, limits: ModelLimits, input: number) => WireAnswer | undefined
  /** The failure that the provider documents for a status. */
  failure: (status: number) => WireAnswer
}
