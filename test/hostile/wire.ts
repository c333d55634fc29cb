/** HTTP/1.1 as a strict client reads it: every byte of a connection belongs to a response, or it is a violation. */

export interface Response {
  readonly status: number
  readonly reason: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** True if the body is all there. */
  readonly isWhole: boolean
}

export interface Conversation {
  /** One for each final head. */
  readonly responses: readonly Response[]
  /** Breaks of RFC 9112. */
  readonly violations: readonly string[]
}

interface Body { readonly bytes: Buffer, readonly length: number, readonly isWhole: boolean }

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/

/** Fields of which a response has one. */
const singular = new Set([
  'content-length', 'content-type', 'transfer-encoding', 'date', 'etag', 'retry-after', 'x-request-id', 'cache-control'
])

/**
 * Reads all that came over a connection.
 *
 * @param methods of the requests, in their order
 * @param hasEnded true if the server has closed the connection
 */
export function readConversation (bytes: Buffer, methods: readonly string[], hasEnded: boolean): Conversation {
  const responses: Response[] = []
  const violations: string[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) {
      if (!'HTTP/1.1 '.startsWith(rest.subarray(0, 9).toString('latin1'))) violations.push(`no head: ${excerpt(rest)}`)
      break // a head that is not all there
    }
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const [, code, reason = ''] = statusLine.exec(first) ?? []
    if (code === undefined) {
      violations.push(`no head: ${excerpt(rest)}`)
      break
    }
    const status = Number(code)
    const headers = fieldsOf(lines, violations)
    rest = rest.subarray(end + 4)
    if (status < 200) continue // an interim response
    if (responses.at(-1)?.headers.connection === 'close') violations.push('a head after connection: close')
    const body = bodyOf(rest, methods[responses.length] ?? 'GET', status, headers, hasEnded, violations)
    responses.push({ status, reason, headers, body: body.bytes, isWhole: body.isWhole })
    if (!body.isWhole) break
    rest = rest.subarray(body.length)
  }
  return { responses, violations }
}

function fieldsOf (lines: readonly string[], violations: string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value = ''] = fieldLine.exec(line) ?? []
    const field = name?.toLowerCase()
    if (field === undefined) violations.push(`no header: ${JSON.stringify(line)}`)
    else if (headers[field] === undefined) headers[field] = value
    else if (singular.has(field)) violations.push(`${field} twice: ${headers[field]}, ${value}`)
    else headers[field] += `, ${value}`
  }
  return headers
}

function bodyOf (
  rest: Buffer, method: string, status: number, headers: Readonly<Record<string, string>>, hasEnded: boolean, violations: string[]
): Body {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers
  if (length !== undefined && encoding !== undefined) violations.push(`${status}: content-length and transfer-encoding at once`)
  if (method === 'HEAD' || status === 204 || status === 304) return { bytes: rest.subarray(0, 0), length: 0, isWhole: true }
  if (encoding !== undefined) return chunksOf(rest, violations)
  if (length === undefined) { // until the connection ends
    if (headers.connection !== 'close') violations.push('a body without a length on a connection that goes on')
    return { bytes: rest, length: rest.length, isWhole: hasEnded }
  }
  const size = Number(length)
  return { bytes: rest.subarray(0, size), length: size, isWhole: rest.length >= size }
}

function chunksOf (rest: Buffer, violations: string[]): Body {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const line = rest.indexOf('\r\n', at)
    const size = line === -1 ? -1 : Number(`0x${rest.subarray(at, line).toString('latin1')}`)
    if (Number.isNaN(size)) violations.push(`no chunk: ${excerpt(rest.subarray(at))}`)
    if (line === -1 || Number.isNaN(size)) return { bytes: Buffer.concat(chunks), length: rest.length, isWhole: false }
    if (size === 0) {
      const end = rest.indexOf('\r\n\r\n', line) // trailers are lines like headers
      return { bytes: Buffer.concat(chunks), length: end + 4, isWhole: end !== -1 }
    }
    chunks.push(rest.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
    if (at <= rest.length && rest.subarray(at - 2, at).toString('latin1') !== '\r\n') {
      violations.push(`a chunk of another length: ${excerpt(rest.subarray(at - 2))}`)
    }
  }
}

function excerpt (bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 80).toString('latin1'))
}
