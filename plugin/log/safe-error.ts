/** An error as a log line may hold it: named fields, redacted; never the object itself. */
import { chainOf } from '../classify/chain.js'
import { read, readText } from '../classify/read.js'
import { redactStart } from '../message/redact.js'

/** How many causes a line holds. */
const mostCauses = 5

/** The longest stack and message, in UTF-16 code units. */
const longestText = 8192

/** The shortest message that is looked for in those around it. */
const shortestQuote = 8

/** Fields as pino has them. */
export interface SafeError {
  [field: string]: unknown
  /** The error's name. */
  type: string
  message: string
  stack: string
  code?: string
  cause?: SafeError
}

/**
 * What a log may hold of a thrown value: name, message, stack and code of it and of its causes, without secrets. Request
 * bodies, headers and configuration that clients hang on their errors are left out; of an AI SDK's error that is no call's, whose
 * message quotes the prompt, name and code alone are held. Exported as `safeErrorSerializer`, for
 * the `err` of your own pino logger.
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { safeErrorSerializer } from 'fastify-humanloop-errors'
 *
 * const app = Fastify({ logger: { level: 'silent', serializers: { err: safeErrorSerializer } } })
 * ```
 */
export function safeError (thrown: unknown): SafeError {
  const chain = chainOf(thrown).slice(0, mostCauses + 1)
  if (chain.length === 0) return fieldsOf({ name: typeof thrown, message: textOf(thrown) }, [])
  // what an AI SDK says, and what lies behind it as well; errors around it may repeat it
  const first = chain.findIndex(quotesPrompt)
  const silent = first === -1 ? [] : chain.filter((error, index) => index >= first && !isApiCall(error))
  const quotes = silent.map(error => readText(error, 'message') ?? '').filter(({ length }) => length >= shortestQuote)
  return chain.reduceRight<SafeError | undefined>((cause, error) => {
    const fields = silent.includes(error) ? namesOf(error) : fieldsOf(error, quotes)
    if (cause !== undefined) fields.cause = cause
    return fields
  }, undefined) as SafeError
}

/** The mark of every error of the AI SDK, and the one of a call that failed. */
const aiError = Symbol.for('vercel.ai.error')
const apiCall = Symbol.for('vercel.ai.error.AI_APICallError')

/** True for an error of the AI SDK that is no call's: its message has the prompt in it, or what the model said. */
function quotesPrompt (error: object): boolean {
  return read(error, aiError) === true && !isApiCall(error)
}

function isApiCall (error: object): boolean {
  return read(error, apiCall) === true
}

/** What is no object; a function's text is its source, which says nothing here. */
function textOf (thrown: unknown): string {
  return typeof thrown === 'function' || typeof thrown === 'symbol' ? `a ${typeof thrown}` : String(thrown)
}

/** Name and code alone. */
function namesOf (error: object): SafeError {
  const type = shown(readText(error, 'name')) ?? 'Error'
  return record(type, { message: '', stack: type }, error)
}

function fieldsOf (error: object, quotes: readonly string[]): SafeError {
  const text = (key: string): string | undefined => {
    const value = readText(error, key)
    return shown(quotes.reduce((rest, quote) => rest?.replaceAll(quote, '[redacted]'), value))
  }
  const type = text('name') ?? text('type') ?? 'Error'
  const message = text('message') ?? ''
  return record(type, { message, stack: text('stack') ?? `${type}: ${message}` }, error)
}

/** Without a prototype, so that pino's own serializer does not take its constructor for the type. */
function record (type: string, texts: { message: string, stack: string }, error: object): SafeError {
  const fields: SafeError = Object.assign(Object.create(null), { type, ...texts })
  const code = shown(readText(error, 'code'))
  if (code !== undefined) fields.code = code
  return fields
}

/** Redacted as a whole before it is cut. */
function shown (text: string | undefined): string | undefined {
  return text === undefined ? undefined : redactStart(text, longestText)
}
