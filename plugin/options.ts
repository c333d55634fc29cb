/** The options of the plugin: their schema, their defaults, and a check that names the field and the fix. */
import type { Static, TObject } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { errorCodes, type ErrorCode } from '../schemas/statuses.js'
import { Type } from '../schemas/type.js'
import { defaultOrigin, type ContractError } from './errors.js'
import type { ProviderRow, Registry } from './providers/index.js'
import { violationIn } from './violation.js'

type Redact = (message: string) => string
type Translate = (thrown: unknown, request: FastifyRequest) => ContractError | undefined

/** What led to an error response, for `onError`. */
export interface Happened {
  /** True if a stream had begun, so that the status was 200 and the error its last frame. */
  readonly begun: boolean
  /** What was thrown; undefined for an error response that a handler sent by itself. */
  readonly thrown: unknown
  /** The status that a handler sent by itself; undefined for what was thrown. */
  readonly sentStatus: number | undefined
}

export type OnError = (error: ContractError, request: FastifyRequest, happened: Happened) => void | Promise<void>

const codeSchema = Type.Unsafe<ErrorCode>(Type.Union(errorCodes.map(code => Type.Literal(code))))

/** A function; functions have no JSON Schema, so it is told by hand. */
const functionOf = <T>(description: string) => Type.Unsafe<T>(Type.Function([], Type.Unknown(), { description }))

const onErrorSchema = functionOf<OnError>('a function (error, request, { begun, thrown, sentStatus })')

const name = Type.String({ minLength: 1 })

const names = Type.Array(name)

/** Names are looked up in lower case. */
const headerName = Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9a-z-]+$" })

const headerNames = Type.Array(headerName)

const providerSchema = Type.Object({
  name,
  ids: Type.Optional(names),
  hosts: Type.Optional(Type.Array(Type.String({ pattern: '^[^*/]*\\*?[^*/]*$', minLength: 1 }))),
  codes: Type.Optional(Type.Partial(Type.Object(
    Object.fromEntries(errorCodes.map(code => [code, names])) as Record<ErrorCode, typeof names>, { additionalProperties: false }))),
  statuses: Type.Optional(Type.Record(Type.String({ pattern: '^[45]\\d\\d$' }), codeSchema, { additionalProperties: false })),
  sentences: Type.Optional(Type.Array(Type.Object({
    status: Type.Optional(Type.Integer()),
    startsWith: Type.String({ minLength: 1 }),
    includes: Type.Optional(Type.String()),
    code: codeSchema,
    retryable: Type.Optional(Type.Literal(false))
  }, { additionalProperties: false }))),
  exhausted: Type.Optional(names),
  keys: Type.Optional(Type.Array(Type.String({ pattern: '^[^\\s*]{3,}\\*?$' }))),
  classes: Type.Optional(names),
  sdk: Type.Optional(Type.Object({
    fields: names,
    without: Type.Optional(names),
    status: name,
    body: name,
    headers: Type.Optional(name),
    url: Type.Optional(name),
    requestId: Type.Optional(name)
  }, { additionalProperties: false })),
  body: Type.Optional(Type.Partial(Type.Object(
    { parts: names, marks: names, messages: names, keyed: names }, { additionalProperties: false }))),
  requestIdHeaders: Type.Optional(headerNames),
  buckets: Type.Optional(Type.Array(Type.Object({ remaining: headerName, reset: headerName }, { additionalProperties: false }))),
  errorEvents: Type.Optional(Type.Array(Type.Object({
    type: Type.Optional(name),
    only: Type.Optional(name),
    fields: Type.Optional(Type.Record(Type.String({ pattern: '.' }), Type.Union([name, Type.Boolean()]), { additionalProperties: false }))
  }, { additionalProperties: false })))
}, { additionalProperties: false })

export const optionsSchema = Type.Partial(Type.Object({
  origin: Type.String({ pattern: '\\S', description: 'the name of this service, a non-empty string' }),
  document: Type.Boolean({ description: 'true or false: whether routes document the nine answers' }),
  guard: Type.Union([Type.Literal('enforce'), Type.Literal('warn'), Type.Literal('off')], {
    description: "'enforce', 'warn' or 'off': what becomes of error answers that handlers send themselves"
  }),
  authenticate: Type.String({
    minLength: 1,
    pattern: '^[\\t\\x20-\\x7e]+$',
    description: "the value of www-authenticate on this service's own 401, such as 'Bearer'"
  }),
  redact: functionOf<Redact>('a function that takes a message and returns it, called after the built-in redaction'),
  providers: Type.Array(Type.Unsafe<ProviderRow>(providerSchema), {
    description: 'a list of { name, ids?, hosts?, codes?, statuses?, sentences?, exhausted?, keys?, classes?, sdk?, body?, ' +
      'requestIdHeaders?, buckets?, errorEvents? }: more providers, or more of those that are known'
  }),
  detectOrigin: Type.Boolean({ description: 'true or false: whether outgoing calls are followed to learn whose failure an error is' }),
  translate: functionOf<Translate>('a function (thrown, request) that returns the error of the contract that a thrown value means, or undefined'),
  onError: Type.Unsafe<OnError | readonly OnError[]>(Type.Union([onErrorSchema, Type.Array(onErrorSchema)], {
    description: 'a function (error, request, { begun, thrown, sentStatus }), or a list of such, called for each error response'
  }))
}, { additionalProperties: false }))

/** The options of `humanloopErrors`; all may be left out. */
export type HumanloopErrorsOptions = Static<typeof optionsSchema>

/** The options with their defaults, and what is made of them. */
export type Settings = HumanloopErrorsOptions & Required<Pick<HumanloopErrorsOptions, 'origin' | 'document' | 'guard' | 'detectOrigin'>> & {
  /** The providers of the scope, where the option `providers` adds some; else those of the package. */
  readonly registry?: Registry | undefined
  /** What a text is put through behind the built-in redaction: keys of those providers, then the option `redact`. */
  readonly redaction?: Redact | undefined
}

export const defaults: Settings = { origin: defaultOrigin, document: true, guard: 'enforce', detectOrigin: false }

/** What `register` itself takes out of a plugin's options. */
const registerOptions = new Set(['prefix', 'logLevel', 'logSerializers'])

/**
 * @throws TypeError that names the option and says what it takes
 */
export function checkedOptions (given: object): HumanloopErrorsOptions {
  const options = Object.fromEntries(Object.entries(given).filter(([name, value]) => !registerOptions.has(name) && value !== undefined))
  checkOptions('humanloopErrors', optionsSchema, options)
  return typeof options.origin === 'string' ? { ...options, origin: options.origin.trim() } : options
}

/**
 * @param plugin its name, for the message
 * @throws TypeError that names the option and says what it takes
 */
export function checkOptions (plugin: string, schema: TObject, options: object): void {
  const violation = violationIn(schema, options)
  if (violation === undefined) return
  const path = violation.path.slice(1)
  const name = path.split('/', 1)[0]!
  const known: Readonly<Record<string, { description?: string }>> = schema.properties
  const described = known[name]?.description
  throw new TypeError(described === undefined
    ? `${plugin}: there is no option '${name}'; the options are ${Object.keys(known).join(', ')}`
    : `${plugin}: option '${name}' must be ${described}; ${path === name ? 'it' : path} is ${shown(violation.value)}`)
}

function shown (value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(JSON.stringify(value) ?? typeof value)
}
