/** The gateway as its callers see it: real SDKs over loopback, the stand-ins' true wire formats. */
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { buildGateway } from '../../example/gateway.js'
import { environment } from '../../example/environment.js'
import { envelope, levels, Log, meanings } from '../support/app.js'

const joke = [{ role: 'user', content: 'Tell me a joke.' }]

const providers = {
  openai: { origin: 'OpenAI', model: 'gpt-3.5-turbo' },
  anthropic: { origin: 'Anthropic', model: 'claude-3-5-sonnet-20241022' },
  cohere: { origin: 'Cohere', model: 'command-r' }
} as const

async function gateway (t: { teardown: (close: () => Promise<void>) => void }, variables: Record<string, string> = {}) {
  const log = new Log()
  const app: FastifyInstance = await buildGateway(
    environment({ MAX_EVENT_LOOP_DELAY: '0', PROVIDER_TIMEOUT: '5', ...variables }), { logger: log.logger }
  )
  t.teardown(async () => app.close())
  const post = async (url: string, payload: object, headers: Record<string, string> = { 'x-api-key': 'caller' }) =>
    app.inject({ method: 'POST', url, payload, headers })
  return { app, log, post }
}

t.test('given a prompt, each provider’s completion has the shape of Humanloop’s v4', async t => {
  const { post } = await gateway(t)
  for (const [provider, { model }] of Object.entries(providers)) {
    const chat = await post('/v4/chat', {
      project: 'jokes',
      messages: [{ role: 'system', content: 'Be brief.' }, ...joke],
      model_config: { model, temperature: 0.5, max_tokens: -1 }
    })
    t.equal(chat.statusCode, 200, provider)
    const body = chat.json()
    t.match(body, {
      project_id: /^pr_[0-9a-f]{16}$/,
      data: [{
        id: /^data_/,
        index: 0,
        output: 'Tell me a joke.',
        raw_output: 'Tell me a joke.',
        output_message: { role: 'assistant', content: 'Tell me a joke.' },
        inputs: {},
        finish_reason: 'stop',
        model_config_id: /^config_[0-9a-f]{16}$/
      }]
    })
    t.ok(body.usage.prompt_tokens > 5)
    t.equal(body.usage.total_tokens, body.usage.prompt_tokens + body.usage.generation_tokens)
    t.equal(body.provider_responses.length, 1)
  }
})

t.test('given a template, its inputs are filled in', async t => {
  const { post } = await gateway(t)
  const complete = async (inputs?: object) => post('/v4/completion', {
    inputs, model_config: { model: 'gpt-4o', prompt_template: 'A joke about {{ animal }}s, {{animal}}s only.' }
  })
  const filled = await complete({ animal: 'cat' })
  t.equal(filled.statusCode, 200)
  t.equal(filled.json().data[0].output, 'A joke about cats, cats only.')
  t.same(filled.json().data[0].inputs, { animal: 'cat' })

  const missing = await complete()
  t.equal(missing.statusCode, 422)
  t.same(missing.json(), envelope(422, "body/inputs must have property 'animal': the prompt template names it"))
})

t.test('the documented example holds to the letter', async t => {
  const { post } = await gateway(t)
  const answer = await post('/v4/chat', { messages: joke, model_config: { model: 'gpt-3.5-turbo', max_tokens: 10_000_000 } })
  t.equal(answer.statusCode, 422)
  t.equal(
    answer.body,
    '{"detail":{"type":"unprocessable_entity_error","message":"This model\'s maximum context length is 4097 tokens. However, you requested 10000012 tokens (12 in the messages, 10000000 in the completion). Please reduce the length of the messages or completion.","code":422,"origin":"OpenAI"}}'
  )
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  t.match(answer.headers['x-provider-request-id'], /^req_/)
})

t.test('too many tokens: each provider says so in its own sentence', async t => {
  const { post } = await gateway(t)
  const long = [{ role: 'user', content: 'word '.repeat(260_000) }]
  const cases = [
    [
      'claude-3-5-sonnet-20241022', joke, 10_000_000, 'Anthropic',
      'max_tokens: 10000000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022'
    ],
    ['claude-3-5-sonnet-20241022', long, undefined, 'Anthropic', /^prompt is too long: 26\d{4} tokens > 200000 maximum$/],
    [
      'command-r', joke, 10_000_000, 'Cohere',
      'too many tokens: max tokens must be less than or equal to 4000, the maximum output for this model - received 10000000.'
    ],
    [
      'command-r', long, undefined, 'Cohere',
      /^too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 26\d{4}\./
    ],
    [
      'gpt-3.5-turbo', long, undefined, 'OpenAI',
      /^This model's maximum context length is 4097 tokens\. However, your messages resulted in 26\d{4} tokens\./
    ]
  ] as const
  for (const [model, messages, maxTokens, origin, message] of cases) {
    const answer = await post('/v4/chat', { messages, model_config: { model, max_tokens: maxTokens } })
    t.equal(answer.statusCode, 422, model)
    t.match(answer.json().detail, { type: 'unprocessable_entity_error', message, code: 422, origin })
  }
})

t.test('every failure of every provider arrives as the contract says', async t => {
  const { post, log } = await gateway(t)
  const answers: Record<string, number> = {
    'error-400': 422,
    'error-401': 401,
    'error-403': 401,
    'error-404': 404,
    'error-408': 504,
    'error-413': 422,
    'error-422': 422,
    'error-429': 429,
    'error-500': 500,
    'error-502': 503,
    'error-503': 503,
    'error-504': 504,
    'error-529': 529,
    'error-refused': 503,
    'error-reset': 503,
    'error-timeout': 504
  }
  for (const [provider, { origin }] of Object.entries(providers)) {
    await Promise.all(Object.entries(answers).map(async ([model, code]) => {
      const answer = await post('/v4/chat', { messages: joke, model_config: { model, provider } })
      t.equal(answer.statusCode, code, `${provider} ${model}`)
      const { detail } = answer.json()
      t.same(answer.json(), envelope(code, detail.message, origin), `${provider} ${model}`)
      t.notMatch(detail.message, /^\d{3} |[{<]|Status code/, 'a sentence, without the SDK’s decoration')
      t.equal(answer.headers['retry-after'], code === 429 ? '7' : undefined)
      t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
      t.equal(answer.headers['cache-control'], 'no-store')
      t.equal(answer.headers['x-provider-request-id'] !== undefined, /^error-\d/.test(model))
      t.equal(answer.headers['openai-version'], undefined, 'no other header of a provider')
    }))
  }
  const failures = log.all.filter(({ origin }) => origin !== undefined)
  t.equal(failures.length, 48)
  t.ok(failures.every(({ level }) => level === levels.warn))
  t.match(failures.find(({ upstreamStatus }) => upstreamStatus === 403), {
    type: 'authentication_error', code: 401, upstreamRequestId: String
  })
})

t.test('a key that the provider does not know is the provider’s 401, and is not shown', async t => {
  const { post, log } = await gateway(t)
  const invalid = 'invalid-key-of-somebody-1234'
  for (const [provider, { origin, model }] of Object.entries(providers)) {
    const answer = await post('/v4/chat', { messages: joke, model_config: { model }, provider_api_keys: { [provider]: invalid } })
    t.equal(answer.statusCode, 401, provider)
    t.equal(answer.json().detail.origin, origin)
    t.notMatch(answer.body, /invalid-key|1234/)
  }
  t.notMatch(String(log), /invalid-key|somebody|joke/)
})

t.test('a model that the provider does not know is its 404', async t => {
  const { post } = await gateway(t)
  const answer = await post('/v4/chat', { messages: joke, model_config: { model: 'gpt-17' } })
  t.equal(answer.statusCode, 404)
  t.same(answer.json(), envelope(404, 'The model `gpt-17` does not exist or you do not have access to it.', 'OpenAI'))
})

t.test('where nothing tells the provider, the message says what to add', async t => {
  const { post } = await gateway(t)
  const answer = await post('/v4/chat', { messages: joke, model_config: { model: 'error-429' } })
  t.equal(answer.statusCode, 422)
  t.same(
    answer.json(),
    envelope(422, 'body/model_config/provider must be one of openai, anthropic, cohere: it does not follow from the name of the model')
  )
})

t.test('our own 401: no key, an empty key, a wrong key', async t => {
  const { post } = await gateway(t, { HUMANLOOP_API_KEY: 'the-right-one' })
  const body = { messages: joke, model_config: { model: 'gpt-4o' } }
  for (const [headers, message] of [
    [{}, 'The header X-API-KEY is missing.'],
    [{ 'x-api-key': ' ' }, 'The header X-API-KEY is missing.'],
    [{ 'x-api-key': 'another' }, 'The API key in X-API-KEY is not known.']
  ] as const) {
    const answer = await post('/v4/chat', body, headers)
    t.equal(answer.statusCode, 401)
    t.same(answer.json(), envelope(401, message))
  }
  t.equal((await post('/v4/chat', body, { 'x-api-key': 'the-right-one' })).statusCode, 200)
})

t.test('the rate limit is ours: 429 with retry-after, for the key that is known, and for each address that has another', async t => {
  const { post, app } = await gateway(t, { RATE_LIMIT: '2' })
  const body = { messages: joke, model_config: { model: 'gpt-4o' } }
  const statuses = []
  for (const key of ['one', 'another', 'a third']) statuses.push((await post('/v4/chat', body, { 'x-api-key': key })).statusCode)
  t.same(statuses, [200, 200, 429], 'where any key is accepted, keys tell nobody apart')
  const limited = await post('/v4/chat', body, { 'x-api-key': 'a fourth' })
  t.same(limited.json(), envelope(429, 'Rate limit exceeded, retry in 1 minute'))
  t.match(limited.headers['retry-after'], /^\d+$/)
  const elsewhere = await app.inject({
    method: 'POST', url: '/v4/chat', payload: body, headers: { 'x-api-key': 'one' }, remoteAddress: '192.0.2.1'
  })
  t.equal(elsewhere.statusCode, 200)

  const guarded = await gateway(t, { RATE_LIMIT: '2', HUMANLOOP_API_KEY: 'the-right-one' })
  const tries = []
  for (const key of ['a', 'b', 'c']) tries.push((await guarded.post('/v4/chat', body, { 'x-api-key': key })).statusCode)
  t.same(tries, [401, 401, 429], 'who tries keys is limited by address')
  const right = []
  for (let call = 0; call < 3; call++) right.push((await guarded.post('/v4/chat', body, { 'x-api-key': 'the-right-one' })).statusCode)
  t.same(right, [200, 200, 429], 'who has the key, by key')
})

t.test('with a key in the environment the real service is called, at its address', async t => {
  const provider = await gateway(t)
  await provider.app.listen({ port: 0, host: '127.0.0.1' })
  const { post } = await gateway(t, {
    OPENAI_API_KEY: 'of-the-server', OPENAI_BASE_URL: `${provider.app.listeningOrigin}/v1`
  })
  const answer = await post('/v4/chat', { messages: joke, model_config: { model: 'gpt-4o' } })
  t.equal(answer.statusCode, 404)
  t.same(answer.json(), envelope(404, meanings[404]!, 'OpenAI'), 'an address that is no OpenAI: the SDK finds no sentence in its body')
  t.match(provider.log.lines.at(-1), { msg: 'Route POST:/v1/chat/completions not found' })
})

t.test('a client that leaves ends the provider’s call, and is no failure', async t => {
  const { app, log } = await gateway(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const controller = new AbortController()
  const arrived = log.next('incoming request')
  const left = log.next('the client left before it had an answer')
  const call = fetch(`${app.listeningOrigin}/v4/chat`, {
    method: 'POST',
    headers: { 'x-api-key': 'caller', 'content-type': 'application/json' },
    body: JSON.stringify({ messages: joke, model_config: { model: 'error-timeout', provider: 'openai' } }),
    signal: controller.signal
  })
  await arrived
  controller.abort()
  await t.rejects(call, { name: 'AbortError' })
  t.match(await left, { level: levels.info, origin: 'OpenAI' })
})

t.test('the documentation lists the nine answers on every route, by reference', async t => {
  const { app } = await gateway(t)
  const document = (await app.inject('/docs/json')).json()
  for (const path of ['/v4/chat', '/v4/completion']) {
    const { responses } = document.paths[path].post
    t.same(Object.keys(responses['200'].content), ['application/json', 'text/event-stream'])
    t.same(responses['200'].content['application/json'].schema.required, ['project_id', 'data', 'usage', 'provider_responses'])
    t.same(responses['200'].content['text/event-stream'].schema.required, ['id', 'index', 'output', 'finish_reason', 'model_config_id'])
    t.same(Object.keys(responses), ['200', '400', '401', '404', '422', '429', '500', '503', '504', '529'])
    t.same(responses['429'], { $ref: '#/components/responses/HumanloopRateLimitError' })
  }
  t.match(document.components.responses.HumanloopRateLimitError, {
    description: /^Rate limit reached: More requests than allowed in a period of time\./,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/HumanloopRateLimitError' } } }
  })
  t.ok(document.components.schemas.HumanloopOverloadedError)
  t.equal((await app.inject('/docs/')).statusCode, 200)
})

t.test('text that is a token with a meaning of its own is text', async t => {
  const { post } = await gateway(t)
  const answer = await post('/v4/chat', {
    messages: [{ role: 'user', content: 'a <|endoftext|> b' }], model_config: { model: 'command-r' }
  })
  t.equal(answer.statusCode, 200)
})

t.test('a key that cannot be a header is the caller’s mistake, and is not logged', async t => {
  const { post, log } = await gateway(t)
  const answer = await post('/v4/chat', {
    messages: joke, model_config: { model: 'command-r' }, provider_api_keys: { cohere: 'abc\nSECRETKEY' }
  })
  t.equal(answer.statusCode, 422)
  t.notMatch(answer.body + String(log), /SECRETKEY/)
})

t.test('a variable of the environment that makes no sense is named', async t => {
  t.throws(() => environment({ PORT: 'http' }), new RangeError("PORT must be an integer from 0 to 65535; it is 'http'"))
  t.throws(() => environment({ RATE_LIMIT: '0' }), new RangeError("RATE_LIMIT must be an integer from 1 to 1000000000; it is '0'"))
  t.throws(
    () => environment({ OPENAI_BASE_URL: 'notaurl' }),
    new RangeError('OPENAI_BASE_URL must be an address such as https://api.example.com/v1')
  )
  t.throws(() => environment({ COHERE_API_KEY: 'a\nb' }), new RangeError('COHERE_API_KEY must be a key: visible ASCII on one line'))
  t.throws(
    () => environment({ LOG_LEVEL: 'verbose' }), new RangeError('LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent')
  )
  t.match(environment({}), { host: '127.0.0.1', port: 3000, apiKey: undefined, rateLimit: 600 })
})
