/** An error as a log line may hold it: named fields, redacted; never the object itself. */
import { chainOf } from '../classify/chain.js'
import { readText } from '../classify/read.js'
import { redact } from '../message/redact.js'

/** How many causes a line holds. */
const mostCauses = 5

/** The longest stack and message, in UTF-16 code units. */
const longestText = 8192

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
 * bodies, headers and configuration that clients hang on their errors are left out. Exported as `safeErrorSerializer`, for
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
  if (chain.length === 0) return fieldsOf({ name: typeof thrown, message: textOf(thrown) })
  return chain.reduceRight<SafeError | undefined>((cause, error) => {
    const fields = fieldsOf(error)
    if (cause !== undefined) fields.cause = cause
    return fields
  }, undefined) as SafeError
}

/** What is no object; a function's text is its source, which says nothing here. */
function textOf (thrown: unknown): string {
  return typeof thrown === 'function' || typeof thrown === 'symbol' ? `a ${typeof thrown}` : String(thrown)
}

function fieldsOf (error: object): SafeError {
  const text = (key: string): string | undefined => {
    const value = readText(error, key)
    return value === undefined ? undefined : redact(value.slice(0, longestText))
  }
  const type = text('name') ?? text('type') ?? 'Error'
  const message = text('message') ?? ''
  // without a prototype, so that pino's own serializer does not take its constructor for the type
  const fields: SafeError = Object.assign(Object.create(null), { type, message, stack: text('stack') ?? `${type}: ${message}` })
  const code = text('code')
  if (code !== undefined) fields.code = code
  return fields
}
