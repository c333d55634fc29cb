/** The nine error responses as OpenAPI writes a response: their meaning, headers, an example of each who may raise them. */
import { errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { headersDocumentedOn } from '../../schemas/headers.js'
import { describeResponse } from '../../schemas/responses.js'
import type { Settings } from '../options.js'
import { examplesOf } from './examples.js'

interface Header { readonly description: string, readonly required?: boolean, readonly schema: object, readonly example: unknown }

/** OpenAPI's Response Object. */
export interface ResponseObject {
  readonly description: string
  readonly headers: Readonly<Record<string, Header>>
  readonly content: { readonly 'application/json': { readonly schema: object, readonly examples: object } }
}

/** The settings that the responses of a document show. */
export type ShownSettings = Pick<Settings, 'origin' | 'authenticate'>

/**
 * Makes the Response Object of one status.
 *
 * @param $ref to the schema of the body
 * @param settings the name of this service, and the value of `www-authenticate` on its own 401
 */
export function responseObjectOf (code: ErrorCode, $ref: string, { origin, authenticate }: ShownSettings): ResponseObject {
  const { service, provider } = examplesOf(code, origin)
  return {
    description: `${describeResponse(code)}\n\n${errorStatuses[code].advice}`,
    headers: headersOf(code, authenticate),
    content: {
      'application/json': {
        schema: { $ref },
        examples: {
          service: { summary: `Raised by ${origin}`, value: service },
          ...(provider !== undefined && { provider: { summary: `Raised by ${provider.detail.origin}`, value: provider } })
        }
      }
    }
  }
}

/** OpenAPI 3 describes a body's type with the body, and ignores a header `content-type`. */
function headersOf (code: ErrorCode, authenticate: string | undefined): ResponseObject['headers'] {
  const rows = headersDocumentedOn(code, { authenticate }).filter(([name]) => name !== 'content-type')
  return Object.fromEntries(rows.map(([name, { meaning, required, schema, example, option }]) => [name, {
    description: meaning,
    ...(required && { required }),
    schema: structuredClone(schema), // in YAML, an object that stands twice becomes an anchor
    example: option === undefined ? example : authenticate
  }]))
}
