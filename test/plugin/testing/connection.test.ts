/** The server of the app that is checked: opened for the check and left as it was, and what is wrong before any route. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { checkErrorContract } from '../../../plugin/testing/index.js'
import { appWith } from '../../support/app.js'

t.test('an app that does not listen is not left listening, and can be checked again, used and made to listen', async t => {
  const { app } = await appWith(t, app => { app.get('/', async () => 'here') })
  const first = await checkErrorContract(app)
  t.notOk(app.server.listening)
  t.same((await checkErrorContract(app)).checked, first.checked)
  t.equal((await app.inject('/')).body, 'here')
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.equal(await (await fetch(app.listeningOrigin)).text(), 'here')
})

t.test('an app that is not ready is made ready', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  app.register(async child => { child.post('/late', async () => 'x') })
  t.ok((await checkErrorContract(app)).checked.some(({ route }) => route === 'POST /late'))
})

t.test('an app that listens is checked where it listens, and goes on', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'contract-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  for (const at of [{ port: 0, host: '127.0.0.1' }, { port: 0, host: '0.0.0.0' }, { path: join(folder, 'socket') }]) {
    const { app } = await appWith(t, app => { app.get('/', async () => 'here') })
    await app.listen(at)
    const report = await checkErrorContract(app)
    t.ok(report.checked.some(({ route, trigger }) => route === 'POST /' && trigger === 'unknown method'))
    t.ok(app.server.listening)
  }
})

t.test('an app that cannot be closed nor opened twice fails as the server does', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { taken.close() })
  await once(taken, 'listening')
  const { app } = await appWith(t, () => {})
  app.server.listen = () => {
    process.nextTick(() => { app.server.emit('error', new Error('no port is free')) })
    return app.server
  }
  await t.rejects(checkErrorContract(app), { message: 'no port is free' })
})

t.test('an app that speaks no plain HTTP/1.1 is refused', async t => {
  const app = Fastify({ http2: true }) as unknown as FastifyInstance
  t.teardown(async () => app.close())
  await t.rejects(
    checkErrorContract(app),
    new TypeError('checkErrorContract: it speaks plain HTTP/1.1; build the app without https and http2 for the check')
  )
})

t.test('what is wrong before any route: a server without serverOptions answers outside the contract', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  const { violations, unchecked } = await checkErrorContract(app)
  t.same(violations.filter(({ route }) => route === 'server').map(({ trigger, status }) => [trigger, status]), [
    ['malformed request line', 400],
    ['unknown protocol version', 400],
    ['malformed header', 400],
    ['missing Host', 400],
    ['unknown Expect', 417],
    ['content-length and transfer-encoding', 400],
    ['content-length that is no number', 400],
    ['body shorter than its content-length', 400],
    ['malformed chunk', 400],
    ['bad URL', 400],
    ['headers too large', 431]
  ])
  t.equal(violations.find(({ trigger }) => trigger === 'missing Host')?.body, '', 'chunks are joined')
  t.same(unchecked, [{
    route: 'server', trigger: 'slow headers', reason: "headersTimeout of the server is 60000 ms, option 'timeout' of the check 5000 ms"
  }])
})

t.test('slow headers, where the server does not wait long for them', async t => {
  const app = Fastify({ http: { headersTimeout: 100, connectionsCheckingInterval: 50 } })
  t.teardown(async () => app.close())
  const { violations } = await checkErrorContract(app, { timeout: 5000 })
  t.match(violations.find(({ trigger }) => trigger === 'slow headers'), { route: 'server', status: 408 })
})

t.test('a server that needs no Host, with a route for every path: the handler is not called', async t => {
  const app = Fastify({ http: { requireHostHeader: false } })
  t.teardown(async () => app.close())
  app.get('/*', async () => t.fail('the handler was called'))
  const { unchecked } = await checkErrorContract(app)
  t.match(unchecked.find(({ trigger }) => trigger === 'missing Host'), { reason: 'it reached the handler, which was not called' })
})
