/** The body of an error answer: `{ detail: { type, message, code, origin } }`. */
import { Type, type Static, type TLiteral, type TObject, type TString } from '@sinclair/typebox'
import { errorCodes, errorDetailId, errorEnvelopeId, errorStatuses, type ErrorCode } from './statuses.js'

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

/** The schema of the four fields for one status: `type` and `code` are literals. */
export function detailOf<Code extends ErrorCode> (code: Code): TErrorDetail<Code> {
  const row: Row<Code> = errorStatuses[code]
  return Type.Object({
    type: Type.Literal(row.type),
    message: Type.String({ minLength: 1, description: 'What went wrong, for a human.' }),
    code: Type.Literal(code, { description: 'The HTTP status of the answer.' }),
    origin: Type.String({
      minLength: 1,
      description: 'Who failed: the display name of the model provider whose system raised the error, or this service.'
    })
  }, { additionalProperties: false }) as unknown as TErrorDetail<Code>
}

/** Schema of the four fields, whichever of the nine it is. Shared as `HumanloopErrorDetail`. */
export const ErrorDetail = Type.Unsafe<ErrorDetail>(Type.Union(errorCodes.map(code => detailOf(code)), {
  $id: errorDetailId,
  title: errorDetailId,
  description: 'The four fields of an error answer.'
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
