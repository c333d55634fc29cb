/** Headers of any kind, one way to read them: `Headers`, Node's and axios's objects, plain objects in any case. */
import { isObject, read, readList } from './read.js'

/** A header's value by its name in lower case. */
export type HeaderReader = (name: string) => string | undefined

const none: HeaderReader = () => undefined

/** The longest header value that is looked at; what counts is far shorter. */
const longestValue = 1024

/** How many values of one header are copied. */
const mostValues = 64

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
  const byName = new Map<string, string>()
  for (const key of keysOf(headers)) {
    const value = text(read(headers, key))
    if (value !== undefined) byName.set(key.toLowerCase(), value)
  }
  return name => byName.get(name)
}

/** The names of headers that are a plain object, in lower case. */
export function namesOf (headers: unknown): string[] {
  return keysOf(headers).map(name => name.toLowerCase())
}

/** Headers of a response of this service: text, numbers, lists of them. */
export type OwnHeaders = Record<string, string | number | readonly string[]>

/**
 * Copies headers from an object that may do anything when it is read.
 *
 * @param allowed the names to be copied, in lower case; default: all
 * @returns undefined where there is none
 */
export function copyHeaders (headers: unknown, allowed = /^/): OwnHeaders | undefined {
  const copy: OwnHeaders = {}
  for (const name of keysOf(headers)) {
    const value = read(headers, name)
    if (!allowed.test(name.toLowerCase())) continue
    const list = readList(value, mostValues).filter(one => typeof one === 'string')
    if (typeof value === 'string' || typeof value === 'number') copy[name] = value
    else if (list.length > 0) copy[name] = list
  }
  return Object.keys(copy).length === 0 ? undefined : copy
}

function keysOf (headers: unknown): string[] {
  try {
    return isObject(headers) ? Object.keys(headers) : []
  } catch {
    return [] // a proxy that does not list its keys has no headers
  }
}

function text (value: unknown): string | undefined {
  const single = readList(value, 1)[0] ?? value
  if (typeof single === 'number') return String(single)
  return typeof single === 'string' && single !== '' && single.length <= longestValue ? single : undefined
}
