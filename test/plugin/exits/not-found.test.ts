import t from 'tap'
import Fastify from 'fastify'
import humanloopErrors from '../../../plugin/index.js'
import { appWith, envelope, levels, Log } from '../../support/app.js'

t.test('an unknown path or method is a 404 that names the route without its query', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/known', async () => 'here')
    app.get('/called', (_request, reply) => { reply.callNotFound() })
  })
  for (const [method, url, route] of [
    ['GET', '/unknown?key=secret', 'GET:/unknown'],
    ['DELETE', '/known', 'DELETE:/known'],
    ['GET', '/called', 'GET:/called']
  ] as const) {
    const answer = await app.inject({ method, url })
    t.equal(answer.statusCode, 404)
    t.same(answer.json(), envelope(404, `Route ${route} not found`))
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  }
  t.match(log.lines[0], { level: levels.info, type: 'not_found_error', code: 404, msg: 'Route GET:/unknown not found' })
})

t.test('a not-found handler of the app stays, and its answers are guarded', async t => {
  const log = new Log()
  const app = Fastify({ logger: log.logger })
  t.teardown(async () => app.close())
  app.setNotFoundHandler((_request, reply) => { reply.code(404).send({ message: 'Nothing here.', hint: 'x' }) })
  await app.register(humanloopErrors)
  const answer = await app.inject('/unknown')
  t.equal(answer.statusCode, 404)
  t.same(answer.json(), envelope(404, 'Nothing here.'))
  t.match(log.lines[0], { level: levels.info, msg: /the not-found handler of the app stays/ })
})
