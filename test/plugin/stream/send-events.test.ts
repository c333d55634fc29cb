/** Streams, byte for byte: what arrives before the first event, after it, and at the end. */
import t from 'tap'
import { appWith, envelope, levels, meanings } from '../../support/app.js'
import { ask, listening } from '../../support/socket.js'

async function * numbers (): AsyncGenerator<unknown> {
  for (let n = 1; n <= 3; n++) yield { n }
}

t.test('events go out as server-sent events, with the headers of a stream', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', async (_request, reply) => reply.header('access-control-allow-origin', '*').sendEvents(numbers()))
  })
  const answer = await ask(await listening(app), '/')
  t.equal(answer.status, 'HTTP/1.1 200 OK')
  t.match(answer.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': 'req-1',
    'access-control-allow-origin': '*',
    'transfer-encoding': 'chunked'
  })
  t.equal(answer.body, 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\n')
  t.ok(answer.whole)
})

t.test('what fails before the first event has a real status and the contract’s body', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => reply.sendEvents((async function * () { throw Object.assign(new Error('No such thing.'), { statusCode: 404 }) })()))
  })
  const answer = await ask(await listening(app), '/')
  t.equal(answer.status, 'HTTP/1.1 404 Not Found')
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  t.same(JSON.parse(answer.body), envelope(404, 'No such thing.'))
  t.match(log.lines, [{ level: levels.info, code: 404, msg: 'No such thing.' }])
})

t.test('what fails later ends the stream with one error frame', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/', async (_request, reply) => reply.sendEvents((async function * () {
      yield * numbers()
      throw new Error('secret')
    })()))
  })
  const answer = await ask(await listening(app), '/')
  t.equal(answer.status, 'HTTP/1.1 200 OK')
  t.equal(answer.body, `data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\ndata: {"error":{"message":"${meanings[500]}","type":"unknown_error","code":500,"param":null,"origin":"Humanloop"}}\n\n`)
  t.ok(answer.whole)
  t.match(log.lines, [{ level: levels.error, code: 500, begun: true, err: { message: 'secret' } }])
})
