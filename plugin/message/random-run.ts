/** A secret without a name or a known beginning: a long run that looks like nothing that people or programs write. */
import { alphanumeric, joint, kindAt, link, lower, slash } from './characters.js'
import type { Scan } from './scan.js'
import { isRandom } from './secret-values.js'

/** The least length of what is a secret for its looks alone: ids of requests, messages and files are shorter. */
export const leastLength = 30

/** The longest id behind a small word: `chatcmpl-9xYz…`, `req_011Cduf…`. */
const longestId = 34

/** The least of the longest chunk: the parts of a path or of a model's name are shorter, those of a key are not. */
const leastChunk = 10

/** A part of a path, a name, a version: what a key is not made of. */
const isPlain = /^(?:[A-Z]?[a-z]{3,}(?:[A-Z][a-z]+){0,6}|[A-Z]{3,}|\d{1,8}|v\d+)$/

/** Looks at a run with what Base64 joins to it by + and /, once for all its runs. */
export function randomRun (scan: Scan, begins: number, ends: number): number | undefined {
  if (begins < scan.plainUntil) return undefined
  const isJoined = joins(scan.text.charCodeAt(ends))
  if (!isJoined && (ends - begins < leastLength || (scan.kinds & alphanumeric) !== alphanumeric)) return undefined
  let last = ends
  while (joins(scan.text.charCodeAt(last)) && (kindAt(scan.text, last + 1) & (alphanumeric | joint)) !== 0) {
    last = scan.endOf(alphanumeric | joint, last + 1)
  }
  scan.plainUntil = last
  if (last - begins < leastLength) return undefined
  let group = begins
  for (let at = begins; at < last;) {
    const next = scan.endOf(alphanumeric, at)
    if (next - at < 40 && isPlain.test(scan.text.slice(at, next))) {
      const found = secretGroup(scan, group, at)
      if (found !== undefined) return found
      group = next
    }
    at = next + 1
  }
  return secretGroup(scan, group, last)
}

/** True for `+` and `/`. */
function joins (code: number): boolean {
  return code === slash || code === 0x2b
}

/** How much of a group is looked at around its longest chunk. */
const sample = 256

/** Takes a group of chunks that are not plain, if together they are random. */
function secretGroup (scan: Scan, from: number, to: number): number | undefined {
  if (to - from < leastLength) return undefined
  let first = to
  let longest = from
  let length = 0
  for (let at = from; at < to;) {
    const next = scan.endOf(alphanumeric, at)
    if (next > at) first = Math.min(first, at)
    if (next - at > length) {
      longest = at
      length = next - at
    }
    at = next + 1
  }
  const looked = scan.text.slice(Math.max(first, longest - sample), Math.min(to, longest + sample)).replace(/[^A-Za-z0-9]+/g, '')
  if (length < leastChunk || looked.length < leastLength || !isRandom(looked)) return undefined
  if (looked.length === length && length <= longestId && isBehindWord(scan.text, longest)) return undefined
  return scan.take(first, scan.text[to] === '=' ? scan.endOf(link, to, 2) : to)
}

function isBehindWord (text: string, at: number): boolean {
  return (kindAt(text, at - 1) & joint) !== 0 && (kindAt(text, at - 2) & lower) !== 0
}
