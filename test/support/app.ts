/** A Fastify app with the plugin, its log in hand. */
import { EventEmitter, once } from 'node:events'
import type { Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Answer } from './wire.js'
import humanloopErrors, { type HumanloopErrorsOptions } from '../../plugin/index.js'

export interface LogLine { level: number, msg: string, err?: Record<string, any>, [field: string]: unknown }

export const levels = { info: 30, warn: 40, error: 50 } as const

/** A log that is kept, and can be waited for. */
export class Log {
  readonly all: LogLine[] = []
  readonly #written = new EventEmitter()

  /** Options for Fastify's `logger`. */
  get logger (): { level: string, stream: { write: (line: string) => void } } {
    const write = (text: string): void => {
      const line: LogLine = JSON.parse(text)
      this.all.push(line)
      this.#written.emit(line.msg, line)
      this.#written.emit('any line')
    }
    return { level: 'info', stream: { write } }
  }

  /** The next line with this message. */
  async next (msg: string): Promise<LogLine> {
    const [line] = await once(this.#written, msg)
    return line
  }

  /** The next line, whatever it says. */
  async any (): Promise<void> {
    await once(this.#written, 'any line')
  }

  /** The lines about answers: without Fastify's own two lines a request, and those of the start. */
  get lines (): LogLine[] {
    return this.all.filter(({ msg }) => !/^(?:incoming request|request completed|Server listening|humanloopErrors: bad URLs)/.test(msg))
  }

  toString (): string {
    return JSON.stringify(this.all)
  }
}

/**
 * @param routes adds routes, after the plugin was registered
 * @returns the app, ready, and its log
 */
export async function appWith (
  t: { teardown: (close: () => Promise<void>) => void },
  routes: (app: FastifyInstance) => void | Promise<void>,
  options: HumanloopErrorsOptions = {},
  server: FastifyServerOptions = {}
): Promise<{ app: FastifyInstance, log: Log }> {
  const log = new Log()
  const app: FastifyInstance = Fastify({ logger: log.logger, ...server })
  t.teardown(async () => app.close())
  await app.register(humanloopErrors, options)
  await routes(app)
  await app.ready()
  return { app, log }
}

/** The body that the contract wants. */
export function envelope (code: number, message: string, origin = 'Humanloop'): object {
  return { detail: { type: types[code], message, code, origin } }
}

/** Written out, not taken from the table: what callers rely on. */
const types: Readonly<Record<number, string>> = {
  400: 'bad_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  422: 'unprocessable_entity_error',
  429: 'rate_limit_error',
  500: 'unknown_error',
  503: 'service_unavailable_error',
  504: 'timeout_error',
  529: 'overloaded_error'
}

export const meanings: Readonly<Record<number, string>> = {
  400: 'The request was improperly formatted or presented.',
  401: 'The API key is incorrect or missing, or the user has no right to the resource.',
  404: 'The requested resource could not be located.',
  422: 'Properly formatted, but with invalid instructions, or not matching the fields that the endpoint requires.',
  429: 'More requests than allowed in a period of time.',
  500: 'An unexpected issue occurred on the server.',
  503: 'The service is temporarily overloaded: try again.',
  504: 'The server did not respond in time.',
  529: 'The server is overloaded and cannot process the request.'
}

/** The status lines of the nine, as RFC 9110 has them; 529 has its title. */
const statusLines: Readonly<Record<number, string>> = {
  400: 'HTTP/1.1 400 Bad Request',
  401: 'HTTP/1.1 401 Unauthorized',
  404: 'HTTP/1.1 404 Not Found',
  422: 'HTTP/1.1 422 Unprocessable Entity',
  429: 'HTTP/1.1 429 Too Many Requests',
  500: 'HTTP/1.1 500 Internal Server Error',
  503: 'HTTP/1.1 503 Service Unavailable',
  504: 'HTTP/1.1 504 Gateway Timeout',
  529: 'HTTP/1.1 529 Overloaded'
}

/** Headers that describe the answer that failed. */
const gone = ['etag', 'last-modified', 'expires', 'content-disposition', 'content-range', 'accept-ranges', 'transfer-encoding'] as const

/** Status line, headers and whole body are those of the contract. */
export function isContract (t: Test, answer: Answer | undefined, code: number, message: string, what = '', origin = 'Humanloop'): void {
  if (answer === undefined) throw new Error(`${what}: there is no answer`)
  const { statusLine = statusLines[code], status, headers, body } = answer
  t.same({
    statusLine,
    status,
    body,
    type: headers['content-type'],
    cache: headers['cache-control'],
    length: headers['content-length'],
    gone: gone.filter(name => name in headers)
  }, {
    statusLine: statusLines[code],
    status: code,
    body: JSON.stringify(envelope(code, message, origin)),
    type: 'application/json; charset=utf-8',
    cache: 'no-store',
    length: String(Buffer.byteLength(body)),
    gone: []
  }, what)
}
