/** The options of the check. */
import { Type } from '../../schemas/type.js'
import { checkOptions, functionOf } from '../options.js'
import { fieldName, fieldValue } from '../response/headers.js'

/** The options of `checkErrorContract`; all may be left out. */
export interface ErrorContractOptions {
  /**
   * Sent with every request but the bare ones: an API key, so that more than the authentication is checked.
   *
   * @default {}
   */
  headers?: Readonly<Record<string, string>> | undefined
  /**
   * True if a route is left out; nothing is sent to it.
   *
   * @default no route is left out
   */
  skip?: ((route: { method: string, url: string }) => boolean) | undefined
  /**
   * Milliseconds that a response may take.
   *
   * @default 5000
   */
  timeout?: number | undefined
}

export const errorContractSchema = Type.Partial(Type.Object({
  headers: Type.Record(Type.String({ pattern: fieldName.source }), Type.String({ pattern: fieldValue.source }), {
    additionalProperties: false,
    description: 'names and values of HTTP headers'
  }),
  skip: functionOf<NonNullable<ErrorContractOptions['skip']>>('a function of { method, url } that returns true for a route to leave out'),
  timeout: Type.Integer({ minimum: 1, description: 'a whole number of milliseconds, 1 or more' })
}, { additionalProperties: false }))

/** The options with their defaults, the names of headers in lower case. */
type Checked = { [Name in keyof ErrorContractOptions]-?: NonNullable<ErrorContractOptions[Name]> }

/**
 * Checks the options and gives them their defaults.
 *
 * @throws TypeError that names the option and says what it takes
 */
export function checkedOptions (options: ErrorContractOptions): Checked {
  checkOptions('checkErrorContract', errorContractSchema, options)
  const { headers = {}, skip = () => false, timeout = 5000 } = options
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])), skip, timeout }
}
