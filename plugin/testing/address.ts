/** From a route's pattern to addresses that may lead to it. Whether one does, the server is asked. */

/** `:name`, with the expression that limits it (which may have groups) and the mark of one that may be left out. */
const parameter = /:[^/:().-]+(?:\((?:[^()]|\([^()]*\))*\))?\??/g

/** Values that parameters tend to take: numbers, words, dates, uuids. */
export const likelyValues = ['1', 'a', '2024-01-01', '00000000-0000-4000-8000-000000000000']

/** The names of a route's parameters, that of a wildcard last. */
export function parametersOf (url: string): string[] {
  const names = [...parts(url).matchAll(parameter)].map(([written]) => /^:([^(?]+)/.exec(written)![1]!)
  return parts(url).replace(parameter, '').endsWith('*') ? [...names, '*'] : names
}

/**
 * @param url a pattern, `/projects/:id/files/*`
 * @param valueOf the value of a parameter by its name
 */
export function addressOf (url: string, valueOf: (name: string) => string): string {
  let index = 0
  const names = parametersOf(url)
  return parts(url)
    .replace(parameter, () => encodeURIComponent(valueOf(names[index++]!)))
    .replaceAll('*', () => encodeURIComponent(valueOf('*')))
    .replaceAll(colon, ':')
}

/** Stands for a colon that begins no parameter, which patterns double. */
const colon = '\u0000'

function parts (url: string): string {
  return url.replaceAll('::', colon)
}
