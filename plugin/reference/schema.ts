/** The error reference as data: what `{prefix}.json` holds, and what the page and the Markdown are written from. */
import type { Static } from '@sinclair/typebox'
import { Type } from '../../schemas/type.js'
import { errorCodes, type ErrorCode, type ErrorType } from '../../schemas/statuses.js'

const Text = Type.String({ minLength: 1 })
const exact = { additionalProperties: false }

const Code = Type.Unsafe<ErrorCode>(Type.Integer({ enum: errorCodes, description: 'The HTTP status, and the `code` of the body.' }))
const ErrorTypeName = Type.Unsafe<ErrorType>(Type.String({ minLength: 1, description: 'The `type` of the body; fixed by `code`.' }))

const Described = Type.Object({ name: Text, meaning: Text }, exact)

const Example = Type.Object({
  detail: Type.Object({ type: ErrorTypeName, message: Text, code: Code, origin: Text }, exact)
}, { ...exact, description: 'The whole body of an answer.' })

const ReferenceRoute = Type.Object({
  methods: Type.Array(Text, { minItems: 1 }),
  path: Type.String({ description: 'As it was registered: `/projects/:id`.' }),
  summary: Type.Optional(Text)
}, exact)

const ReferenceError = Type.Object({
  code: Code,
  type: ErrorTypeName,
  title: Text,
  meaning: Text,
  advice: Type.String({ minLength: 1, description: 'What the caller can do about it.' }),
  retryable: Type.Boolean({ description: 'Whether waiting may help.' }),
  retry: Type.String({ minLength: 1, description: 'Whether and when to try again.' }),
  examples: Type.Array(Example, { minItems: 1, description: 'One of this service, and one of a model provider where it can raise it.' }),
  curl: Text,
  typescript: Text,
  routes: Type.Array(ReferenceRoute, { description: 'Those that may answer with it. Any path that is no route answers 404, too.' })
}, exact)
export type ReferenceError = Static<typeof ReferenceError>

/**
 * The error reference of an app: the body of `GET /errors.json`. Texts hold no markup but code between backticks.
 *
 * @example
 * ```ts
 * import { Value } from '@sinclair/typebox/value'
 * import { ErrorReference, errorReference } from 'fastify-humanloop-errors'
 *
 * await app.register(errorReference)
 * const reference: unknown = (await app.inject('/errors.json')).json()
 * Value.Check(ErrorReference, reference) // true
 * ```
 */
export const ErrorReference = Type.Object({
  title: Type.String({ minLength: 1, description: 'The name of the API.' }),
  origins: Type.Object({
    services: Type.Array(Text, { minItems: 1, description: 'The names of this service.' }),
    providers: Type.Array(Text, { description: 'The model providers that are known by name.' })
  }, exact),
  fields: Type.Array(Described, { description: 'The four fields of `detail`.' }),
  headers: Type.Array(Described, { description: 'Headers of error answers.' }),
  errors: Type.Array(ReferenceError, { description: 'The nine answers, by ascending code.' })
}, exact)
export type ErrorReference = Static<typeof ErrorReference>
