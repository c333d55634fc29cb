/** Finds the secrets in a text: one walk from run to run, each run shown to the rules in turn. */
import { digit, joint, letter, mask, run } from './characters.js'
import { knownKey, type KeyTable } from './known-keys.js'
import { namedSecret } from './named-secret.js'
import { quotedRequest } from './quoted-request.js'
import { randomRun } from './random-run.js'
import { credential } from './authorization.js'
import type { Readable } from './readable.js'
import { Scan } from './scan.js'
import { dataUrl, pemBlock, refusedHeader, userInformation, userWithoutUrl } from './wholes.js'

/** Tells where a secret ends that a run begins or names; undefined where it does not. What it found is taken. */
type Rule = (scan: Scan, begins: number, ends: number) => number | undefined

const rules: readonly Rule[] = [pemBlock, dataUrl, knownKeyIn, quotedRequest, namedSecret, credential, userWithoutUrl, maskedKey, randomRun]

export function findSecrets (readable: Readable): Scan {
  const scan = new Scan(readable)
  const { text } = scan
  for (let at = 0; at < text.length;) {
    if ((scan.kind(at) & run) === 0) {
      at = userInformation(scan, at) ?? refusedHeader(scan, at) ?? quotedRequest(scan, at) ?? at + 1
      continue
    }
    const ends = scan.endOfRun(at)
    let next: number | undefined
    for (const rule of rules) {
      next = rule(scan, at, ends)
      if (next !== undefined) break
    }
    at = next ?? ends
  }
  return scan
}

/** A key that begins with a run, or within it behind a joint. */
export function knownKeyIn (scan: Scan, begins: number, ends: number, keys?: KeyTable): number | undefined {
  const whole = knownKey(scan, begins, keys)
  if (whole !== undefined || (scan.kinds & joint) === 0) return whole
  for (let at = begins + 1; at < ends - leastKey; at++) {
    if ((scan.kind(at - 1) & joint) === 0 || !scan.hasKeyChunk(at)) continue
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
  for (let at = begins; at < ends; at++) {
    const kind = scan.kind(at)
    masks = (kind & mask) === 0 ? 0 : masks + 1
    most = Math.max(most, masks)
    shown |= kind & (letter | digit)
  }
  return most >= leastMasks && shown !== 0 ? scan.take(begins, ends) : undefined
}
