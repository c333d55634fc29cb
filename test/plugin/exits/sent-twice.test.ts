/**
 * Given a handler that sends twice, or throws after it has sent, and hooks that fail on every payload: one response arrives,
 * whole and inside the contract, the process lives, and the next request is answered.
 */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { serverOptions } from '../../../plugin/index.js'
import { appWith, isContract, meanings } from '../../support/app.js'
import { listening, transports } from '../../support/transports.js'
import { request as requestText, Wire } from '../../support/wire.js'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

async function * events (): AsyncGenerator<string> { yield 'x' }

const handlers: Readonly<Record<string, Handler>> = {
  'sends twice': (_request, reply) => { reply.send({ a: 1 }); reply.send({ b: 2 }) },
  'sends three times': (_request, reply) => { reply.send({ a: 1 }); reply.send('b'); reply.send({ c: 3 }) },
  'sends five times': (_request, reply) => { for (const payload of [{ a: 1 }, 'b', { c: 3 }, 'd', { e: 5 }]) reply.send(payload) },
  'sends an error, then a value': (_request, reply) => { reply.send(new Error('x')); reply.send({ b: 2 }) },
  'sends an error response by hand, twice': (_request, reply) => { reply.code(409).send({ message: 'x' }); reply.send({ message: 'x' }) },
  'sends twice, async': async (_request, reply) => { reply.send({ a: 1 }); await setImmediate(); reply.send({ b: 2 }) },
  'sends, then throws': (_request, reply) => { reply.send({ a: 1 }); throw new Error('after') },
  'sends, then rejects': async (_request, reply) => { reply.send({ a: 1 }); throw new Error('after') },
  'sends, then rejects later': async (_request, reply) => { reply.send({ a: 1 }); await setImmediate(); throw new Error('after') },
  'sendEvents without return': async (_request, reply) => { reply.sendEvents(events()) },
  'sendEvents, then a value': async (_request, reply) => { reply.sendEvents(events()); return { b: 2 } },
  'throws nothing special': async () => { throw new Error('x') }
}

const failure = new Error('secret')

const hooks: Readonly<Record<string, (...given: any[]) => unknown>> = {
  throws: (_request, _reply, _payload, _done) => { throw failure },
  'calls back': (_request, _reply, _payload, done) => { done(failure) },
  'calls back later': (_request, _reply, _payload, done) => { process.nextTick(done, failure) },
  rejects: async (_request, _reply, _payload) => { throw failure },
  'rejects later': async (_request, _reply, _payload) => { await setImmediate(); throw failure },
}

const places: Readonly<Record<string, readonly string[]>> = {
  onSend: ['onSend'], preSerialization: ['preSerialization'], both: ['onSend', 'preSerialization']
}

/** Hooks fail on every payload, or only on those of a success, or once. */
const occasions: Readonly<Record<string, () => (reply: FastifyReply) => boolean>> = {
  always: () => () => true,
  'on success': () => ({ statusCode }) => statusCode < 400,
  once: () => {
    let times = 0
    return () => times++ === 0
  }
}

for (const [where, names] of Object.entries(places)) {
  for (const [how, hook] of Object.entries(hooks)) {
    for (const [when, occasion] of Object.entries(occasions)) {
      t.test(`${where} ${how} ${when}`, async t => {
        const { app } = await appWith(t, app => {
          for (const [index, handler] of Object.values(handlers).entries()) {
            const fails = occasion()
            const sometimes = hook.length === 4
              ? (request: unknown, reply: FastifyReply, payload: unknown, done: (error: null, payload: unknown) => void) =>
                  fails(reply) ? hook(request, reply, payload, done) : done(null, payload)
              : async (request: unknown, reply: FastifyReply, payload: unknown) => fails(reply) ? hook(request, reply, payload) : payload
            app.get(`/${index}`, { handler, ...Object.fromEntries(names.map(name => [name, sometimes])) })
          }
          app.get('/in-step', async () => 'in step')
        }, {}, serverOptions({}))
        const port = await listening(app)
        for (const [index, what] of Object.keys(handlers).entries()) {
          const wire = await Wire.to(port)
          const answer = await wire.write(requestText('GET', `/${index}`)).answer()
          if (answer === undefined || answer.status < 400) {
            t.notOk(
              where === 'onSend' && when === 'always', `${what}: no success leaves through a hook that fails`
            )
          } else isContract(t, answer, answer.status, answer.status === 422 ? 'x' : meanings[answer.status]!, what)
          wire.close()
          const next = await Wire.to(port)
          t.equal((await next.write(requestText('GET', '/in-step')).answer())?.body, 'in step', `${what}: the next request`)
          next.close()
        }
      })
    }
  }
}

t.test('one response has one line in the log and one onError, though Fastify is told once more that it is out', async t => {
  const twice: Readonly<Record<string, Handler>> = {
    '/errors': (_request, reply) => { reply.send(new Error('First.')); reply.send(new Error('Second.')) },
    '/events': async (_request, reply) => { reply.sendEvents(events()); return reply.sendEvents(events()) },
    '/then-throws': async (_request, reply) => { reply.sendEvents(events()); throw new Error('First.') }
  }
  const told: string[] = []
  const { app, log } = await appWith(t, app => {
    for (const [path, handler] of Object.entries(twice)) app.get(path, handler)
  }, { onError: (_error, request) => { told.push(request.url) } }, serverOptions({}))
  const port = await listening(app)
  for (const path of Object.keys(twice)) {
    const wire = await Wire.to(port)
    isContract(t, await wire.write(requestText('GET', path)).answer(), 500, meanings[500]!, path)
    wire.close()
  }
  t.same(told, Object.keys(twice))
  t.same(log.lines.filter(({ code }) => code === 500).map(({ err }) => err?.message), ['First.', 'reply.sendEvents: this reply was sent already; a reply is sent once', 'First.'])
})

for (const [transport, ask] of Object.entries(transports)) {
  t.test(`of two payloads that wait in a hook the first leaves, and the other is not told of: ${transport}`, async t => {
    const handler: Handler = (_request, reply) => { reply.code(503).send('First.'); reply.code(503).send('Second.') }
    const { ask: get, log } = await ask(t, {
      routes: app => {
        app.get('/', { onSend: async (_request, _reply, payload) => { await setImmediate(); return payload } }, handler)
        app.get('/of-the-hook', { onSend: async () => { await setImmediate(); return 'of the hook' } }, handler)
      }
    })
    for (const url of ['/', '/of-the-hook']) isContract(t, await get({ url }), 503, meanings[503]!, url)
    t.equal(log.lines.filter(({ code }) => code === 503).length, 2)
  })
}
