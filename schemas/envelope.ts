/** The body of an error answer: `{ detail: { type, message, code, origin } }`. */
import type { Static, TLiteral, TObject, TString } from '@sinclair/typebox'
import { errorCodes, errorDetailId, errorEnvelopeId, errorStatuses, type ErrorCode, type ErrorType } from './statuses.js'
import { Type } from './type.js'

type Row<Code extends ErrorCode> = (typeof errorStatuses)[Code]

/** Schema of the four fields of one row. */
export type TErrorDetail<Code extends ErrorCode> = TObject<{
  type: TLiteral<Row<Code>['type']>
  message: TString
  code: TLiteral<Code>
  origin: TString
}>

/** The four fields of one row; by default, of any. */
export type ErrorDetail<Code extends ErrorCode = ErrorCode> = { [C in Code]: Static<TErrorDetail<C>> }[Code]

/** The body of one row; by default, of any. `detail.type` and `detail.code` tell which. */
export type ErrorEnvelope<Code extends ErrorCode = ErrorCode> = { [C in Code]: { detail: Static<TErrorDetail<C>> } }[Code]

const message = Type.String({ minLength: 1, description: 'What went wrong, for a human.' })
const origin = Type.String({
  minLength: 1,
  description: 'Who failed: the display name of the model provider whose system raised the error, or this service.'
})

/** The schema of the four fields for one status: `type` and `code` are literals. */
export function detailOf<Code extends ErrorCode> (code: Code): TErrorDetail<Code> {
  const row: Row<Code> = errorStatuses[code]
  return Type.Object({
    type: Type.Literal(row.type),
    message,
    code: Type.Literal(code, { description: 'The HTTP status of the answer.' }),
    origin
  }, { additionalProperties: false }) as unknown as TErrorDetail<Code>
}

/**
 * Schema of the four fields, whichever of the nine it is. Shared as `HumanloopErrorDetail`.
 *
 * That `type` and `code` are of one row stands in the schemas of the nine, and in the static type. Here they are two lists:
 * Fastify's serializer compiler goes through every shared schema for every route, and a union of nine would cost it more
 * than all others together.
 */
export const ErrorDetail = Type.Unsafe<ErrorDetail>(Type.Object({
  type: Type.Unsafe<ErrorType>(Type.String({ enum: errorCodes.map(code => errorStatuses[code].type) })),
  message,
  code: Type.Unsafe<ErrorCode>(Type.Integer({ enum: errorCodes, description: 'The HTTP status of the answer.' })),
  origin
}, {
  $id: errorDetailId,
  title: errorDetailId,
  description: 'The four fields of an error answer.',
  additionalProperties: false
}))

/** Schema of any of the nine bodies. Shared as `HumanloopError`. */
export const ErrorEnvelope = Type.Unsafe<ErrorEnvelope>(Type.Object({
  detail: Type.Ref(`${errorDetailId}#`)
}, {
  $id: errorEnvelopeId,
  title: errorEnvelopeId,
  description: 'An error answer: one of nine statuses, always the same four fields.',
  additionalProperties: false
}))
