/** The options of the plugin, their schema and defaults, and the check of all options, which names the field and the fix. */
import { inspect } from 'node:util'
import type { TObject } from '@sinclair/typebox'
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

/** The schema of a function; functions have no JSON Schema, so it is told by hand. */
export const functionOf = <T>(description: string) => Type.Unsafe<T>(Type.Function([], Type.Unknown(), { description }))

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
    isGenerated: Type.Optional(Type.Boolean()),
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
export interface HumanloopErrorsOptions {
  /**
   * The name of this service, in the errors that it raises itself.
   *
   * @default 'Humanloop'
   */
  origin?: string | undefined
  /**
   * If routes document the nine error responses.
   *
   * @default true
   */
  document?: boolean | undefined
  /**
   * What becomes of error responses that handlers send themselves: they are brought inside the contract, logged, or let be.
   *
   * @default 'enforce'
   */
  guard?: 'enforce' | 'warn' | 'off' | undefined
  /**
   * The value of `www-authenticate` on this service's own 401, such as `'Bearer'`.
   *
   * @default no 401 has the header
   */
  authenticate?: string | undefined
  /**
   * Called with each message after the built-in redaction; it returns the message that leaves.
   *
   * @default the built-in redaction alone
   */
  redact?: Redact | undefined
  /**
   * More model providers, or more of those that are known.
   *
   * @default []
   */
  providers?: ProviderRow[] | undefined
  /**
   * If the outgoing calls of a request are followed to learn whose failure an error is.
   *
   * @default false
   */
  detectOrigin?: boolean | undefined
  /**
   * Returns the error of the contract that a thrown value means, or undefined for one that it does not know.
   *
   * @default nothing is known beside what the plugin knows
   */
  translate?: Translate | undefined
  /**
   * Called for each error response.
   *
   * @default []
   */
  onError?: OnError | readonly OnError[] | undefined
}

/** The options that were given, without those that were undefined. */
type Given<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> }

/** The options with their defaults, and what is made of them. */
export interface Settings extends HumanloopErrorsOptions {
  origin: string
  document: boolean
  guard: 'enforce' | 'warn' | 'off'
  detectOrigin: boolean
  /** The providers of the scope, where the option `providers` adds some; else those of the package. */
  readonly registry?: Registry | undefined
  /** What a text is put through behind the built-in redaction: keys of those providers, then the option `redact`. */
  readonly redaction?: Redact | undefined
}

export const defaults: Settings = { origin: defaultOrigin, document: true, guard: 'enforce', detectOrigin: false }

/** Options that `register` itself takes, of whatever plugin. */
const registerOptions: ReadonlySet<string> = new Set(['prefix', 'logLevel', 'logSerializers'])

/**
 * Checks the options of this plugin.
 *
 * @throws TypeError that names the option and says what it takes
 */
export function checkedOptions (given: HumanloopErrorsOptions): Given<HumanloopErrorsOptions> {
  const options = checkPluginOptions('humanloopErrors', optionsSchema, given)
  return options.origin === undefined ? options : { ...options, origin: options.origin.trim() }
}

/**
 * Checks the options of a plugin, without those that `register` takes unless the plugin takes them, too.
 *
 * @param plugin its name, for the message
 * @throws TypeError that names the option and says what it takes
 */
export function checkPluginOptions<Options extends object> (plugin: string, schema: TObject, given: Options): Given<Options> {
  const options = Object.fromEntries(Object.entries(given).filter(([name, value]) =>
    value !== undefined && (!registerOptions.has(name) || Object.hasOwn(schema.properties, name))))
  checkOptions(plugin, schema, options)
  return options as Given<Options>
}

/**
 * Checks the options of anything.
 *
 * @param caller the name of what takes them, for the message
 * @throws TypeError that names the option and says what it takes
 */
export function checkOptions (caller: string, schema: TObject, options: object): void {
  const violation = violationIn(schema, options)
  if (violation === undefined) return
  const path = violation.path.slice(1)
  const name = path.split('/', 1)[0]!
  const known: Readonly<Record<string, { description?: string }>> = schema.properties
  const described = known[name]?.description
  if (described !== undefined) {
    throw new TypeError(`${caller}: option '${name}' must be ${described}; ${path === name ? 'it' : path} is ${shown(violation.value)}`)
  }
  throw new TypeError(path === ''
    ? `${caller}: the options must be an object; they are ${shown(options)}`
    : `${caller}: there is no option '${name}'; the options are ${Object.keys(known).join(', ')}`)
}

function shown (value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'function' ? 'function' : inspect(value, { breakLength: Infinity })
}
