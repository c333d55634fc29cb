/** The options of the error reference. */
import type { Static } from '@sinclair/typebox'
import { Type } from '../../schemas/type.js'
import { checkOptions } from '../options.js'

const optionsSchema = Type.Partial(Type.Object({
  prefix: Type.String({
    pattern: '^(?:/[^/]+)+$',
    description: "the path of the page, beginning with a slash and not ending with one, such as '/errors'"
  }),
  title: Type.String({ pattern: '\\S', description: 'the name of the API, a non-empty string' })
}, { additionalProperties: false }))

/** The options of `errorReference`; all may be left out. */
export type ErrorReferenceOptions = Static<typeof optionsSchema>

/** What `register` itself takes out of a plugin's options, beside the prefix. */
const registerOptions = new Set(['logLevel', 'logSerializers'])

/**
 * @throws TypeError that names the option and says what it takes
 */
export function checkedOptions (given: object): ErrorReferenceOptions {
  const options = Object.fromEntries(Object.entries(given).filter(([name, value]) => !registerOptions.has(name) && value !== undefined))
  checkOptions('errorReference', optionsSchema, options)
  return options
}
