/** Secrets that are known by their frame: PEM blocks, data URLs, the user information of URLs. */
import { colon, dash, kindAt, slash, urlEnd } from './characters.js'
import type { Scan } from './scan.js'

/** The first line of a PEM block with the beginning of what follows; a message that only names the line has no such thing. */
const pemBegins = /-{4,5} ?BEGIN [A-Z0-9 ]{1,48}-{4,5}[\s"'+,]{0,16}(?:[A-Za-z0-9+/=*.…]{16}|[A-Z][A-Za-z-]{3,16}:)/y

const pemEnds = /---END [A-Z0-9 ]{1,48}-{0,5}/y

/** Takes a PEM block; where its end is cut off, all that is left. */
export function pemBlock (scan: Scan, begins: number): number | undefined {
  if (scan.text.charCodeAt(begins) !== dash || !scan.text.startsWith('----', begins)) return undefined
  const found = scan.match(pemBegins, begins)
  if (found === null) return undefined
  const last = scan.find('---END ', begins)
  return scan.take(begins, last + (scan.match(pemEnds, last)?.[0].length ?? 0))
}

/** The head of a data URL whose data is Base64. */
const dataHead = /data:[\w+./-]{0,64}(?:;[\w=.-]{1,64}){0,4};base64,/iy

/** A line of Base64 behind another. */
const nextLine = /\r?\n(?=[A-Za-z0-9+/]{16})/y

/** The least data that is taken out: shorter ones are examples. */
const leastData = 16

export function dataUrl (scan: Scan, begins: number, ends: number): number | undefined {
  if (scan.text.charCodeAt(ends) !== colon || ends - begins < 4) return undefined
  const head = scan.match(dataHead, ends - 4)
  if (head === null) return undefined
  const from = ends - 4 + head[0].length
  let to = scan.endOfToken(from)
  for (let next = scan.match(nextLine, to); next !== null; next = scan.match(nextLine, to)) to = scan.endOfToken(to + next[0].length)
  return to - from < leastData ? undefined : scan.take(from, to)
}

/** Takes the user information of a URL from behind its `//`, up to the last `@` that may end it. */
export function userInformation (scan: Scan, at: number): number | undefined {
  if (!scan.text.startsWith('//', at) || at < scan.hostsUntil) return undefined
  const begins = at + 2
  const { authority, ends } = addressAt(scan, begins)
  scan.hostsUntil = ends
  const address = scan.text.slice(begins, ends)
  const host = address.slice(0, authority - begins)
  const separator = host.indexOf(':')
  const first = host.indexOf('@')
  // a password may have what ends a host: then what seems to be a port is no number
  const isBroken = first === -1 && separator > 0 && !/^\d{1,5}$/.test(host.slice(separator + 1)) && !host.startsWith('[')
  if (first === -1 && !isBroken) return undefined
  const query = isBroken ? -1 : address.indexOf('?', host.length)
  const possible = separator === -1 || (first !== -1 && separator > first) ? host : query === -1 ? address : address.slice(0, query)
  const last = lastAt(possible)
  return last <= 0 ? undefined : scan.take(begins, begins + last)
}

/** Finds the end of a URL, and of its host with what stands before it. */
function addressAt (scan: Scan, begins: number): { authority: number, ends: number } {
  const ends = scan.nextOf(urlEnd, begins)
  let authority = begins
  while (authority < ends && !isPathBegin(scan.text.charCodeAt(authority))) authority++
  scan.steps += authority - begins
  return { authority, ends }
}

/** True for `/`, `?` and `#`. */
function isPathBegin (code: number): boolean {
  return code === slash || code === 0x3f || code === 0x23
}

/** The last `@` that is not the beginning of a part of a path, as that of `/@scope` is. */
function lastAt (text: string): number {
  for (let at = text.lastIndexOf('@'); at > 0; at = text.lastIndexOf('@', at - 1)) if (text[at - 1] !== '/') return at
  return -1
}

/** A user and a password without a scheme, by the port behind the host or the network around it: `app:secret@db:5432`. */
const login = /(?::(?!\/\/)|\/)[^\s@"'`<>]{1,128}@(?:[\w.-]{1,128}:\d{2,5}(?![\w.])|(?:tcp|udp|unix)\()/iy

/** The option of a command. */
const userOption = /(?:-u|--user|--proxy-user)[ =]["']?(?=[\w.@-]{1,64}:[^\s"']{2})/y

/** Takes user information that no URL holds. */
export function userWithoutUrl (scan: Scan, begins: number, ends: number): number | undefined {
  const option = scan.text.charCodeAt(begins) === dash ? scan.match(userOption, begins) : null
  if (option !== null) {
    const from = begins + option[0].length
    return scan.take(from, addressAt(scan, from).ends)
  }
  const next = scan.text.charCodeAt(ends)
  if ((next !== colon && next !== slash) || begins < scan.loginsUntil || (kindAt(scan.text, ends + 1) & urlEnd) !== 0) return undefined
  const found = scan.match(login, ends)
  if (found === null) {
    scan.loginsUntil = ends + scan.match(noUser, ends)![0].length // the separator at least
    return undefined
  }
  return scan.take(begins, ends + found[0].indexOf('@'))
}

/** What was looked through for the end of a password. */
const noUser = /[^\s@"'`<>]{1,64}/y

/** What HTTP clients say of a header's value that they refuse. */
const refused = '" is an invalid header value'

/** Takes what an HTTP client quotes of a header that it refuses. */
export function refusedHeader (scan: Scan, at: number): number | undefined {
  if (scan.refusedAt === -1 || scan.text[at] !== '"') return undefined
  if (scan.refusedAt < at) scan.refusedAt = scan.text.indexOf(refused, at)
  return scan.refusedAt !== -1 && scan.endOfQuoted(at + 1) === scan.refusedAt ? scan.take(at + 1, scan.refusedAt) : undefined
}
