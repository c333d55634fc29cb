/** The contenders: what each server registers, and how its one route answers. */
import { Type } from '@sinclair/typebox'
import createError from '@fastify/error'
import sensible from '@fastify/sensible'
import type { FastifyInstance } from 'fastify'
import enhanced from 'fastify-http-errors-enhanced'
import fp from 'fastify-plugin'
import { TooManyRequestsError } from 'http-errors-enhanced'
import humanloopErrors, { RateLimitError, serverOptions } from '../plugin/index.js'
import { streams } from './stream-contenders.js'

export interface Contender {
  readonly name: string
  /** The status of every answer; another one fails the benchmark. */
  readonly status: number
  /** What the route does, for the report. */
  readonly does: string
  /** Requests under way on each connection, where it is not as many as usual. */
  readonly pipelining?: number
  /** Makes options of Fastify's constructor of the given ones. */
  readonly server?: (options: object) => object
  /** Registers what the contender needs, and its route `/`. */
  readonly build: (app: FastifyInstance) => Promise<void>
}

const message = 'Rate limit reached.'

/** As many fields as the contract's body, with values as long. */
const success = { detail: { type: 'completion_result', message: 'Request completed.', code: 200, origin: 'Humanloop' } }

const successSchema = Type.Object({
  detail: Type.Object({ type: Type.String(), message: Type.String(), code: Type.Number(), origin: Type.String() })
})

const prebuilt = JSON.stringify({ detail: { type: 'rate_limit_error', message, code: 429, origin: 'Humanloop' } })

const TooMany = createError('TOO_MANY', message, 429)

/** 4.3.0 declares Fastify 4, and 7.0.1 needs Node 22: the wrapper leaves that check out and changes nothing else. */
const enhancedErrors = fp((app, options, done) => enhanced(app, options, done), { name: 'fastify-http-errors-enhanced' })

/** The route that succeeds, the same with and without the plugin. */
function addSuccess (app: FastifyInstance): void {
  app.get('/', { schema: { response: { 200: successSchema } } }, async () => ({ detail: { ...success.detail } }))
}

export const contenders: readonly Contender[] = [
  {
    name: '200',
    status: 200,
    does: 'bare Fastify; returns an object, with a response schema',
    build: async app => { addSuccess(app) }
  },
  {
    name: '200 + plugin',
    status: 200,
    does: 'the same route with the plugin registered',
    build: async app => {
      await app.register(humanloopErrors)
      addSuccess(app)
    }
  },
  {
    name: '200 + everything',
    status: 200,
    does: "the same with the exits of `serverOptions(…, { hijacked: 'contract' })`",
    server: options => serverOptions(options, { hijacked: 'contract' }),
    build: async app => {
      await app.register(humanloopErrors)
      addSuccess(app)
    }
  },
  {
    name: '200 + plugin, detectOrigin',
    status: 200,
    does: 'the same with `detectOrigin: true`',
    build: async app => {
      await app.register(humanloopErrors, { detectOrigin: true })
      addSuccess(app)
    }
  },
  {
    name: 'prebuilt',
    status: 429,
    does: 'bare Fastify; sends a JSON string that was made beforehand',
    build: async app => {
      app.get('/', async (_request, reply) => {
        reply.code(429).header('content-type', 'application/json; charset=utf-8')
        return prebuilt
      })
    }
  },
  {
    name: 'plugin',
    status: 429,
    does: '`throw new RateLimitError(message, { retryAfter: 7 })`',
    build: async app => {
      await app.register(humanloopErrors)
      app.get('/', async () => { throw new RateLimitError(message, { retryAfter: 7 }) })
    }
  },
  {
    name: 'fastify',
    status: 429,
    does: "Fastify's default error handler; throws an `Error` with `statusCode: 429`",
    build: async app => {
      app.get('/', async () => { throw Object.assign(new Error(message), { statusCode: 429 }) })
    }
  },
  {
    name: '@fastify/sensible',
    status: 429,
    does: '`throw app.httpErrors.tooManyRequests(message)`',
    build: async app => {
      await app.register(sensible)
      app.get('/', async () => { throw app.httpErrors.tooManyRequests(message) })
    }
  },
  {
    name: '@fastify/error',
    status: 429,
    does: "throws an error of `createError('TOO_MANY', message, 429)`, with its stack as by default",
    build: async app => {
      app.get('/', async () => { throw new TooMany() })
    }
  },
  {
    name: 'fastify-http-errors-enhanced',
    status: 429,
    does: 'its plugin registered; `throw new TooManyRequestsError(message)`',
    build: async app => {
      await app.register(enhancedErrors)
      app.get('/', async () => { throw new TooManyRequestsError(message) })
    }
  }
]

export function contenderNamed (name: string | undefined): Contender {
  const found = [...contenders, ...streams].find(contender => contender.name === name)
  if (found === undefined) throw new RangeError(`there is no contender '${name}'`)
  return found
}
