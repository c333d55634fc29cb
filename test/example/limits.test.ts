/** What one caller can cost the gateway: bodies and prompts have limits, and while a long one is counted others are served. */
import { readFileSync } from 'node:fs'
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base'
import t from 'tap'
import { environment } from '../../example/environment.js'
import { buildGateway } from '../../example/gateway.js'
import { filled, longestPrompt } from '../../example/prompt.js'
import { tokensOf } from '../../example/stand-ins/tokens.js'
import { envelope, Log } from '../support/app.js'

async function gateway (t: { teardown: (close: () => Promise<void>) => void }, variables: Record<string, string> = {}) {
  const log = new Log()
  const app = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0', ...variables }), { logger: log.logger })
  t.teardown(async () => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const post = async (path: string, body: object | string, key = 'caller'): Promise<{ status: number, headers: Headers, body: any }> => {
    const response = await fetch(`${app.listeningOrigin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  return { log, post }
}

const chat = (content: string, model = 'gpt-3.5-turbo'): object => ({ messages: [{ role: 'user', content }], model_config: { model } })

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

t.test('tokens of ordinary text are those of the tokenizer', async t => {
  for (const [name, ordinary] of Object.entries({
    prose: text('README.md'),
    code: text('plugin/errors.ts'),
    contractions: "Don’t say it isn't; they'LL've left, she’d said. ".repeat(200),
    numbers: '1234567 3.14159 2024-05-06T07:08:09Z 0xdeadbeef +49 (30) 1234-5678 '.repeat(100),
    'no spaces': '今天天气很好，我们去公园散步。他说：“好的！”然后走了。'.repeat(100),
    accents: 'Übermäßig größere Äpfel naïve café e\u0301te\u0301 — ñandú '.repeat(100),
    signs: 'a <|endoftext|> b 👩‍👩‍👧‍👦🏳️‍🌈 {"a":[1,2,{"b":null}]}\r\n\r\n\t  x\n'.repeat(100),
    nothing: ''
  })) t.equal(await tokensOf(ordinary), countTokens(ordinary, { disallowedSpecial: new Set() }), name)
})

t.test('a prompt that is costly to count gets its response, and another request is served meanwhile', async t => {
  const { log, post } = await gateway(t)
  for (const [name, hostile] of Object.entries({
    'one letter': 'a'.repeat(1_000_000),
    spaces: ' '.repeat(1_000_000),
    'lines’ ends and a letter': `${'\n'.repeat(1_000_000)}x`,
    signs: '!'.repeat(1_000_000),
    'lone surrogates': '\ud800'.repeat(300_000),
    marks: 'a\u0301'.repeat(300_000)
  })) {
    const arrived = log.next('incoming request')
    let isDone = false
    const costly = post('/v4/chat', chat(hostile)).finally(() => { isDone = true })
    await arrived
    const other = await post('/v4/chat', chat('Tell me a joke.'))
    t.equal(other.status, 200, name)
    t.notOk(isDone, `${name}: the other one did not wait`)
    const { status, body } = await costly
    t.equal(status, 422)
    t.match(body, {
      detail: {
        type: 'unprocessable_entity_error',
        message: /^This model's maximum context length is 4097 tokens\. However, your messages resulted in \d+ tokens/,
        code: 422,
        origin: 'OpenAI'
      }
    })
  }
})

t.test('what is longer than any prompt is refused, with the field and its limit', async t => {
  const { post } = await gateway(t)
  const named = '{{a}}'.repeat(23_000)
  const template = (prompt: string, inputs: object): object => ({ inputs, model_config: { model: 'gpt-4o', prompt_template: prompt } })
  const messages = (count: number): object[] => Array.from({ length: count }, () => ({ role: 'user', content: '' }))
  for (const [path, request, code, message] of [
    ['/v4/chat', chat('a'.repeat(2_000_001)), 422, 'body/messages must not hold more than 2000000 characters; they hold 2000001'],
    [
      '/v4/chat', { ...chat(''), messages: [...messages(2), { role: 'user', content: '漢'.repeat(2_000_001) }] }, 422,
      'body/messages must not hold more than 2000000 characters; they hold 2000001'
    ],
    ['/v4/chat', { ...chat(''), messages: messages(10_001) }, 422, 'body/messages must NOT have more than 10000 items'],
    ['/v4/chat', chat('', 'm'.repeat(257)), 422, 'body/model_config/model must NOT have more than 256 characters'],
    [
      '/v4/completion', template(named, { a: 'a'.repeat(13_000) }), 422,
      'body/model_config/prompt_template must not make a prompt of more than 2000000 characters, with its inputs filled in'
    ],
    [
      '/v4/completion', template('a'.repeat(2_000_001), {}), 422,
      'body/model_config/prompt_template must not make a prompt of more than 2000000 characters, with its inputs filled in'
    ]
  ] as const) {
    const response = await post(path, request)
    t.equal(response.status, code)
    t.same(response.body, envelope(code, message))
  }
  const large = await post('/v4/chat', JSON.stringify(chat('a'.repeat(8 * 2 ** 20))))
  t.equal(large.status, 400)
  t.match(large.body, { detail: { type: 'bad_request_error', code: 400, origin: 'Humanloop' } })
  t.equal((await post('/v4/completion', template('{{a}}'.repeat(3), { a: 'word ' }))).status, 200)
})

t.test('a template is not filled any further than a prompt may be long', async t => {
  let reads = 0
  const inputs = {
    get a () {
      reads++
      return 'a'.repeat(1000)
    }
  }
  t.throws(() => filled('{{a}}'.repeat(100_000), inputs), { message: /^body\/model_config\/prompt_template must not/ })
  t.ok(reads <= longestPrompt / 1000, `${reads} reads`)
  t.equal(filled('{{ a }}{{b}}', { a: '{{b}}', b: '' }), '{{b}}')
})

t.test('a new key for each request does not pass the rate limit', async t => {
  const { post } = await gateway(t, { RATE_LIMIT: '3' })
  const statuses = []
  for (let call = 0; call < 5; call++) statuses.push(await post('/v4/chat', chat('Tell me a joke.'), `key-${call}`))
  t.same(statuses.map(({ status }) => status), [200, 200, 200, 429, 429])
  t.same(statuses.at(-1)!.body, envelope(429, 'Rate limit exceeded, retry in 1 minute'))
  t.match(statuses.at(-1)!.headers.get('retry-after'), /^\d+$/)
})
