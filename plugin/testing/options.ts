/** The options of the check, and a test of them that names the field and the fix. */
import { validateHeaderName, validateHeaderValue } from 'node:http'

export interface ErrorContractOptions {
  /** Sent with every request but the bare ones: an API key, so that more than the authentication is checked. */
  headers?: Readonly<Record<string, string>>
  /** Whether a route is left out; nothing is sent to it. */
  skip?: (route: { method: string, url: string }) => boolean
  /** Milliseconds that an answer may take: 5,000. */
  timeout?: number
}

const names = ['headers', 'skip', 'timeout']

/** @throws TypeError that names the option and says what it takes */
export function checkedOptions (options: ErrorContractOptions): Required<ErrorContractOptions> {
  const unknown = Object.keys(options).find(name => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`checkErrorContract: there is no option '${unknown}'; the options are ${names.join(', ')}`)
  const { headers = {}, skip = () => false, timeout = 5000 } = options
  if (typeof skip !== 'function') throw new TypeError("checkErrorContract: option 'skip' must be a function of { method, url } that returns true for a route to leave out")
  if (!Number.isInteger(timeout) || timeout < 1) throw new TypeError(`checkErrorContract: option 'timeout' must be a whole number of milliseconds, 1 or more; it is ${String(timeout)}`)
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      throw new TypeError(`checkErrorContract: option 'headers' must hold names and values of HTTP headers; '${name}' is none: ${(error as Error).message}`)
    }
  }
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])), skip, timeout }
}
