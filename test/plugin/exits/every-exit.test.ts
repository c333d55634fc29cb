/** Given one error, whichever way it leaves: the same status, headers, message, log line and `onError`. */
import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { FastifyReply } from 'fastify'
import {
  AuthenticationError, NotFoundError, RateLimitError, serverOptions, ServiceUnavailableError, UnknownError, type ContractError,
  type HumanloopErrorsOptions
} from '../../../plugin/index.js'
import { appWith, envelope, isContract, levels } from '../../support/app.js'
import { listening, transports } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const key = 'sk-abcdef1234567890abcdef'

interface Case {
  readonly make: (message: string) => ContractError
  /** As the code says it. */
  readonly message: string
  /** As it leaves: `[user]` by the app's own redaction, `[redacted]` by ours. */
  readonly shown: string
  readonly level: number
}

const cases: readonly Case[] = [
  {
    make: message => new AuthenticationError(message),
    message: `Ada's key ${key} is wrong.`,
    shown: "[user]'s key [redacted] is wrong.",
    level: levels.info
  },
  { make: message => new NotFoundError(message), message: 'Ada has no project 7.', shown: '[user] has no project 7.', level: levels.info },
  { make: message => new UnknownError(message), message: 'Ada was too much.', shown: '[user] was too much.', level: levels.error },
  {
    make: message => new RateLimitError(message, { origin: 'openai' }),
    message: `Slow down, ${key}.`,
    shown: 'Slow down, [redacted].',
    level: levels.warn
  },
  { make: message => new ServiceUnavailableError(message, { origin: 'Anthropic' }), message: 'Away.', shown: 'Away.', level: levels.warn }
]

interface Exit {
  readonly handler: (reply: FastifyReply, error: ContractError, body: object) => unknown
  readonly route?: object
  /** How `onError` is told of it. */
  readonly isSent?: true
}

async function * failing (error: Error): AsyncGenerator<string> { throw error }

const exits: Readonly<Record<string, Exit>> = {
  thrown: { handler: (_reply, error) => { throw error } },
  rejected: { handler: async (_reply, error) => { await setImmediate(); throw error } },
  'sent as an error': { handler: (reply, error) => { reply.send(error) } },
  'past hooks that fail': {
    handler: async (_reply, error) => { throw error }, route: { onSend: async () => { throw new Error('a hook') } }
  },
  'before the first event of a stream': { handler: (reply, error) => reply.sendEvents(failing(error)) },
  'sent by hand in the contract’s shape': { handler: (reply, _error, body) => { reply.send(body) }, isSent: true },
  'the same as text': { handler: (reply, _error, body) => { reply.type('application/json').send(JSON.stringify(body)) }, isSent: true },
  'the same as a stream': { handler: (reply, _error, body) => { reply.send(Readable.from([JSON.stringify(body)])) }, isSent: true },
  'the same as a Response': { handler: async (reply, _error, body) => Response.json(body, { status: reply.statusCode }), isSent: true },
  'the same, raw': {
    handler: (reply, _error, body) => { reply.hijack().raw.writeHead(reply.statusCode).end(JSON.stringify(body)) }, isSent: true
  }
}

const options = (told: unknown[]): HumanloopErrorsOptions => ({
  authenticate: 'Bearer',
  redact: text => text.replaceAll('Ada', '[user]'),
  onError: (error, request, happened) => {
    told.push([error.detail, request.id, happened.begun, 'sentStatus' in happened && happened.sentStatus])
  }
})

for (const name of ['HTTP/1.1', 'HTTP/2'] as const) {
  t.test(name, async t => {
    const told: unknown[] = []
    const { ask, log } = await transports[name]!(t, {
      plugin: options(told),
      hijacked: 'contract',
      routes: app => {
        for (const [at, { handler, route }] of Object.values(exits).entries()) {
          for (const [index, { make, message }] of cases.entries()) {
            const error = make(message)
            const body = { detail: { ...error.detail, message } }
            const send = (_request: unknown, reply: FastifyReply): unknown => handler(reply.code(error.statusCode), error, body)
            app.get(`/${at}/${index}`, { ...route, handler: send })
          }
        }
      }
    })
    for (const [at, [exit, { isSent }]] of Object.entries(exits).entries()) {
      for (const [index, { make, message, shown, level }] of cases.entries()) {
        const what = `${exit}: ${message}`
        const { detail: { code, type, origin } } = make(message)
        told.length = 0
        const before = log.lines.length
        const answer = await ask({ url: `/${at}/${index}` })
        isContract(t, answer, code, shown, what, origin)
        const id = answer.headers['x-request-id']
        t.match(id, /^req-/, `${what}: x-request-id`)
        t.equal(answer.headers['www-authenticate'], code === 401 ? 'Bearer' : undefined, `${what}: www-authenticate`)
        const lines = log.lines.slice(before).filter(line => line.code === code)
        t.match(lines, [{ level, origin, type, code, msg: shown, reqId: id }], `${what}: log`)
        t.equal(lines.length, 1, `${what}: one line`)
        t.same(told, [[{ type, message: shown, code, origin }, id, false, isSent && code]], `${what}: onError`)
      }
    }
    t.notMatch(log.toString(), key)
  })
}

t.test('as the last frame of a stream', async t => {
  const told: unknown[] = []
  const { app, log } = await appWith(t, app => {
    for (const [index, { make, message }] of cases.entries()) {
      app.get(`/${index}`, (_request, reply) => reply.sendEvents(
        (async function * () { yield 'x'; throw make(message) })(), { dialect: 'humanloop' }
      ))
    }
  }, options(told))
  for (const [index, { make, message, shown, level }] of cases.entries()) {
    const { detail: { code, type, origin } } = make(message)
    const answer = await app.inject(`/${index}`)
    t.equal(answer.body, `data: x\n\nevent: error\ndata: ${JSON.stringify(envelope(code, shown, origin))}\n\n`)
    t.match(log.lines.at(-1), { level, origin, type, code, begun: true, msg: shown, reqId: answer.headers['x-request-id'] })
    t.same(told.at(-1), [{ type, message: shown, code, origin }, answer.headers['x-request-id'], true, undefined])
  }
})

t.test('where there is no request: malformed HTTP and a server that closes', async t => {
  const told: unknown[] = []
  const [isIn, mayGo] = [new EventEmitter(), new EventEmitter()]
  const { app, log } = await appWith(t, app => {
    app.get('/', async () => {
      isIn.emit('request')
      await once(mayGo, 'now')
      return 'fine'
    })
  }, { ...options(told), origin: 'Ada' }, serverOptions({}))
  const port = await listening(app)
  const malformed = await Wire.to(port)
  isContract(
    t,
    await malformed.write('GARBAGE\r\n\r\n').answer(),
    400,
    'The request is not well-formed HTTP: Invalid method encountered.',
    'malformed',
    'Ada'
  )
  t.match(log.lines.at(-1), { level: levels.info, type: 'bad_request_error', code: 400, origin: 'Ada' })

  const late = await Wire.to(port)
  late.write(request('GET', '/'))
  await once(isIn, 'request')
  const closed = app.close()
  late.write(request('GET', '/'))
  await setImmediate()
  mayGo.emit('now')
  t.equal((await late.answer())?.body, 'fine')
  isContract(t, await late.answer(), 503, 'The server is closing.', 'closing', 'Ada')
  t.match(log.lines.find(({ code }) => code === 503), { level: levels.error, type: 'service_unavailable_error', code: 503, origin: 'Ada' })
  await closed
  t.same(told, [], 'onError is told of requests alone')
})
