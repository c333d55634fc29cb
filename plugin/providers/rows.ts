/** One row per model provider: everything that is particular about it, as data. */
import type { ErrorCode } from '../../schemas/statuses.js'

/** Machine codes by what they mean. */
export type Codes = Readonly<Partial<Record<ErrorCode, readonly string[]>>>

/** What is particular about a provider. One that follows OpenAI's shape needs a name and a host. */
export interface Provider {
  /** Display name: the `origin` of its failures. */
  readonly name: string
  /** Other names under which callers may give it; case, spaces, `_` and `-` do not matter in any of them. */
  readonly ids?: readonly string[]
  /** Hosts that it answers on, with one `*` at most in each. */
  readonly hosts?: readonly string[]
  /** Machine codes that decide, whatever the HTTP status they come with. */
  readonly codes?: Codes
  /** Machine codes of a quota used up or a bill not paid: a 429 that waiting does not cure, else a 401. */
  readonly exhausted?: readonly string[]
  /** Exceptions to the general rule from HTTP status to answer. */
  readonly statuses?: Readonly<Record<number, ErrorCode>>
  /** Fixed sentences, for what neither code nor status tells. */
  readonly sentences?: ReadonlyArray<{ readonly status: number, readonly startsWith: string, readonly code: ErrorCode }>
}

export const providers: readonly Provider[] = [
  {
    // https://platform.openai.com/docs/guides/error-codes
    name: 'OpenAI',
    hosts: ['api.openai.com'],
    codes: {
      401: ['no_organization', 'mismatched_organization', 'invalid_organization', 'account_deactivated', 'ip_not_authorized'],
      // sent in a stream or a 200 as well, where no status tells
      422: [
        'context_length_exceeded', 'content_policy_violation', 'moderation_blocked', 'invalid_prompt', 'data_residency_mismatch',
        'bio_policy', 'invalid_image', 'invalid_image_format', 'invalid_base64_image', 'invalid_image_url', 'invalid_image_mode',
        'image_too_large', 'image_too_small', 'image_parse_error', 'image_content_policy_violation', 'image_file_too_large',
        'image_file_not_found', 'unsupported_image_media_type', 'empty_image_file', 'failed_to_download_image',
        'unsupported_file', 'invalid_file'
      ],
      429: ['slow_down'],
      504: ['vector_store_timeout'],
      529: ['server_is_overloaded']
    },
    exhausted: [
      'billing_hard_limit_reached', 'billing_not_active', 'credit_balance_exhausted', 'organization_spend_limit_exceeded',
      'project_spend_limit_exceeded', 'organization_usage_limit_exceeded'
    ]
  },
  { name: 'Azure OpenAI', ids: ['azure', 'openai_azure'], hosts: ['*.openai.azure.com', '*.cognitiveservices.azure.com'] },
  {
    // https://docs.anthropic.com/en/api/errors
    name: 'Anthropic',
    hosts: ['api.anthropic.com'],
    exhausted: ['enforced_spend_limit_reached'],
    sentences: [
      { status: 400, startsWith: 'Your credit balance is too low', code: 401 },
      { status: 400, startsWith: 'You have reached your specified API usage limits', code: 401 },
      { status: 400, startsWith: 'You have reached your specified workspace API usage limits', code: 401 },
      { status: 400, startsWith: 'This organization has been disabled', code: 401 }
    ]
  },
  {
    // https://docs.cohere.com/reference/errors: no machine codes but the reasons for which a stream finished
    name: 'Cohere',
    hosts: ['api.cohere.com', 'api.cohere.ai'],
    codes: { 422: ['ERROR_TOXIC', 'ERROR_LIMIT'], 500: ['ERROR'] }
  },
  { name: 'Google', ids: ['gemini', 'google_ai', 'google_genai'], hosts: ['generativelanguage.googleapis.com'] },
  { name: 'Google Vertex AI', ids: ['vertex', 'vertex_ai', 'google_vertex'], hosts: ['*aiplatform.googleapis.com'] },
  { name: 'AWS Bedrock', ids: ['bedrock', 'amazon_bedrock'], hosts: ['bedrock-runtime.*.amazonaws.com'] },
  { name: 'AWS SageMaker', ids: ['sagemaker'], hosts: ['runtime.sagemaker.*.amazonaws.com'] },
  { name: 'Mistral', ids: ['mistral_ai'], hosts: ['api.mistral.ai'] },
  { name: 'Groq', hosts: ['api.groq.com'], statuses: { 498: 529 } },
  { name: 'Together AI', ids: ['together'], hosts: ['api.together.xyz', 'api.together.ai'] },
  { name: 'Fireworks AI', ids: ['fireworks'], hosts: ['api.fireworks.ai'] },
  { name: 'Replicate', hosts: ['api.replicate.com'] },
  { name: 'Hugging Face', hosts: ['*.huggingface.co'] },
  { name: 'Ollama', hosts: ['localhost:11434', '127.0.0.1:11434'] },
  { name: 'OpenRouter', hosts: ['openrouter.ai'] },
  { name: 'DeepSeek', hosts: ['api.deepseek.com'] },
  {
    name: 'xAI',
    hosts: ['api.x.ai'],
    sentences: [{ status: 400, startsWith: 'Incorrect API key provided', code: 401 }]
  },
  { name: 'Perplexity', ids: ['perplexity_ai'], hosts: ['api.perplexity.ai'] },
  { name: 'Databricks', hosts: ['*.databricks.com', '*.azuredatabricks.net'] },
  { name: 'IBM watsonx', ids: ['watsonx', 'watsonx_ai'], hosts: ['*.ml.cloud.ibm.com'] },
  { name: 'Cloudflare', ids: ['cloudflare_workers_ai', 'workers_ai'], hosts: ['api.cloudflare.com', 'gateway.ai.cloudflare.com'] },
  { name: 'AI21', ids: ['ai21_labs'], hosts: ['api.ai21.com'] },
  { name: 'Cerebras', hosts: ['api.cerebras.ai'] },
  { name: 'NVIDIA NIM', ids: ['nvidia', 'nim'], hosts: ['integrate.api.nvidia.com'] },
  { name: 'SambaNova', hosts: ['api.sambanova.ai'] },
  { name: 'Moonshot AI', ids: ['moonshot'], hosts: ['api.moonshot.ai', 'api.moonshot.cn'] },
  { name: 'Z.ai', ids: ['zhipu', 'zhipuai', 'bigmodel'], hosts: ['api.z.ai', 'open.bigmodel.cn'] },
  { name: 'MiniMax', hosts: ['api.minimax.io'] },
  { name: 'Alibaba DashScope', ids: ['dashscope', 'alibaba', 'qwen'], hosts: ['dashscope*.aliyuncs.com'] },
  { name: 'DeepInfra', hosts: ['api.deepinfra.com'] },
  { name: 'Voyage AI', ids: ['voyage'], hosts: ['api.voyageai.com'] },
  { name: 'Jina AI', ids: ['jina'], hosts: ['api.jina.ai'] },
  { name: 'Novita AI', ids: ['novita'], hosts: ['api.novita.ai'] },
  { name: 'NLP Cloud', hosts: ['api.nlpcloud.io'] },
  { name: 'Aleph Alpha', hosts: ['api.aleph-alpha.com'] },
  { name: 'Predibase', hosts: ['serving.app.predibase.com'] },
  { name: 'Oracle OCI', ids: ['oci', 'oracle'], hosts: ['*.oci.oraclecloud.com'] },
  { name: 'vLLM', ids: ['hosted_vllm'] },
  { name: 'llamafile' },
  { name: 'LiteLLM', ids: ['litellm_proxy'] },
  { name: 'CometAPI', ids: ['comet'] }
]
