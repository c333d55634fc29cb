/** Services that run open models. */
import { buckets } from './buckets.js'
import type { Provider } from './row.js'

export const inference: readonly Provider[] = [
  {
    // https://console.groq.com/docs/errors
    name: 'Groq',
    hosts: ['api.groq.com'],
    keys: ['gsk_'],
    codes: {
      401: ['organization_restricted', 'blocked_api_access', 'model_permission_blocked_org'],
      404: ['model_decommissioned'],
      422: ['context_length_exceeded'],
      529: ['capacity_exceeded', 'over_capacity']
    },
    statuses: { 498: 529 },
    classes: ['GroqError']
  },
  {
    // https://docs.together.ai/docs/error-codes: 403 is a context that is too long
    name: 'Together AI',
    ids: ['together'],
    hosts: ['api.together.xyz', 'api.together.ai'],
    keys: ['tgp_v1_'],
    codes: { 404: ['model_not_available'] },
    sentences: [{ status: 403, startsWith: '`inputs` tokens + `max_new_tokens` must be', code: 422 }],
    classes: ['TogetherError']
  },
  {
    // https://docs.fireworks.ai/guides/inference-error-codes: 412 is a suspended account, or a LoRA that did not load
    name: 'Fireworks AI',
    ids: ['fireworks'],
    hosts: ['api.fireworks.ai'],
    keys: ['fw_*'],
    codes: { 401: ['oauth.v2.InvalidApiKey'] },
    sentences: [
      { status: 412, startsWith: 'Account ', includes: ' is suspended', code: 401 },
      { status: 400, startsWith: 'rate limit exceeded, please try again later', code: 429 }
    ]
  },
  { name: 'Replicate', hosts: ['api.replicate.com'], keys: ['r8_'] },
  {
    // https://github.com/huggingface/text-generation-inference: router/src/infer/mod.rs. Its OpenAI dialect says 422 in a
    // stream whatever failed, so only the sentence tells there.
    name: 'Hugging Face',
    hosts: ['*.huggingface.co'],
    keys: ['hf_*', 'api_org_*'],
    codes: {
      401: ['GatedRepo'],
      404: ['RepoNotFound', 'RevisionNotFound', 'EntryNotFound', 'model_not_supported'],
      422: ['validation', 'template_error', 'missing_template_variable', 'tool_error', 'tokenizer', 'empty'],
      500: ['generation', 'incomplete_generation', 'incomplete_generation_stream', 'stream_serialization_error', 'backend'],
      503: ['healthcheck', 'unhealthy']
    },
    sentences: [
      { startsWith: 'Model is overloaded', code: 529 },
      { startsWith: 'Input validation error', code: 422 }
    ],
    sdk: {
      fields: ['httpRequest', 'httpResponse'],
      status: 'httpResponse.status',
      body: 'httpResponse.body',
      url: 'httpRequest.url',
      requestId: 'httpResponse.requestId'
    },
    errorEvents: [{ fields: { error_type: '*', error: '*' } }]
  },
  {
    // https://inference-docs.cerebras.ai/support/error
    name: 'Cerebras',
    hosts: ['api.cerebras.ai'],
    keys: ['csk-'],
    codes: { 429: ['request_quota_exceeded', 'token_quota_exceeded', 'too_many_requests_error'] },
    buckets: buckets('x-ratelimit', ['-requests-day', '-requests-minute', '-tokens-day', '-tokens-minute'])
  },
  {
    // https://docs.sambanova.ai/docs/en/api-reference/api-error-codes: its insufficient_quota is a rate limit
    name: 'SambaNova',
    hosts: ['api.sambanova.ai'],
    codes: {
      401: ['invalid_authentication'],
      404: ['model_deprecated'],
      422: ['context_length_exceeded'],
      429: ['insufficient_quota'],
      503: ['maintenance'],
      504: ['request_timeout']
    }
  },
  {
    name: 'DeepInfra',
    hosts: ['api.deepinfra.com'],
    sentences: [{ status: 429, startsWith: 'Model busy', code: 529 }]
  },
  {
    // https://novita.ai/docs/api-reference/api-reference-error-code: `reason`
    name: 'Novita AI',
    ids: ['novita'],
    hosts: ['api.novita.ai'],
    keys: ['sk_*'],
    codes: {
      401: [
        'MISSING_API_KEY', 'FAILED_TO_AUTH', 'BILLING_AUTH_FAILED', 'ACCESS_DENY', 'API_NOT_ALLOWED', 'FEATURE_NOT_ALLOWED',
        'NEED_REAL_NAME_VERIFY', 'model_access_denied'
      ],
      404: ['API_NOT_FOUND', 'TASK_NOT_FOUND'],
      429: ['TOKEN_LIMIT_EXCEEDED'],
      503: ['SERVICE_NOT_AVAILABLE']
    },
    exhausted: ['NOT_ENOUGH_BALANCE', 'BILLING_BALANCE_NOT_ENOUGH']
  },
  { name: 'NLP Cloud', hosts: ['api.nlpcloud.io'] },
  { name: 'Predibase', hosts: ['serving.app.predibase.com'], keys: ['pb_*'] }
]
