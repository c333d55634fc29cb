/** The path of a request as a log line shows it. */
import { redactStart } from '../message/redact.js'

/** The longest path that is shown, in UTF-16 code units. */
const longestPath = 200

/** Without its query, which may hold what is no one else's business, and without secrets. */
export function shownPath (url: string): string {
  return redactStart(url.split('?', 1)[0]!, longestPath).slice(0, longestPath)
}
