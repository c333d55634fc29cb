/** The same request over a raw HTTP/1.1 connection, over HTTP/2 and through `inject()`. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { serverOptions, type HumanloopErrorsOptions } from '../../plugin/index.js'
import { Log } from './app.js'
import { request as requestText, Wire, type Answer } from './wire.js'

export interface Request {
  readonly method?: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Setup {
  /** Declares the routes, after the plugin was registered. */
  readonly routes: (app: FastifyInstance) => unknown
  readonly plugin?: HumanloopErrorsOptions
  readonly server?: FastifyServerOptions
  /** What becomes of raw responses. */
  readonly hijacked?: 'leave' | 'contract'
  /** Registers what comes before the plugin. */
  readonly before?: (app: FastifyInstance) => unknown
}

/** Asks one app: `ask` gives the answer to a request. */
export interface Asked { readonly ask: (request: Request) => Promise<Answer>, readonly app: FastifyInstance, readonly log: Log }

async function appOf (
  t: Test, { routes, plugin = {}, server = {}, hijacked = 'leave', before }: Setup, more: object
): Promise<{ app: FastifyInstance, log: Log }> {
  const log = new Log()
  const app = Fastify(serverOptions({ logger: log.logger, ...server, ...more }, { hijacked })) as unknown as FastifyInstance
  t.teardown(async () => app.close())
  await before?.(app)
  await app.register(humanloopErrors, plugin)
  app.get('/in-step', async () => 'in step')
  await routes(app)
  return { app, log }
}

function textOf (bytes: Buffer, headers: object): string {
  return bytes.toString('content-encoding' in headers ? 'latin1' : 'utf8')
}

export async function listening (app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

export const transports: Readonly<Record<string, (t: Test, setup: Setup) => Promise<Asked>>> = {
  'HTTP/1.1': async (t, setup) => {
    const { app, log } = await appOf(t, setup, {})
    const port = await listening(app)
    return {
      app,
      log,
      async ask ({ method = 'GET', url, headers, body }) {
        const wire = await Wire.to(port)
        const answer = await wire.write(requestText(method, url, headers, body)).answer(method)
        // the connection stays in step: the next request on it is answered as it should be
        if (answer?.headers.connection !== 'close') {
          t.equal((await wire.write(requestText('GET', '/in-step')).answer())?.body, 'in step', `${method} ${url}: the next request`)
        }
        wire.close()
        return answer!
      }
    }
  },
  'HTTP/2': async (t, setup) => {
    const { app, log } = await appOf(t, setup, { http2: true })
    const session = connect(`http://127.0.0.1:${await listening(app)}`)
    t.teardown(async () => { session.close() })
    return {
      app,
      log,
      async ask ({ method = 'GET', url, headers, body }) {
        const stream = session.request({ ':method': method, ':path': url, ...headers })
        stream.end(body)
        const [{ ':status': status, ...fields }] = await once(stream, 'response')
        return { status, headers: { ...fields }, body: textOf(Buffer.concat(await stream.toArray()), fields) }
      }
    }
  },
  inject: async (t, setup) => {
    const { app, log } = await appOf(t, setup, {})
    return {
      app,
      log,
      async ask ({ method = 'GET', url, headers, body }) {
        const { statusCode: status, headers: fields, rawPayload } = await app.inject({
          method: method as 'GET', url, headers: headers ?? {}, ...body !== undefined && { payload: body }
        })
        return { status, headers: fields as Record<string, string>, body: textOf(rawPayload, fields) }
      }
    }
  }
}
