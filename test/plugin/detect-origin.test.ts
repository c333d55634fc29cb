/** Whose failure it was, where the error does not tell: by `withOrigin`, or by following the outgoing calls. */
import { EventEmitter, once } from 'node:events'
import { subscribe } from 'node:diagnostics_channel'
import t from 'tap'
import axios from 'axios'
import OpenAI from 'openai'
import { Agent } from 'undici'
import { withOrigin } from '../../plugin/index.js'
import { failingProvider } from '../sdks/server.js'
import { appWith, envelope, levels, meanings } from '../support/app.js'

const names = ['DeepSeek', 'Groq', 'Perplexity', 'xAI']
const servers = await Promise.all(names.map(async () => failingProvider('k')))
/** Ends the calls that never end by themselves. */
const closing = new AbortController()
t.teardown(() => {
  closing.abort()
  for (const server of servers) server.close()
})
/** Tells of each request of fetch that has left. */
const requests = new EventEmitter()
subscribe('undici:client:sendHeaders', () => { requests.emit('sent') })
const providers = names.map((name, index) => ({ name, hosts: [servers[index]!.host] }))

const chat = async (url: string) =>
  new OpenAI({ apiKey: 'k', baseURL: url, maxRetries: 0 }).chat.completions.create({
    model: 'm', messages: [{ role: 'user', content: 'x' }]
  })

t.test('the OpenAI SDK that points at DeepSeek', async t => {
  const deepseek = servers[0]!
  const routes = (app: any): void => {
    app.get('/plain', async () => chat(deepseek.url(429)))
    app.get('/attributed', async () => withOrigin('deepseek', () => chat(deepseek.url(429))))
    app.get('/another', async () => withOrigin('cohere', () => chat(deepseek.url(429))))
  }
  const said = 'The provider says 429 in a sentence.'
  const off = await appWith(t, routes)
  t.same((await off.app.inject('/plain')).json(), envelope(429, said, 'OpenAI'), 'by itself it says nothing of it')
  t.same((await off.app.inject('/attributed')).json(), envelope(429, said, 'DeepSeek'))
  const on = await appWith(t, routes, { detectOrigin: true, providers })
  t.same((await on.app.inject('/plain')).json(), envelope(429, said, 'DeepSeek'))
  t.same((await on.app.inject('/another')).json(), envelope(429, said, 'Cohere'), 'what the caller said beats what was detected')
})

t.test('200 concurrent requests to four providers never mix origins', async t => {
  const failures = [429, 503, 500, 'reset', 404] as const
  const { app } = await appWith(t, app => {
    app.post('/:provider/:failure', async request => {
      const { provider, failure } = request.params as { provider: string, failure: string }
      return chat(servers[Number(provider)]!.url((Number(failure) || failure) as 429))
    })
  }, { detectOrigin: true, providers })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await Promise.all(Array.from({ length: 200 }, async (_, index) => {
    const provider = index % names.length
    const failure = failures[index % failures.length]
    const answer = await fetch(`${app.listeningOrigin}/${provider}/${failure}`, {
      method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }
    })
    t.equal((await answer.json() as any).detail.origin, names[provider], `${index}: ${failure}`)
  }))
})

t.test('several calls in one request', async t => {
  const [deepseek, groq] = servers as [typeof servers[0], typeof servers[0]]
  const { app } = await appWith(t, app => {
    app.get('/fallback', async () => chat(deepseek.url(429)).catch(async () => chat(groq.url(429))))
    app.get('/by-status', async () => Promise.all([chat(deepseek.url(429)), chat(groq.url(503)).catch(() => {})]))
    app.get('/race', async () => {
      const [first] = await Promise.allSettled([chat(deepseek.url(429)), chat(groq.url(429))])
      throw (first as PromiseRejectedResult).reason
    })
    app.get('/http', async () => axios.post(`${groq.url(404)}/x`, {}))
    app.get('/http/reset', async () => axios.post(`${groq.url('reset')}/x`, {}))
    app.get('/cut', async () => (await fetch(`${groq.url('cut')}/x`)).json())
    app.get('/other', async () => {
      await (await fetch(`${groq.url(404)}/x`)).text()
      await axios.get(`${deepseek.url(200 as 429)}/x`)
      throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED', syscall: 'connect' })
    })
    app.get('/bug', async () => {
      await chat(groq.url(429)).catch(() => {})
      throw new Error('a mistake of ours')
    })
    app.get('/many', async () => {
      for (let call = 0; call < 70; call++) await chat(deepseek.url(404)).catch(() => {})
      return chat(groq.url(404))
    })
  }, { detectOrigin: true, providers })
  const originOf = async (path: string): Promise<string> => (await app.inject(path)).json().detail.origin
  t.equal(await originOf('/fallback'), 'Groq', 'the last one that failed so')
  t.equal(await originOf('/by-status'), 'DeepSeek', 'the one with the status of the error')
  t.equal(await originOf('/race'), 'OpenAI', 'two that failed alike at once cannot be told apart: the SDK’s family')
  t.equal(await originOf('/http'), 'Groq')
  t.equal(await originOf('/http/reset'), 'Groq')
  t.equal(await originOf('/cut'), 'Groq')
  t.equal(await originOf('/many'), 'DeepSeek', 'only so many calls of a request are remembered')
  t.equal(await originOf('/other'), 'Humanloop', 'calls that were answered and ended well did not fail to connect')
  t.same((await app.inject('/bug')).json(), envelope(500, meanings[500]!), 'no failed call, no provider')
})

t.test('a call that is under way is not what failed', async t => {
  const [deepseek, groq] = servers as [typeof servers[0], typeof servers[0]]
  const refused = (): never => {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED', syscall: 'connect' })
  }
  const late = (): never => { throw new DOMException('The operation was aborted due to timeout', 'TimeoutError') }
  const { signal } = closing
  const { app } = await appWith(t, app => {
    for (const [name, fail] of Object.entries({ refused, late })) {
      app.get(`/stream/${name}`, async () => {
        await fetch(`${deepseek.url('stall')}/x`, { signal })
        fail()
      })
      app.get(`/background/${name}`, async () => {
        const sent = once(requests, 'sent')
        fetch(`${deepseek.url('timeout')}/x`, { signal }).catch(() => {})
        await sent
        fail()
      })
      app.get(`/background/axios/${name}`, async () => {
        axios.get(`${deepseek.url('timeout')}/x`, { signal }).catch(() => {})
        fail()
      })
      app.get(`/repeated/${name}`, async () => {
        await fetch(`${deepseek.url('reset')}/x`).catch(() => {})
        await (await fetch(`${deepseek.url(404)}/x`)).text()
        fail()
      })
    }
    app.get('/connecting', async () => {
      const dispatcher = new Agent({ connect: () => {} })
      return fetch(`${groq.url(200)}/x`, { dispatcher, signal: AbortSignal.timeout(10) } as object)
    })
    app.get('/aborted', async () => fetch(`${groq.url('timeout')}/x`, { signal: AbortSignal.timeout(20) }))
  }, { detectOrigin: true, providers })
  for (const path of ['/stream', '/background', '/background/axios', '/repeated']) {
    t.same((await app.inject(`${path}/refused`)).json(), envelope(503, meanings[503]!), path)
    t.same((await app.inject(`${path}/late`)).json(), envelope(504, meanings[504]!), path)
  }
  t.same(
    (await app.inject('/connecting')).json(),
    envelope(504, 'Groq did not respond in time.', 'Groq'),
    'given up while it waited for its connection'
  )
  t.same((await app.inject('/aborted')).json(), envelope(504, 'Groq did not respond in time.', 'Groq'))
})

t.test('where a runtime tells nothing of fetch, a line at the start says so', async t => {
  const versions = Object.getOwnPropertyDescriptor(process, 'versions')!
  t.teardown(() => { Object.defineProperty(process, 'versions', versions) })
  for (const runtime of ['bun', 'deno']) {
    Object.defineProperty(process, 'versions', { ...versions, value: { ...process.versions, bun: undefined, [runtime]: '2.0.0' } })
    const { log } = await appWith(t, () => {}, { detectOrigin: true })
    t.match(log.lines, [{ level: levels.warn, runtime, msg: /detectOrigin.*withOrigin/ }])
  }
})

t.test('a child scope may follow the calls by itself', async t => {
  const { app } = await appWith(t, app => {
    app.register(async child => {
      const { default: humanloopErrors } = await import('../../plugin/index.js')
      await child.register(humanloopErrors, { detectOrigin: true })
      child.get('/child', async () => chat(servers[3]!.url(429)))
    })
    app.get('/parent', async () => chat(servers[3]!.url(429)))
  }, { providers })
  t.equal((await app.inject('/child')).json().detail.origin, 'xAI')
  t.equal((await app.inject('/parent')).json().detail.origin, 'OpenAI')
})
