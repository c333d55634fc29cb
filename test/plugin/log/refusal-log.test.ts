/** Given requests that no handler sees, when they come by the thousand, then the log has these lines. */
import { mock } from 'node:test'
import t from 'tap'
import Fastify, { type FastifyInstance } from 'fastify'
import humanloopErrors, { serverOptions } from '../../../plugin/index.js'
import { isContract, levels, Log } from '../../support/app.js'
import { listening } from '../../support/transports.js'
import { request, Wire } from '../../support/wire.js'

const malformed = 'The request is not well-formed HTTP: Invalid method encountered.'
const omitted = 'humanloopErrors: more requests were refused before they had a handler than are logged'

async function send (port: number, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const wire = await Wire.to(port)
    await wire.write('NONSENSE\r\n\r\n').rest()
  }
}

t.test('each line has the address of the client; lines are bounded, and the rest is counted', async t => {
  const log = new Log()
  const app: FastifyInstance = Fastify(serverOptions({ logger: log.logger }))
  t.teardown(async () => app.close())
  await app.register(humanloopErrors)
  app.get('/', async () => 'fine')
  const port = await listening(app)
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })

  const ports: number[] = []
  app.server.on('connection', ({ remotePort }) => { ports.push(remotePort!) })
  await send(port, 25)
  t.match(log.lines[0], {
    level: levels.info,
    type: 'bad_request_error',
    code: 400,
    origin: 'Humanloop',
    remoteAddress: '127.0.0.1',
    remotePort: ports[0],
    msg: malformed
  })
  t.equal(log.lines.length, 20)
  const wire = await Wire.to(port)
  isContract(t, await wire.write('GET / HTTP/1.1\r\n\r\n').answer(), 400, 'The request has no Host header.')
  t.equal(log.lines.length, 20, 'all refusals count together')
  const other = await Wire.to(port)
  await other.write(request('GET', '/unknown', { connection: 'close' })).rest()
  t.match(
    log.lines[20], { level: levels.info, msg: 'Route GET:/unknown not found', reqId: /./ }, 'a request that has a handler has its line'
  )

  mock.timers.tick(10_000)
  t.match(log.lines[21], { level: levels.warn, omitted: 6, intervalMs: 10_000, msg: omitted })
  await (await Wire.to(port)).write('GET / HTTP/1.1\r\n\r\n').rest()
  t.match(log.lines[22], { level: levels.info, remoteAddress: '127.0.0.1', msg: 'The request has no Host header.' })
  mock.timers.tick(10_000)
  t.equal(log.lines.length, 23, 'where none was omitted, no line says so')

  await send(port, 21)
  await app.close()
  t.match(log.lines.at(-1), { level: levels.warn, omitted: 1, msg: omitted }, 'at the latest when the server closes')
})
