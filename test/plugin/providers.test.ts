/** Option `providers`: more of them, and more of those that are known. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import humanloopErrors, { fromResponse, RateLimitError, toContractError, withOrigin, type ProviderRow } from '../../plugin/index.js'
import { providers } from '../../plugin/providers/rows.js'
import { builtInRegistry, displayName, providerAt } from '../../plugin/providers/index.js'
import { appWith } from '../support/app.js'

t.test('the origins of the contract, each with one row', async t => {
  const names = providers.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const name of [
    'OpenAI', 'Azure OpenAI', 'Anthropic', 'Cohere', 'Google', 'Google Vertex AI', 'AWS Bedrock', 'AWS SageMaker', 'Mistral', 'Groq',
    'Together AI', 'Fireworks AI', 'Replicate', 'Hugging Face', 'Ollama', 'OpenRouter', 'DeepSeek', 'xAI', 'Perplexity', 'Databricks',
    'IBM watsonx', 'Cloudflare', 'AI21', 'Cerebras', 'NVIDIA NIM', 'SambaNova', 'Moonshot AI', 'Z.ai', 'MiniMax', 'Alibaba DashScope',
    'DeepInfra', 'Voyage AI', 'Jina AI', 'Novita AI', 'NLP Cloud', 'Aleph Alpha', 'Predibase', 'Oracle OCI', 'vLLM', 'llamafile',
    'LiteLLM', 'CometAPI'
  ]) t.ok(names.includes(name), name)
})

t.test('a row is all that a provider is: nothing else counts or lists them', async t => {
  for (const file of ['README.md', 'docs/guide.md', 'docs/migrating.md', 'docs/frameworks.md']) {
    const text = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')
    t.notMatch(text, new RegExp(`\\b${providers.length}\\b (?:model )?providers`), file)
  }
})

t.test('ids become display names wherever an origin is given', async t => {
  for (const [id, name] of [
    ['openai', 'OpenAI'], ['openai_azure', 'Azure OpenAI'], ['azure', 'Azure OpenAI'], ['bedrock', 'AWS Bedrock'], ['vertex_ai', 'Google Vertex AI'],
    ['gemini', 'Google'], ['google', 'Google'], ['together_ai', 'Together AI'], ['Together-AI', 'Together AI'], ['My LLM', 'My LLM']
  ] as const) {
    t.equal(new RateLimitError('x', { origin: id }).origin, name)
    t.equal(fromResponse(id, { status: 500 }).origin, name)
    t.equal(toContractError({ status: 500 }, { origin: id }).origin, name)
  }
})

t.test('hosts, by name and by pattern', async t => {
  for (const [host, name] of [
    ['api.openai.com', 'OpenAI'], ['API.OPENAI.COM:443', 'OpenAI'], ['x.openai.azure.com', 'Azure OpenAI'], ['us-central1-aiplatform.googleapis.com', 'Google Vertex AI'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'AWS Bedrock'], ['router.huggingface.co', 'Hugging Face'], ['localhost:11434', 'Ollama'],
    ['localhost:11435', undefined], ['dashscope-intl.aliyuncs.com', 'Alibaba DashScope'], ['api.openai.com.evil.example', undefined]
  ] as const) t.equal(providerAt(host), name, host)
})

/** What the app responds with to each thrown value. */
async function responsesOf (t: Test, providers: readonly ProviderRow[], thrown: readonly unknown[]): Promise<object[]> {
  const { app } = await appWith(t, app => {
    app.get('/:index', async request => { throw thrown[Number((request.params as { index: string }).index)] })
  }, { providers: [...providers] })
  return Promise.all(thrown.map(async (_, index) => (await app.inject(`/${index}`)).json().detail))
}

const axiosError = (url: string, data: object = { error: { message: 'Said.', code: 'model_not_found' } }, status = 400): object =>
  ({ isAxiosError: true, config: { url }, response: { status, data } })

t.test('a new provider needs a name and a host and nothing more', async t => {
  const rows = [{ name: 'My LLM', ids: ['mine'], hosts: ['llm.example', '*.llm.example'] }]
  const thrown = [axiosError('https://llm.example/v1'), axiosError('https://eu.llm.example/v1'), new RateLimitError('Slow.', { origin: 'mine' })]
  t.match(await responsesOf(t, rows, thrown), [
    { origin: 'My LLM', code: 404, message: 'Said.' }, { origin: 'My LLM', code: 404 }, { origin: 'My LLM', code: 429 }
  ])
  t.match(await responsesOf(t, [{ name: 'Other' }], thrown), [{ origin: 'Humanloop' }, { origin: 'Humanloop' }, { origin: 'mine' }],
    'another app of the process knows nothing of it')
  t.equal(toContractError(thrown[0]).hasOrigin, false, 'nor does what is outside any app')
})

t.test('to a provider that is known, more is added; the later row wins', async t => {
  const url = 'http://gpu.internal:8000/v1'
  t.match(await responsesOf(t, [{
    name: 'vllm',
    hosts: ['gpu.internal:8000', '*.gpu.internal'],
    codes: { 529: ['QueueFull', 'NotFoundError'] },
    statuses: { 418: 503 },
    sentences: [{ status: 400, startsWith: 'EngineCore', code: 503 }],
    exhausted: ['no_budget']
  }], [
    axiosError(url, { object: 'error', type: 'QueueFull', message: 'x' }),
    axiosError(url, { type: 'NotFoundError', message: 'x' }, 404),
    axiosError(url, {}, 418),
    axiosError(url, { message: 'EngineCore encountered an issue.' }),
    axiosError(url, { code: 'no_budget' }, 403),
    axiosError(url, { type: 'BadRequestError' }, 500)
  ]), [529, 529, 503, 503, 401, 422].map(code => ({ origin: 'vLLM', code })))
  t.equal(providerAt('gpu.internal:8000'), undefined)
  t.equal(fromResponse('vllm', { status: 418, body: {} }).statusCode, 422)
})

t.test('a child scope adds to the providers around it', async t => {
  const { app } = await appWith(t, async app => {
    app.get('/', async () => { throw axiosError('https://inner.example') })
    await app.register(async scope => {
      await scope.register(humanloopErrors, { providers: [{ name: 'Inner', hosts: ['inner.example'] }] })
      scope.get('/inner', async () => { throw axiosError('https://inner.example') })
      scope.get('/outer', async () => { throw axiosError('https://outer.example') })
    })
    await app.register(async scope => {
      await scope.register(humanloopErrors, { origin: 'Child' })
      scope.get('/child', async () => { throw axiosError('https://outer.example') })
    })
  }, { providers: [{ name: 'Outer', hosts: ['outer.example'] }] })
  for (const [url, origin] of [['/', 'Humanloop'], ['/inner', 'Inner'], ['/outer', 'Outer'], ['/child', 'Outer']] as const) {
    t.equal((await app.inject(url)).json().detail.origin, origin, url)
  }
})

t.test('500 apps with providers leave nothing behind', async t => {
  const before = builtInRegistry()
  const sizes = (): number[] => [before.names.size, before.hosts.size, before.wildcards.length, before.providers.size, before.errorEvents.length]
  const sizesBefore = sizes()
  for (let index = 0; index < 500; index++) {
    const app = Fastify()
    await app.register(humanloopErrors, { providers: [{ name: `LLM ${index}`, hosts: [`*.llm-${index}.example`], keys: [`llm${index}-`] }] })
    await app.close()
  }
  t.equal(builtInRegistry(), before)
  t.same(sizes(), sizesBefore)
  t.same(displayName('LLM_7'), 'LLM_7')
})

/** A provider of which nothing is as with others. */
const acme: ProviderRow = {
  name: 'Acme AI',
  ids: ['acme'],
  hosts: ['api.acme.example'],
  codes: { 529: ['SWAMPED'] },
  keys: ['acme-', 'ak_*'],
  classes: ['AcmeError'],
  sdk: {
    fields: ['httpCode', 'reply'],
    without: ['isOther'],
    status: 'httpCode',
    body: 'reply.content',
    headers: 'reply.headers',
    url: 'reply.address'
  },
  body: { parts: ['problem'], marks: ['swamped'], messages: ['problem.text'], keyed: ['Trouble'] },
  requestIdHeaders: ['x-acme-trace'],
  buckets: [{ remaining: 'x-acme-left', reset: 'x-acme-refill' }],
  errorEvents: [
    { type: 'acme.failed' }, { only: 'mishap' }, { only: '*Mishap' }, { fields: { 'state.phase': 'broken*', ok: false } },
    { type: 'acme.end', fields: { why: true } }
  ]
}

class AcmeError extends Error {
  readonly httpCode: number | undefined
  readonly reply: object | undefined

  constructor (httpCode?: number, reply?: object) {
    super('acme')
    this.httpCode = httpCode
    this.reply = reply
  }
}

class AcmeBareError extends Error {
  readonly status = 429
}

const key = 'acme-7f3Kq9ZsT1xV5bN2'
const headers = { 'x-acme-left': '0', 'x-acme-refill': '7s', 'x-acme-trace': 'trace-0001', 'x-request-id': 'edge-1' }

t.test('all columns of a row hold in the scope that has the option, and in no other app', async t => {
  const thrown = [
    new AcmeError(429, { headers, content: { problem: { text: `Too fast for ${key}, ${key}.` } } }),
    new AcmeError(400, { content: { problem: { code: 'SWAMPED', text: 'Busy.' } } }),
    { httpCode: 400, reply: { content: { swamped: true, message: 'Busy.' }, address: 'https://api.acme.example/v1' } },
    new AcmeError(400, { content: { queueTrouble: { message: 'Queue.' } } }),
    new AcmeError(),
    new AcmeBareError('Bare.'),
    { httpCode: 400, reply: { content: {} }, isOther: true }
  ]
  const routes = (app: FastifyInstance): void => {
    app.get('/:index', async request => { throw thrown[Number((request.params as { index: string }).index)] })
    app.get('/own', async () => { throw new Error(`Failed with ${key}`) })
  }
  const { app, log } = await appWith(t, routes, { providers: [acme, { name: 'Bare AI', classes: ['AcmeBareError'] }], redact: text => text.replace('Too', 'So') })
  const slow = await app.inject('/0')
  t.match(slow.json(), { detail: { code: 429, origin: 'Acme AI', message: 'So fast for [redacted], [redacted].' } })
  t.match(slow.headers, { 'retry-after': '7', 'x-provider-request-id': 'trace-0001' })
  for (const [index, code, message] of [
    [1, 529, 'Busy.'], [2, 529, 'Busy.'], [3, 422, 'Queue.'], [4, 503, 'Acme AI could not be reached.']
  ] as const) {
    t.match((await app.inject(`/${index}`)).json().detail, { code, message, origin: 'Acme AI' }, String(index))
  }
  t.match((await app.inject('/5')).json().detail, { code: 429, message: 'Bare.', origin: 'Bare AI' })
  t.match((await app.inject('/6')).json().detail, { code: 500, origin: 'Humanloop' })
  await app.inject('/own')
  t.notMatch(String(log), key)
  t.match(String(log), '[redacted]')

  const other = await appWith(t, routes, { providers: [{ name: 'Other', hosts: ['other.example'] }] })
  t.match((await other.app.inject('/0')).json().detail, { code: 500, origin: 'Humanloop' })
  t.match((await other.app.inject('/5')).json().detail, { code: 429, origin: 'Humanloop' })
})

t.test('keys without a redaction of the user’s', async t => {
  const { app } = await appWith(t, app => {
    app.get('/key', async () => { throw new RateLimitError('ak_9ZsT1xV5bN2q, ak_in to x') })
    app.get('/plain', async () => { throw new RateLimitError('Plain.') })
  }, { providers: [acme] })
  t.equal((await app.inject('/key')).json().detail.message, '[redacted], ak_in to x')
  t.equal((await app.inject('/plain')).json().detail.message, 'Plain.')
})

t.test('events of a row end a stream of the scope, and of no other app', async t => {
  const events: Array<[object, boolean]> = [
    [{ event: 'acme.failed', data: { message: 'Failed.' } }, true],
    [{ event: 'acme.failed', data: 'Failed.' }, true],
    [{ data: { type: 'acme.failed', message: 'Failed.' } }, true],
    [{ data: { mishap: 'Failed.' } }, true],
    [{ data: { queueMishap: { message: 'Failed.' } } }, true],
    [{ data: { queueMishap: 'no object' } }, false],
    [{ data: { mishap: 'Failed.', other: 1 } }, false],
    [{ data: { state: { phase: 'broken by load' }, message: 'Failed.' } }, true],
    [{ data: { state: { phase: 'broken by load' }, message: 'Failed.', ok: true } }, false],
    [{ data: { state: { phase: 'whole' }, text: '"broken' } }, false],
    [{ data: { state: { phase: 1 }, text: ['broken'] } }, false],
    [{ event: 'acme.end', data: { why: 'Failed.' } }, true],
    [{ event: 'acme.end', data: {} }, false]
  ]
  const routes = (app: FastifyInstance): void => {
    app.get('/:index', async (request, reply) => reply.sendEvents((async function * () {
      yield { text: 'Hello' }
      yield events[Number((request.params as { index: string }).index)]![0]
    })(), { dialect: 'humanloop', origin: undefined }))
  }
  const { app } = await appWith(t, routes, { providers: [acme] })
  const other = await appWith(t, routes)
  for (const [index, [event, isError]] of events.entries()) {
    const { body } = await app.inject(`/${index}`)
    t.equal(body.includes('"origin":"Acme AI"') || body.includes('"type":"unknown_error"'), isError, `${JSON.stringify(event)} → ${body}`)
    t.notMatch((await other.app.inject(`/${index}`)).body, '"type":"unknown_error"')
  }
})

t.test('an origin under an id of the scope', async t => {
  const { app } = await appWith(t, app => {
    app.get('/with', async () => withOrigin('acme', async () => { throw Object.assign(new Error('Said.'), { status: 400 }) }))
    app.get('/stream', async (_request, reply) => reply.sendEvents((async function * () {
      yield { text: 'Hello' }
      throw Object.assign(new Error('Said.'), { status: 400 })
    })(), { origin: 'acme' }))
  }, { providers: [acme] })
  t.match((await app.inject('/with')).json().detail, { code: 422, origin: 'Acme AI', message: 'Said.' })
  t.match((await app.inject('/stream')).body, '"origin":"Acme AI"')
})
