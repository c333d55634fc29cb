/** What is logged of streams that fail, also by Fastify itself: never the thrown object, on which clients hang keys and prompts. */
import t from 'tap'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { appWith, levels, type Log } from '../../support/app.js'
import { ask, listening, type Answer } from '../../support/socket.js'

/** As axios makes them. */
function leaky (): Error {
  return Object.assign(new Error('Refused: sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z'), {
    isAxiosError: true,
    code: 'ERR_BAD_RESPONSE',
    config: { headers: { authorization: 'Bearer topsecret' }, data: '{"prompt":"Dear diary"}' }
  })
}

async function * oneThenLeaky (): AsyncGenerator<unknown> {
  yield 'x'
  await new Promise(setImmediate)
  throw leaky()
}

async function * leakyAtOnce (): AsyncGenerator<unknown> {
  throw leaky()
}

async function asked (
  t: Parameters<typeof appWith>[0], route: (app: FastifyInstance) => void, server?: FastifyServerOptions
): Promise<Answer & { log: Log }> {
  const { app, log } = await appWith(t, route, {}, server)
  const answer = await ask(await listening(app), '/')
  await new Promise(setImmediate)
  return { ...answer, log }
}

const nothing = { status: '', headers: {}, body: '', whole: true }

t.test('what a source throws is one line, without what hangs on it', async t => {
  for (const [source, begun] of [[leakyAtOnce, {}], [oneThenLeaky, { begun: true }]] as const) {
    const { log } = await asked(t, app => { app.get('/', async (_request, reply) => reply.sendEvents(source())) })
    t.match(log.lines, [{ level: levels.error, code: 503, ...begun, err: { message: 'Refused: [redacted]', code: 'ERR_BAD_RESPONSE' } }])
    t.equal(log.lines.length, 1)
    t.notMatch(String(log), /Ab3dEf6h|topsecret|diary|axios/i)
  }
})

t.test('where no last frame can be made, the response is cut: it must not look whole', async t => {
  const { body, whole, log } = await asked(t, app => {
    app.get('/', async (request, reply) => {
      Object.defineProperty(request, 'log', { get () { throw leaky() } })
      return reply.sendEvents(oneThenLeaky())
    })
  })
  t.equal(body, 'data: x\n\n')
  t.notOk(whole)
  t.match(log.lines, [{
    level: levels.warn,
    msg: 'response terminated with an error with headers already sent',
    err: { message: 'reply.sendEvents: no last frame could be made: Refused: [redacted]' }
  }])
  t.notMatch(String(log), /Ab3dEf6h|topsecret|diary|axios/i)
})

t.test('where nothing can be said, the connection is cut, and the log says why', async t => {
  const send = (): never => { throw leaky() }
  const { log, ...answer } = await asked(t, app => {
    app.get('/', async (_request, reply) => Object.assign(reply, { send }).sendEvents(leakyAtOnce()))
  })
  t.same(answer, nothing)
  t.match(log.lines, [{ level: levels.error, msg: 'reply.sendEvents: no response could be sent', err: { message: 'Refused: [redacted]' } }])
  t.notMatch(String(log), /Ab3dEf6h|topsecret|diary|axios/i)

  const { log: silent, ...cut } = await asked(t, app => {
    app.get('/', async (request, reply) => {
      request.log.error = send
      return Object.assign(reply, { send }).sendEvents(['x'])
    })
  })
  t.same(cut, nothing, 'also where the log is full')
  t.same(silent.lines, [])
})
