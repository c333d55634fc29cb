/** Handlers that throw, reject, or send an error. */
import { setImmediate } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import OpenAI from 'openai'
import { NotFoundError, RateLimitError, ServiceUnavailableError } from '../../plugin/index.js'
import { key, secret, type Expected, type Handler } from './handler.js'

const unknown: Expected = { is: 'thrown', code: 500 }
const notFound: Expected = { is: 'thrown', code: 404 }

const withStatus = (statusCode: number): Error => Object.assign(new Error(`Status ${statusCode}.`), { statusCode })

const unreadable: ProxyHandler<object> = Object.fromEntries(
  [
    'get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'isExtensible'
  ].map(trap => [trap, () => { throw new Error('unreadable') }]))

function axiosError (): AxiosError {
  const config: InternalAxiosRequestConfig = {
    url: 'http://accounts.internal/7', headers: new AxiosHeaders({ authorization: `Bearer ${key}` }), data: { prompt: secret }
  }
  return new AxiosError('Request failed with status code 404', 'ERR_BAD_REQUEST', config, {}, {
    status: 404, statusText: 'Not Found', headers: { 'set-cookie': ['session=inner'] }, config, data: { message: secret }
  })
}

/** Each is thrown at once, after a turn of the event loop, and sent. */
const values: ReadonlyArray<readonly [name: string, value: () => unknown, expects: Expected]> = [
  ['an Error', () => new Error(secret), unknown],
  ['an Error with a key in it', () => new Error(`no such key: ${key}`), unknown],
  ['an Error of status 404', () => withStatus(404), notFound],
  ['an Error of status 418', () => withStatus(418), { is: 'thrown', code: 400 }],
  ['an Error of status 200', () => withStatus(200), unknown],
  ['a NotFoundError', () => new NotFoundError('There is no such model.'), notFound],
  ['a RateLimitError', () => new RateLimitError('Later.', { retryAfter: 3 }), { is: 'thrown', code: 429 }],
  [
    'a ServiceUnavailableError of Groq', () => new ServiceUnavailableError('Down.', { origin: 'Groq', headers: { etag: '"1"', te: 'x' } }),
    { is: 'thrown', code: 503 }
  ],
  [
    'OpenAI’s 429',
    () => new OpenAI.RateLimitError(
      429, { message: 'Rate limit reached.', code: 'rate_limit_exceeded' }, undefined, new Headers({ 'retry-after': '2' })
    ),
    { is: 'thrown', code: 429 }
  ],
  [
    'OpenAI’s 401 with a key in it',
    () => new OpenAI.AuthenticationError(
      401, { message: `Incorrect API key provided: ${key}.`, code: 'invalid_api_key' }, undefined, new Headers()
    ),
    { is: 'thrown', code: 401 }
  ],
  [
    'Anthropic’s 529',
    () => Anthropic.APIError.generate(
      529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, undefined, new Headers({ 'set-cookie': 'a=b' })
    ),
    { is: 'thrown', code: 529 }
  ],
  ['an AxiosError with a key in its configuration', axiosError, unknown],
  ['a frozen Error', () => Object.freeze(withStatus(404)), notFound]
]

/** What cannot be sent as an error, as it is none for Fastify. */
const others: ReadonlyArray<readonly [name: string, value: unknown]> = [
  ['a string', secret],
  ['null', null],
  ['undefined', undefined],
  ['a number', 42],
  ['a symbol', Symbol('x')],
  ['an object', { message: secret }],
  ['a proxy that cannot be read', new Proxy({}, unreadable)],
  ['a proxy of an error that cannot be read', new Proxy(new Error('x'), unreadable)]
]

export const thrownHandlers: readonly Handler[] = [
  ...values.flatMap(([name, value, expects]): Handler[] => [
    { name: `throws ${name}`, expects, run: () => { throw value() } },
    { name: `rejects with ${name} after a turn`, expects, run: async () => { await setImmediate(); throw value() } },
    { name: `sends ${name}`, expects, run: (_request, reply) => { reply.send(value()) } }
  ]),
  ...others.map(([name, value]): Handler => ({ name: `rejects with ${name}`, expects: unknown, run: async () => { throw value } })),
  { name: 'throws a string', expects: unknown, run: () => { const text: unknown = secret; throw text } },
  { name: 'returns an Error', expects: unknown, run: async () => new Error(secret) },
  {
    name: 'sends an Error in an async handler, without return',
    expects: notFound,
    run: async (_request, reply) => { reply.send(withStatus(404)) }
  },
  {
    name: 'sends an Error later',
    expects: notFound,
    run: async (_request, reply) => { await setImmediate(); reply.send(withStatus(404)); return reply }
  },
  {
    name: 'sets 418 and throws',
    expects: { is: 'thrown', code: 400 },
    run: async (_request, reply) => { reply.code(418); throw new Error('I am a teapot.') }
  },
  {
    name: 'sets 404 and throws a TypeError',
    expects: notFound,
    run: async (_request, reply) => { reply.code(404); throw new TypeError(secret) }
  },
  {
    name: 'sets headers of a content and throws',
    expects: unknown,
    run: async (_request, reply) => {
      reply.headers({
        etag: '"1"',
        'content-disposition': 'attachment',
        'content-encoding': 'gzip',
        'transfer-encoding': 'chunked',
        'content-length': 7,
        'last-modified': 'x'
      })
      throw new Error(secret)
    }
  },
  {
    name: 'sets an illegal header and throws',
    expects: unknown,
    run: async (_request, reply) => { reply.header('x-odd', 'a\nb'); throw new Error(secret) }
  },
  {
    name: 'sets a trailer and throws',
    expects: unknown,
    run: async (_request, reply) => { reply.trailer('etag', (_reply, _payload, done) => { done(null, 'x') }); throw new Error(secret) }
  },
  {
    name: 'rejects with a Response of status 404',
    expects: { is: 'either', codes: [404, 500] },
    run: async () => { throw new Response('{"message":"Gone."}', { status: 404 }) }
  },
  { name: 'calls callNotFound', expects: notFound, run: (_request, reply) => { reply.callNotFound() } }
]
