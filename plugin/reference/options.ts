/** The options of the error reference. */
import { Type } from '../../schemas/type.js'

/** The options of `errorReference`; all may be left out. */
export interface ErrorReferenceOptions {
  /**
   * The path of the page, beginning with a slash and not ending with one.
   *
   * @default '/errors'
   */
  prefix?: string // as `register` has it
  /**
   * The name of the API.
   *
   * @default the title of the app's OpenAPI document; without one, the name of the service
   */
  title?: string | undefined
}

export const errorReferenceSchema = Type.Partial(Type.Object({
  prefix: Type.String({
    pattern: '^(?:/[^/]+)+$',
    description: "the path of the page, beginning with a slash and not ending with one, such as '/errors'"
  }),
  title: Type.String({ pattern: '\\S', description: 'the name of the API, a non-empty string' })
}, { additionalProperties: false }))
