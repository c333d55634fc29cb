/** Redaction of keys that only one scope knows: those of the providers that its option adds. */
import { run } from './characters.js'
import { knownKeyIn } from './find-secrets.js'
import { keyTable } from './known-keys.js'
import { readable } from './readable.js'
import { Scan } from './scan.js'

/**
 * Makes the redaction of keys that begin in one of these ways.
 *
 * @param prefixes as in the column `keys` of a provider's row
 */
export function keyRedaction (prefixes: readonly string[]): (text: string) => string {
  const beginnings = prefixes.map(prefix => prefix.replace('*', ''))
  const keys = keyTable(prefixes)
  return text => beginnings.some(beginning => text.includes(beginning)) ? withoutKeys(text, keys) : text
}

function withoutKeys (text: string, keys: ReturnType<typeof keyTable>): string {
  const view = readable(text)
  const scan = new Scan(view)
  for (let at = 0; at < view.text.length;) {
    if ((scan.kind(at) & run) === 0) {
      at++
      continue
    }
    const ends = scan.endOfRun(at)
    at = knownKeyIn(scan, at, ends, keys) ?? ends
  }
  let clean = ''
  let shown = 0
  for (let index = 0; index < scan.found.length; index += 2) {
    clean += text.slice(shown, view.placeOf(scan.found[index]!)) + '[redacted]'
    shown = view.placeOf(scan.found[index + 1]!)
  }
  return clean + text.slice(shown)
}
