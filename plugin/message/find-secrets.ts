/** Finds the secrets in a text: one walk from run to run, each run shown to the rules in turn. */
import { afterRun, alphanumeric, digit, initial, joint, kindAt, letter, mask, opening, run } from './characters.js'
import { beginsKnown, knownKey, type KeyTable } from './known-keys.js'
import { namedSecret } from './named-secret.js'
import { quotedRequest } from './quoted-request.js'
import { leastLength, randomRun } from './random-run.js'
import { credential } from './authorization.js'
import type { Readable } from './readable.js'
import { Scan } from './scan.js'
import { dataUrl, pemBlock, refusedHeader, userInformation, userWithoutUrl } from './wholes.js'

export function findSecrets (readable: Readable): Scan {
  const scan = new Scan(readable)
  const { text } = scan
  for (let at = 0; at < text.length;) {
    const kind = kindAt(text, at)
    if ((kind & run) !== 0) at = pastRun(scan, at)
    else if ((kind & opening) === 0) at++
    else at = userInformation(scan, at) ?? refusedHeader(scan, at) ?? quotedRequest(scan, at) ?? at + 1
    scan.steps++
  }
  return scan
}

/** Shows a run to the rules: each tells where a secret ends that the run begins or names, or nothing; what it found is taken. */
function pastRun (scan: Scan, begins: number): number {
  const ends = scan.endOfRun(begins)
  if (isPlain(scan, begins, ends)) return ends
  return pemBlock(scan, begins) ?? dataUrl(scan, begins, ends) ?? knownKeyIn(scan, begins, ends) ?? quotedRequest(scan, begins) ??
    namedSecret(scan, begins, ends) ?? credential(scan, begins, ends) ?? userWithoutUrl(scan, begins, ends) ??
    maskedKey(scan, begins, ends) ?? randomRun(scan, begins, ends) ?? ends
}

/** True for a word or a number that no rule has anything to say of; most runs of a message are so. */
function isPlain (scan: Scan, begins: number, ends: number): boolean {
  const { kinds, names, text } = scan
  return (kinds & ~(alphanumeric | initial)) === 0 && names === undefined && (kindAt(text, begins) & initial) === 0 &&
    (kindAt(text, ends) & afterRun) === 0 && ends - begins < leastLength && !beginsKnown(text, begins)
}

/** A key that begins with a run, or within it behind a joint. */
export function knownKeyIn (scan: Scan, begins: number, ends: number, keys?: KeyTable): number | undefined {
  const whole = knownKey(scan, begins, keys)
  if (whole !== undefined || (scan.kinds & joint) === 0) return whole
  scan.steps += ends - begins
  for (let at = begins + 1; at < ends - leastKey; at++) {
    if ((kindAt(scan.text, at - 1) & joint) === 0 || !beginsKnown(scan.text, at, keys) || !scan.hasKeyChunk(at)) continue
    const key = knownKey(scan, at, keys)
    if (key !== undefined) return key
  }
  return undefined
}

/** The least length of a key within a run. */
const leastKey = 8

/** The least number of masks in a row. */
const leastMasks = 3

/** A key of unknown shape that is shown in part: `na***ys`, `••••wxyz`. */
function maskedKey (scan: Scan, begins: number, ends: number): number | undefined {
  if ((scan.kinds & mask) === 0) return undefined
  let most = 0
  let masks = 0
  let shown = 0
  scan.steps += ends - begins
  for (let at = begins; at < ends; at++) {
    const kind = kindAt(scan.text, at)
    masks = (kind & mask) === 0 ? 0 : masks + 1
    most = Math.max(most, masks)
    shown |= kind & (letter | digit)
  }
  return most >= leastMasks && shown !== 0 ? scan.take(begins, ends) : undefined
}
