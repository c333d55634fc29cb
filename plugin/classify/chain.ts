/** An error with all that stands behind it: causes, the errors of an AggregateError, a retrying wrapper's last one. */
import { has, isObject, read, readList } from './read.js'

/** How many errors are looked at: a chain may be circular or endless. */
const mostLinks = 64

/** The fields behind which another error may stand. */
const links = ['cause', 'lastError', 'originalError', 'error', 'detail'] as const

/** Those of them that may be something else as well: what a response said. */
const ambiguous: ReadonlySet<string> = new Set(['error', 'detail'])

/** The errors of a chain, the outermost first, each once. */
export function chainOf (value: unknown): object[] {
  const chain: object[] = []
  const waiting = [value]
  while (waiting.length > 0 && chain.length < mostLinks) {
    const next = waiting.shift()
    if (!isObject(next) || chain.includes(next)) continue
    chain.push(next)
    for (const link of links) {
      const inner = read(next, link)
      if (isObject(inner) && (!ambiguous.has(link) || has(inner, 'stack'))) waiting.push(inner)
    }
    waiting.push(...readList(read(next, 'errors'), mostLinks))
  }
  return chain
}
