/** One line for each error answer; what is in it, and what never is. */
import t from 'tap'
import { toContractError } from '../../../plugin/index.js'
import { appWith, levels, meanings } from '../../support/app.js'

const secret = 'sk-proj-abcdefghijklmnop'

t.test('ours: 4xx at info, 5xx at error with the error and its causes', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/4xx', async () => { throw Object.assign(new Error('No such thing.'), { statusCode: 404 }) })
    app.get('/5xx', async () => {
      throw Object.assign(
        new Error(`cannot reach db with ${secret}`, { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
        { config: { headers: { authorization: secret } } }
      )
    })
    for (const [path, thrown] of [['/string', `text ${secret}`], ['/null', null]] as const) app.get(path, async () => { throw thrown })
  })
  for (const path of ['/4xx', '/5xx', '/string', '/null']) await app.inject(path)
  t.equal(log.lines.length, 4)
  const [info, error, text, nothing] = log.lines
  t.match(info, { level: levels.info, origin: 'Humanloop', type: 'not_found_error', code: 404, msg: 'No such thing.' })
  t.notHas(info, 'err')
  t.match(error, {
    level: levels.error,
    type: 'service_unavailable_error',
    code: 503,
    msg: meanings[503],
    reqId: 'req-2',
    err: { type: 'Error', message: 'cannot reach db with [redacted]: refused', stack: /line\.test/ }
  })
  t.match(text, { level: levels.error, err: { message: 'text [redacted]', type: 'string' } })
  t.match(nothing, { level: levels.error, err: { message: 'null' } })
  t.notMatch(String(log), /sk-proj|authorization/)
})

t.test('a provider’s failure at warn, with what the provider said', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/answered', async () => {
      throw Object.assign(new Error('x'), {
        statusCode: 400, body: { message: 'Too long.' }, rawResponse: { headers: new Headers({ 'x-request-id': 'r1' }), url: '' }
      })
    })
    app.get('/unanswered', async () => {
      throw toContractError(Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:443'), { code: 'ECONNREFUSED' }), { origin: 'groq' })
    })
  })
  await app.inject('/answered')
  await app.inject('/unanswered')
  const [answered, unanswered] = log.lines
  t.match(answered, {
    level: levels.warn,
    origin: 'Cohere',
    type: 'unprocessable_entity_error',
    code: 422,
    upstreamStatus: 400,
    upstreamRequestId: 'r1',
    msg: 'Too long.'
  })
  t.notHas(answered, 'err', 'the provider’s sentence says it')
  t.match(unanswered, { level: levels.warn, origin: 'Groq', code: 503, err: { stack: /ECONNREFUSED/ } })
})
