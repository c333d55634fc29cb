/** What the gateway asks of a provider, and what it gets, whichever it is. */
import type { ChatMessage } from '../schemas.js'

/** Where and with which key. */
export interface Target {
  apiKey: string
  /** Another address than the SDK's own. */
  baseUrl: string | undefined
  /** The SDK's time limit in milliseconds. */
  timeout: number
}

export interface ChatCall {
  model: string
  messages: ChatMessage[]
  maxTokens: number | undefined
  temperature: number | undefined
}

export interface Completion {
  output: string
  finishReason: string
  usage: { input: number, output: number }
  /** The provider's answer as its SDK gave it. */
  raw: unknown
}

/** A part of a completion, as it comes. */
export interface Piece {
  output: string
  /** Null until the last piece. */
  finishReason: string | null
}

/** Retrying is the caller's decision: the SDKs' own retries are off. */
export type Chat = (target: Target, call: ChatCall, signal: AbortSignal) => Promise<Completion>

export type ChatStream = (target: Target, call: ChatCall, signal: AbortSignal) => AsyncGenerator<Piece>
