/** Headers of any kind, one way to read them: `Headers`, Node's and axios's objects, plain objects in any case. */
import { isObject, read } from './read.js'

/** A header's value by its name in lower case. */
export type HeaderReader = (name: string) => string | undefined

const none: HeaderReader = () => undefined

/** The longest header value that is looked at; what counts is far shorter. */
const longestValue = 1024

export function headerReader (headers: unknown): HeaderReader {
  if (!isObject(headers)) return none
  const get = read(headers, 'get')
  if (typeof get === 'function') {
    return name => {
      try {
        return text(get.call(headers, name))
      } catch {
        return undefined // not the Headers that it seemed to be
      }
    }
  }
  const byName = lowerCased(headers)
  return name => byName.get(name)
}

function lowerCased (headers: object): Map<string, string> {
  const byName = new Map<string, string>()
  try {
    for (const key of Object.keys(headers)) {
      const value = text(read(headers, key))
      if (value !== undefined) byName.set(key.toLowerCase(), value)
    }
  } catch {
    // a proxy that does not list its keys has no headers
  }
  return byName
}

function text (value: unknown): string | undefined {
  const single: unknown = Array.isArray(value) ? value[0] : value
  if (typeof single === 'number') return String(single)
  return typeof single === 'string' && single !== '' && single.length <= longestValue ? single : undefined
}
