/** A request of the check, as text. */

export interface CheckRequest {
  readonly method: string
  /** With its query, percent-encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Methods that Fastify expects a body of. */
export const takesBody = (method: string): boolean => !['GET', 'HEAD', 'TRACE'].includes(method)

export const json: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/**
 * @param more headers that each request has; those of the request win
 * @returns the bytes of it; its `content-length` fits unless it says another
 */
export function textOf ({ method, path, headers = {}, body }: CheckRequest, more: Readonly<Record<string, string>>): string {
  const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return `${method} ${path} HTTP/1.1\r\n${linesOf({ ...more, ...length, ...headers, connection: 'close' })}\r\n${body ?? ''}`
}

export function linesOf (headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
