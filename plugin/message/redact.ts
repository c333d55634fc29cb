/** Takes secrets out of a text before it reaches a response or a log. */
import { findSecrets } from './find-secrets.js'
import { readable } from './readable.js'

const placeholder = '[redacted]'

/** How far behind what is shown of a text secrets are looked for, so that none is cut in two. */
const margin = 1024

/**
 * Replaces secrets by `[redacted]`: what a name, a known beginning, a frame or its looks tell to be one; the names stay.
 * Requests that a message quotes go as well.
 *
 * @param text any text; the time taken is linear in its length
 */
export function redact (text: string): string {
  return redactStart(text, text.length)
}

/** Redacts the first `length` characters of a text; what it takes out of them is taken out whole. */
export function redactStart (text: string, length: number): string {
  const looked = text.slice(0, length + margin)
  const view = readable(looked)
  const { found } = findSecrets(view)
  let clean = ''
  let shown = 0
  for (let index = 0; index < found.length; index += 2) {
    const begins = view.placeOf(found[index]!)
    if (begins >= length) break
    clean += looked.slice(shown, begins) + placeholder
    shown = view.placeOf(found[index + 1]!)
  }
  return shown >= length ? clean : clean + looked.slice(shown, length)
}
