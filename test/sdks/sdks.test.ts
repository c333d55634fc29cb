/** Every SDK, every failure, over loopback through a Fastify route: the answer, and what neither it nor the log may hold. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { generateText } from 'ai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { withOrigin } from '../../plugin/index.js'
import { appWith, envelope, levels } from '../support/app.js'
import { callers, type Caller } from './calls.js'
import { failingProvider, type Failure } from './server.js'

const key = 'tellnobody-0123456789abcdefXYZ'
const prompt = 'whisper this to the model'
const timeout = 150

/** What each failure becomes; two where a client does not tell a cut answer from one that came too slowly. */
const wanted: ReadonlyArray<readonly [failure: Failure | 'refused' | 'abort', ...codes: number[]]> = [
  [400, 422],
  [401, 401],
  [403, 401],
  [404, 404],
  [413, 422],
  [422, 422],
  [429, 429],
  [500, 500],
  [502, 503],
  [503, 503],
  [504, 504],
  [529, 529],
  ['refused', 503], ['reset', 503], ['cut', 503], ['timeout', 504], ['stall', 504, 503], ['abort', 504], ['unreadable', 503]
]

async function closedPort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const provider = await failingProvider(key)
const nobody = `http://127.0.0.1:${await closedPort()}`
t.teardown(() => { provider.close() })

async function fail ({ call, http2 }: Caller, failure: string): Promise<unknown> {
  const at = http2 === true ? provider.http2Url : provider.url
  const url = failure === 'refused' ? nobody : at((Number(failure) || (failure === 'abort' ? 'timeout' : failure)) as Failure)
  const aborts = failure === 'abort' || failure === 'stall' || failure === 'timeout'
  // the caller's signal: aborted by hand, or the limit for what the SDK's own does not cover
  const controller = new AbortController()
  if (failure === 'abort') setTimeout(() => { controller.abort() }, 30)
  const signal = failure === 'abort' ? controller.signal : aborts ? AbortSignal.timeout(2 * timeout) : controller.signal
  return call({ url, key, prompt, signal, timeout: failure === 'stall' || failure === 'timeout' ? timeout : 20 * timeout })
}

for (const [name, caller] of Object.entries(callers)) {
  t.test(name, async t => {
    const { app, log } = await appWith(t, app => {
      app.get('/attributed/:failure', async request => withOrigin('fireworks', () => fail(
        caller, (request.params as { failure: string }).failure
      )))
      app.get('/plain/:failure', async request => fail(caller, (request.params as { failure: string }).failure))
    })
    await Promise.all(wanted.map(async ([failure, ...codes]) => {
      const answer = await app.inject(`/attributed/${failure}`)
      t.ok(codes.includes(answer.statusCode), `${failure} → ${codes.join(' or ')}, was ${answer.statusCode}: ${answer.body}`)
      const { detail } = answer.json()
      t.same(answer.json(), envelope(answer.statusCode, detail.message, 'Fireworks AI'))
      t.notMatch(detail.message, /[{<]|^\d{3} |Status code|API error occurred|object Object|ECONN|127\.0\.0/, 'a clean sentence')
      if (typeof failure === 'number' && failure !== 502 && failure !== 401) {
        t.equal(detail.message, `The provider says ${failure} in a sentence.`)
      }
      t.notMatch(
        answer.body + JSON.stringify(answer.headers), /tellno|whisper|authorization/i, 'neither key nor prompt nor header in the answer'
      )
      t.equal(answer.headers['retry-after'], failure === 429 && hasHeaders(name) ? '7' : undefined)
    }))
    await Promise.all(wanted.map(async ([failure, ...codes]) => {
      // AWS's SDK says of an answer that is no JSON neither its service nor, on loopback, a host that is known
      if (caller.origin === undefined || typeof failure !== 'number' || (caller.http2 === true && failure === 502)) return
      const answer = await app.inject(`/plain/${failure}`)
      t.equal(answer.statusCode, codes[0], `${failure} without attribution`)
      t.equal(answer.json().detail.origin, caller.origin)
    }))
    const answers = log.lines.filter(({ origin }) => origin === 'Fireworks AI')
    t.equal(answers.length, wanted.length)
    t.ok(answers.every(({ level }) => level === levels.warn))
    t.notMatch(String(log), /tellno|whisper|authorization|Bearer/i, 'neither key nor prompt nor header in the log')
  })
}

/** SDKs that keep no header of the answer cannot tell when to come back. */
function hasHeaders (name: string): boolean {
  return !['@google/genai', 'ollama', '@huggingface/inference'].includes(name)
}

t.test('AI_RetryError is opened', async t => {
  const { app } = await appWith(t, app => {
    app.get('/', async () => withOrigin('deepseek', () => generateText({
      model: createOpenAICompatible({ name: 'mine', apiKey: key, baseURL: provider.url(503) })('m'), prompt, maxRetries: 1
    })))
  })
  t.same((await app.inject('/')).json(), envelope(503, 'The provider says 503 in a sentence.', 'DeepSeek'))
})
