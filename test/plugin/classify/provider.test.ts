/** A provider's answers, as its caller has them in hand: CONTRACT §4 and §5. */
import t from 'tap'
import { fromFetch, fromResponse, toContractError, withOrigin, NotFoundError, ContractError } from '../../../plugin/index.js'
import { meanings } from '../../support/app.js'

t.test('every status of a provider becomes its row', async t => {
  const named: Readonly<Record<number, number>> = {
    401: 401,
    402: 401,
    403: 401,
    407: 401,
    451: 401,
    404: 404,
    410: 404,
    408: 504,
    499: 504,
    504: 504,
    522: 504,
    524: 504,
    598: 504,
    599: 504,
    429: 429,
    424: 500,
    425: 503,
    502: 503,
    503: 503,
    507: 503,
    520: 503,
    521: 503,
    523: 503,
    525: 503,
    526: 503,
    527: 503,
    530: 503,
    529: 529
  }
  for (let status = 400; status <= 599; status++) {
    const error = fromResponse('cohere', { status, body: { message: 'Said.' } })
    t.equal(error.detail.code, named[status] ?? (status < 500 ? 422 : 500), String(status))
    t.equal(error.message, 'Said.')
    t.equal(error.origin, 'Cohere')
    t.equal(error.upstream?.status, status)
  }
  t.equal(fromResponse('groq', { status: 498 }).statusCode, 529, 'Groq’s own')
})

t.test('a machine code decides where it contradicts the status', async t => {
  const openai = (code: string | null, type: string | null = null) => ({ error: { message: 'Said.', type, param: null, code } })
  const anthropic = (type: string, message = 'Said.') => ({ type: 'error', error: { type, message }, request_id: 'req_1' })
  for (const [origin, status, body, code] of [
    ['openai', 400, openai('model_not_found'), 404],
    ['openai', 400, openai('invalid_api_key'), 401],
    ['openai', 400, openai('context_length_exceeded', 'invalid_request_error'), 422],
    ['openai', 503, openai(null, 'engine_overloaded_error'), 529],
    ['openai', 503, openai('slow_down'), 429],
    ['openai', 503, openai(null, 'server_error'), 503],
    ['openai', 401, openai(null, 'invalid_request_error'), 401],
    ['openai', undefined, openai('rate_limit_exceeded'), 429],
    ['openai', 200, { type: 'response.failed', response: { error: { code: 'server_error', message: 'Said.' } } }, 500],
    ['openai', undefined, openai('image_too_large'), 422],
    ['openai', 400, openai('billing_hard_limit_reached'), 401],
    ['anthropic', 500, anthropic('overloaded_error'), 529],
    ['anthropic', 503, anthropic('api_error'), 503],
    ['anthropic', undefined, anthropic('api_error'), 500],
    ['anthropic', undefined, anthropic('permission_error'), 401],
    ['anthropic', 400, anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 401],
    ['openai', 400, { error: { message: 'Your credit balance is too low' } }, 422],
    ['bedrock', 400, { __type: 'com.amazonaws#ThrottlingException', message: 'Said.' }, 429],
    ['bedrock', undefined, { modelStreamErrorException: { message: 'Said.' } }, 500],
    ['cohere', undefined, { type: 'message-end', delta: { finish_reason: 'ERROR_TOXIC', error: 'Said.' } }, 422],
    ['someone', undefined, { error: { message: 'Said.', code: 400 } }, 422],
    ['someone', undefined, { error: { message: 'Said.', code: '503' } }, 503],
    ['someone', undefined, { message: 'Said.' }, 500]
  ] as const) {
    const error = fromResponse(origin, { status, body })
    t.equal(error.statusCode, code, JSON.stringify(body))
  }
  const inHeader = fromResponse('bedrock', {
    status: 400, headers: { 'X-Amzn-ErrorType': 'ThrottlingException:http://internal/' }, body: { message: 'Said.' }
  })
  t.equal(inHeader.statusCode, 429)
})

t.test('a 429 that waiting does not cure says so', async t => {
  const quota = fromResponse('openai', {
    status: 429, body: { error: { message: 'Said.', type: 'insufficient_quota', code: 'insufficient_quota' } }
  })
  t.match(quota, { statusCode: 429, retryable: false })
  t.equal(fromResponse('openai', { body: { error: { code: 'insufficient_quota' } } }).retryable, false)
  t.equal(fromResponse('openai', { status: 403, body: { error: { code: 'insufficient_quota' } } }).statusCode, 401)
  t.equal(fromResponse('openai', { status: 429, headers: { 'x-should-retry': 'false' } }).retryable, false)
  t.equal(fromResponse('openai', { status: 429 }).retryable, true)
})

t.test('the provider’s own sentence is found wherever it stands', async t => {
  for (const [body, message] of [
    ['{"error":{"message":"Said."}}', 'Said.'],
    ['Said plainly.', 'Said plainly.'],
    ['<html><body>502</body></html>', meanings[422]],
    ['{"error": cut', meanings[422]],
    ['[object Object]', meanings[422]],
    ['', meanings[422]],
    [undefined, meanings[422]],
    [{ error: 'Said.' }, 'Said.'],
    [{ error: 'CODE: said', message: 'Said.' }, 'Said.'],
    [{ Message: 'Said.' }, 'Said.'],
    [{ detail: 'Said.' }, 'Said.'],
    [{ title: 'Title', detail: 'Said.' }, 'Said.'],
    [{ title: 'Title' }, 'Title'],
    [{ detail: [{ loc: ['body'], msg: 'First.' }, { msg: 'Second.' }] }, 'First.; Second.'],
    [{ errors: [{ message: 'Said.' }] }, 'Said.'],
    [{ fault: { faultstring: 'Said.' } }, 'Said.'],
    [{ object: 'error', message: { detail: [{ msg: 'Said.' }] } }, 'Said.'],
    [{ error: { message: '{"error":{"message":"Inside."}}' } }, 'Inside.'],
    [[{ error: { message: 'Said.', status: 'INVALID_ARGUMENT' } }], 'Said.'],
    ['<|endoftext|> is not allowed.', '<|endoftext|> is not allowed.'],
    ['{name} is not a valid field.', '{name} is not a valid field.'],
    ['["messages"] is required.', '["messages"] is required.'],
    ['Error from upstream: <!DOCTYPE html><html>said</html>', 'Error from upstream'],
    ['502 Bad Gateway <html><head>', 'Bad Gateway'],
    ['502: <html>said</html>', meanings[422]],
    ['502 Bad Gateway: {"error":{"message":"Said."}}', 'Said.'],
    ['Error from provider (404): {"status":404}', 'Error from provider (404)'],
    ['Error from provider (404): {"message":"Said."} for you.', 'Error from provider (404): {"message":"Said."} for you.'],
    ['Error code: 400 - {\'error\': {\'message\': "It isn\'t.", \'type\': None}}', "It isn't."],
    ["Error code: 400 - {'error': {'type': None}}", 'Error code: 400'],
    ["Provider: b'{\"error\":{\"message\":\"Said.\"}}'", 'Said.'],
    ['Unexpected token <, "<!DOCTYPE "... is not valid JSON', 'Unexpected token <, "<!DOCTYPE "... is not valid JSON'],
    ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Said."}}', 'Said.'],
    [{ throttled: 1 }, meanings[422]],
    [{ message: '', error: { message: '<p>no</p>' } }, meanings[422]],
    [`{"a":"${'x'.repeat(300_000)}"}`, meanings[422]]
  ] as const) t.equal(fromResponse('openai', { status: 400, body }).message, message, JSON.stringify(body)?.slice(0, 80))
  const deep = JSON.parse('{"error":'.repeat(500) + '"Deep."' + '}'.repeat(500))
  t.equal(fromResponse('openai', { status: 400, body: deep }).message, meanings[422], 'not looked for without end')
})

t.test('a violation that quotes the request is told without the quotation', async t => {
  const whisper = 'whisper this to the model'
  const violation =
    `{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', 'input': {'prompt': '${whisper}', 'msg': '${whisper}'}}`
  for (const [body, message] of [
    [{ object: 'error', message: `[${violation}]` }, 'Field required'],
    [{ error: { message: `1 validation error:\n  ${violation}\n\n  File "/app/server.py", line 3` } }, 'Field required'],
    [{ detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required', input: { message: whisper } }] }, 'Field required'],
    [{ detail: [{ type: 'missing', input: { message: whisper } }] }, meanings[422]],
    [{
      message: `1 validation error for Request\nrole\n  Field required [type=missing, input_value={'content': '${whisper}'}, input_type=dict]`
    },
    '1 validation error for Request role   Field required']
  ] as const) t.equal(fromResponse('vllm', { status: 400, body }).message, message)
})

t.test('a body is parsed while its text is worth it: many texts that look like JSON cost no more than one', async t => {
  const { parse } = JSON
  let length = 0
  t.teardown(() => { JSON.parse = parse })
  JSON.parse = (text: string) => {
    length += text.length
    return parse(text)
  }
  const body = Array.from({ length: 64 }, () => '['.repeat(256 * 1024))
  t.equal(fromResponse('openai', { status: 400, body: { error: body, detail: body } }).statusCode, 422)
  t.ok(length <= 256 * 1024, `${length} characters`)
})

t.test('the wait, from each header; the request id, from each place', async t => {
  const soon = new Date(Date.now() + 90_500).toUTCString()
  for (const [headers, seconds] of [
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '6.2' }, 7],
    [{ 'retry-after': soon }, undefined],
    [{ 'retry-after': new Date(0).toUTCString() }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '19', 'retry-after-ms': '18642' }, 19],
    [{ 'x-ms-retry-after-ms': '500' }, 1],
    [{}, undefined]
  ] as const) {
    const { retryAfter } = fromResponse('openai', { status: 429, headers })
    if (seconds === undefined && 'retry-after' in headers && headers['retry-after'] === soon) t.ok(retryAfter! >= 89 && retryAfter! <= 91)
    else t.equal(retryAfter, seconds, JSON.stringify(headers))
  }
  for (const [response, id] of [
    [{ headers: new Headers({ 'x-request-id': 'a', 'request-id': 'b' }), body: { id: 'c' } }, 'a'],
    [{ headers: { 'Request-Id': ['b'] } }, 'b'],
    [{ headers: { 'x-request-id': 5, 'cf-ray': 'd' } }, '5'],
    [{ headers: { 'cf-ray': 'd' }, body: { request_id: 'c' } }, 'c'],
    [{ headers: { 'cf-ray': 'd' }, body: { id: 'c d' } }, 'd'],
    [{ body: { id: 'chatcmpl-123' } }, 'chatcmpl-123'],
    [{ body: { id: 'x' } }, undefined],
    [{ body: { id: 'sk-abcdefghijklmnop' } }, undefined],
    [{ body: { request_id: 'sk-abcdefghijklmnop' } }, undefined],
    [{ headers: { 'cf-ray': 'd' } }, 'd'],
    [{ headers: { get () { throw new Error('no') } } }, undefined],
    [{ headers: { 'x-request-id': 'x'.repeat(2000) } }, undefined],
    [{ headers: new Proxy({}, { get: () => undefined, ownKeys () { throw new Error('no') } }) }, undefined]
  ] as const) t.equal(fromResponse('openai', { status: 500, ...response }).upstream?.requestId, id)
})

t.test('fromFetch reads a Response, and at most the beginning of a long one', async t => {
  const json = await fromFetch(
    'deepseek', Response.json({ error: { message: 'Said.' } }, { status: 402, headers: { 'x-request-id': 'r' } })
  )
  t.same(json.detail, { type: 'authentication_error', message: 'Said.', code: 401, origin: 'DeepSeek' })
  t.equal(json.upstream?.requestId, 'r')
  t.equal((await fromFetch('deepseek', new Response(null, { status: 503 }))).statusCode, 503)
  const read = new Response('Said.', { status: 404 })
  await read.text()
  t.equal((await fromFetch('deepseek', read)).statusCode, 404)

  let cancelled = false
  const endless = new ReadableStream({
    pull (controller) { controller.enqueue(new TextEncoder().encode('word '.repeat(2000))) },
    cancel () { cancelled = true }
  })
  const long = await fromFetch('deepseek', new Response(endless, { status: 400 }))
  t.match(long.message, /^word word/)
  t.ok(cancelled)

  const broken = (): ReadableStream => new ReadableStream({ pull (controller) { controller.error(new TypeError('terminated')) } })
  t.equal((await fromFetch('deepseek', new Response(broken(), { status: 429 }))).statusCode, 429)
  t.same((await fromFetch('deepseek', new Response(broken()))).detail, {
    type: 'service_unavailable_error',
    message: 'The connection to DeepSeek was lost before its response was complete.',
    code: 503,
    origin: 'DeepSeek'
  })
})

t.test('input that makes no sense is no reason to throw', async t => {
  t.equal(toContractError(new Error('x'), { origin: 5 as never }).statusCode, 500)
  t.equal(fromResponse('openai', undefined as never).statusCode, 500)
  t.equal(fromResponse(undefined as never, { status: 429 }).statusCode, 429)
  const trickle = new ReadableStream({ pull (controller) { controller.enqueue(new Uint8Array(0)) } })
  t.equal((await fromFetch('groq', new Response(trickle, { status: 400 }))).statusCode, 422, 'empty pieces never add up')
})

t.test('a message with a long tail costs no more than its length', async t => {
  const message = 'Request to ' + 'failed with status 400: '.repeat(50_000)
  t.equal(toContractError({ request: {}, response: { status: 400 }, message }, { origin: 'replicate' }).statusCode, 422)
})

t.test('withOrigin attributes what a provider can do, and nothing else', async t => {
  t.equal(await withOrigin('openai', Promise.resolve(1)), 1)
  t.equal(await withOrigin('openai', () => 2), 2)
  const of = async (thrown: unknown) => withOrigin('my-llm', () => { throw thrown }).then(() => t.fail('it resolved'), error => error)

  for (const [thrown, code, message] of [
    [Object.assign(new Error('Said.'), { status: 400 }), 422, 'Said.'],
    [{ statusCode: 500, body: '{"message":"Said."}' }, 500, 'Said.'],
    [Object.assign(new Error('x'), { status: 403, data: { error: 'Said.' } }), 401, 'Said.'],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }), 503, 'my-llm could not be reached.'
    ],
    [Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:443'), { code: 'ECONNREFUSED' }), 503, 'my-llm could not be reached.'],
    [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 504, 'my-llm did not respond in time.'],
    [new SyntaxError('Unexpected token < in JSON at position 0'), 503, 'my-llm sent a response that could not be read.'],
    [Object.assign(new Error('x'), { reason: 'non-json', rawBody: 'x' }), 503, 'my-llm sent a response that could not be read.'],
    [new Error('The read operation timed out'), 504, 'my-llm did not respond in time.'],
    [new Error('Connection refused by the peer'), 503, 'my-llm could not be reached.']
  ] as const) {
    const error = await of(thrown)
    t.ok(error instanceof ContractError)
    t.match(error.detail, { code, message, origin: 'my-llm' })
    t.equal(error.cause, thrown)
  }
  const given = new NotFoundError('Mine.', { origin: 'cohere' })
  t.equal(await of(given), given)
  t.match(await of(new NotFoundError('Nobody’s yet.')), { origin: 'my-llm', statusCode: 404 })
  for (const bug of [
    new TypeError('x is not a function'), new RangeError('x'), new SyntaxError('x'), new SyntaxError(''), new Error('x'),
    new TypeError('the timeout is not a function'), 'x', null
  ]) {
    t.equal(await of(bug), bug)
  }
})

t.test('the origin: what the caller said, then the host, then the SDK, then this service', async t => {
  const cohere = (url: string) => ({ statusCode: 429, body: { message: 'Said.' }, rawResponse: { headers: new Headers(), url } })
  t.equal(toContractError(cohere('http://127.0.0.1:4010/v2/chat')).origin, 'Cohere')
  t.equal(toContractError(cohere('https://api.groq.com/x')).origin, 'Groq')
  t.equal(toContractError(cohere('https://api.groq.com/x'), { origin: 'openai_azure' }).origin, 'Azure OpenAI')
  const axios = (url: string, baseURL?: string) => ({
    isAxiosError: true, config: { url, baseURL }, response: { status: 400, data: { message: 'Said.' } }
  })
  t.equal(toContractError(axios('https://my-deployment.openai.azure.com/x')).origin, 'Azure OpenAI')
  t.equal(toContractError(axios('/chat', 'https://bedrock-runtime.us-east-1.amazonaws.com')).origin, 'AWS Bedrock')
  t.equal(toContractError(axios('/chat', 'not an address')).origin, 'Humanloop')
  t.equal(toContractError(axios('/chat')).origin, 'Humanloop')
  t.equal(toContractError(axios('http://localhost:11434/api/chat')).origin, 'Ollama')
  t.equal(
    toContractError(Object.assign(new Error('x'), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'api.mistral.ai' })).origin,
    'Mistral'
  )
  const aws = (hostname: string) => ({
    name: 'ThrottlingException',
    message: 'Slow.',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
    $response: { headers: {}, request: { hostname } }
  })
  t.match(toContractError(aws('bedrock-runtime.eu-west-1.amazonaws.com')).detail, { origin: 'AWS Bedrock', code: 429 })
  t.match(toContractError(aws('dynamodb.eu-west-1.amazonaws.com')).detail, { origin: 'Humanloop', code: 500 })
})

t.test('wrappers are opened: the innermost error that carries an answer is the one that matters', async t => {
  const answer = { statusCode: 429, body: { message: 'Said.' }, rawResponse: { headers: new Headers({ 'retry-after': '3' }), url: '' } }
  for (const wrapper of [
    new Error('while chatting', { cause: answer }),
    Object.assign(new Error('Failed after 3 attempts.'), { lastError: answer, errors: [answer] }),
    new AggregateError([new Error('first'), answer]),
    Object.assign(new Error('x'), { error: Object.assign(new Error('y'), answer) })
  ]) t.match(toContractError(wrapper), { detail: { message: 'Said.', code: 429, origin: 'Cohere' }, retryAfter: 3 })
  const circular: { cause?: unknown } = new Error('x')
  circular.cause = circular
  t.equal(toContractError(circular).statusCode, 500)
  let endless = new Error('x', { cause: answer })
  for (let depth = 0; depth < 10_000; depth++) endless = new Error('x', { cause: endless })
  t.equal(toContractError(endless).statusCode, 500)
})
