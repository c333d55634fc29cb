/** Option `providers`: more of them, and more of those that are known. */
import t from 'tap'
import { fromResponse, RateLimitError, toContractError } from '../../plugin/index.js'
import { providers } from '../../plugin/providers/rows.js'
import { providerAt } from '../../plugin/providers/index.js'
import { appWith } from '../support/app.js'

t.test('the origins of the contract, each with a row', async t => {
  t.same(providers.map(({ name }) => name), [
    'OpenAI', 'Azure OpenAI', 'Anthropic', 'Cohere', 'Google', 'Google Vertex AI', 'AWS Bedrock', 'AWS SageMaker', 'Mistral', 'Groq',
    'Together AI', 'Fireworks AI', 'Replicate', 'Hugging Face', 'Ollama', 'OpenRouter', 'DeepSeek', 'xAI', 'Perplexity', 'Databricks',
    'IBM watsonx', 'Cloudflare', 'AI21', 'Cerebras', 'NVIDIA NIM', 'SambaNova', 'Moonshot AI', 'Z.ai', 'MiniMax', 'Alibaba DashScope',
    'DeepInfra', 'Voyage AI', 'Jina AI', 'Novita AI', 'NLP Cloud', 'Aleph Alpha', 'Predibase', 'Oracle OCI', 'vLLM', 'llamafile',
    'LiteLLM', 'CometAPI'
  ])
})

t.test('ids become display names wherever an origin is given', async t => {
  for (const [id, name] of [
    ['openai', 'OpenAI'],
    ['openai_azure', 'Azure OpenAI'],
    ['azure', 'Azure OpenAI'],
    ['bedrock', 'AWS Bedrock'],
    ['vertex_ai', 'Google Vertex AI'],
    ['gemini', 'Google'], ['google', 'Google'], ['together_ai', 'Together AI'], ['Together-AI', 'Together AI'], ['My LLM', 'My LLM']
  ] as const) {
    t.equal(new RateLimitError('x', { origin: id }).origin, name)
    t.equal(fromResponse(id, { status: 500 }).origin, name)
    t.equal(toContractError({ status: 500 }, { origin: id }).origin, name)
  }
})

t.test('hosts, by name and by pattern', async t => {
  for (const [host, name] of [
    ['api.openai.com', 'OpenAI'],
    ['API.OPENAI.COM:443', 'OpenAI'],
    ['x.openai.azure.com', 'Azure OpenAI'],
    ['us-central1-aiplatform.googleapis.com', 'Google Vertex AI'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'AWS Bedrock'], ['router.huggingface.co', 'Hugging Face'], ['localhost:11434', 'Ollama'],
    ['localhost:11435', undefined], ['dashscope-intl.aliyuncs.com', 'Alibaba DashScope'], ['api.openai.com.evil.example', undefined]
  ] as const) t.equal(providerAt(host)?.name, name, host)
})

t.test('a new provider needs a name and a host and nothing more', async t => {
  await appWith(t, () => {}, { providers: [{ name: 'My LLM', ids: ['mine'], hosts: ['llm.example', '*.llm.example'] }] })
  const axiosError = (url: string) => ({
    isAxiosError: true, config: { url }, response: { status: 400, data: { error: { message: 'Said.', code: 'model_not_found' } } }
  })
  t.match(toContractError(axiosError('https://llm.example/v1')).detail, { origin: 'My LLM', code: 404, message: 'Said.' })
  t.equal(toContractError(axiosError('https://eu.llm.example/v1')).origin, 'My LLM')
  t.equal(fromResponse('mine', { status: 500 }).origin, 'My LLM')
  await appWith(t, () => {}, { providers: [{ name: 'My LLM', hosts: ['*.llm.example'], statuses: { 400: 503 } }] })
  t.match(toContractError(axiosError('https://eu.llm.example/v1')).detail, { origin: 'My LLM', code: 404 })
  t.equal(fromResponse('mine', { status: 400 }).statusCode, 503, 'registered again, with more')
})

t.test('to a provider that is known, more is added; the later row wins', async t => {
  await appWith(t, () => {}, {
    providers: [{
      name: 'vllm',
      hosts: ['gpu.internal:8000'],
      codes: { 529: ['QueueFull', 'NotFoundError'] },
      statuses: { 418: 503 },
      sentences: [{ status: 400, startsWith: 'EngineCore', code: 503 }],
      exhausted: ['no_budget']
    }]
  })
  t.equal(providerAt('gpu.internal:8000')?.name, 'vLLM')
  t.equal(fromResponse('vllm', { status: 400, body: { object: 'error', type: 'QueueFull', message: 'x' } }).statusCode, 529)
  t.equal(fromResponse('hosted_vllm', { status: 404, body: { type: 'NotFoundError', message: 'x' } }).statusCode, 529)
  t.equal(fromResponse('vllm', { status: 418, body: {} }).statusCode, 503)
  t.equal(fromResponse('vllm', { status: 400, body: { message: 'EngineCore encountered an issue.' } }).statusCode, 503)
  t.match(fromResponse('vllm', { status: 429, body: { code: 'no_budget' } }), { statusCode: 429, retryable: false })
  t.equal(fromResponse('vllm', { status: 500, body: { type: 'BadRequestError' } }).statusCode, 422, 'what was known stays')
})
