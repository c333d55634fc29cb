/** Given a logger that throws (a serializer of the user's that fails): the response leaves all the same. */
import { once } from 'node:events'
import t from 'tap'
import Fastify from 'fastify'
import humanloopErrors from '../../../plugin/index.js'
import { envelope, meanings } from '../../support/app.js'

t.test('a serializer that fails costs the line its fields', async t => {
  const lines: string[] = []
  const app = Fastify({
    logger: { level: 'info', serializers: { err: () => { throw new Error('no') } }, stream: { write: line => { lines.push(line) } } }
  })
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/', async () => { throw new Error('x') })
  t.same((await app.inject('/')).json(), envelope(500, meanings[500]!))
  t.match(lines.map(line => JSON.parse(line)).filter(({ level }) => level === 50), [{ msg: meanings[500], reqId: /^req-/ }])
})

t.test('a logger that takes nothing at all is told of by a warning of the process', async t => {
  const fails = (): never => { throw new Error('full') }
  const silent = (): void => {}
  const loggerInstance = {
    level: 'info', fatal: fails, error: fails, warn: silent, info: silent, debug: silent, trace: silent, silent, child: () => loggerInstance
  }
  const app = Fastify({ loggerInstance })
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/', async () => { throw new Error('x') })
  const warning = once(process, 'warning')
  t.same((await app.inject('/')).json(), envelope(500, meanings[500]!))
  t.match(await warning, [{ code: 'HUMANLOOP_ERRORS_LOGGER', message: 'humanloopErrors: the logger failed: full' }])
})
