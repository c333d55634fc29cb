/** Gateways to other providers, and servers that one runs oneself. */
import type { Provider } from './row.js'

export const gateways: readonly Provider[] = [
  {
    // https://openrouter.ai/docs/api-reference/errors: error_type is the field to rely on
    name: 'OpenRouter',
    hosts: ['openrouter.ai'],
    keys: ['sk-or-v1-'],
    codes: {
      401: ['authentication', 'payment_required'],
      404: ['image_not_found'],
      422: [
        'flagged_input', 'context_length_exceeded', 'max_tokens_exceeded', 'token_limit_exceeded', 'string_too_long', 'invalid_request',
        'invalid_prompt', 'precondition_failed', 'payload_too_large', 'unprocessable', 'content_policy_violation', 'refusal',
        'invalid_image', 'image_too_large', 'image_too_small', 'unsupported_image_format', 'image_download_failed',
        'image_content_policy_violation'
      ],
      503: ['provider_unavailable'],
      504: ['timeout'],
      529: ['provider_overloaded']
    },
    classes: ['OpenRouterError'],
    requestIdHeaders: ['x-generation-id'],
    // it tells a moderation by what it flagged, and of the provider behind it what that said
    body: { marks: ['flagged_input'], messages: ['metadata.raw'] },
    // beside the choices, or without a word
    errorEvents: [{ fields: { 'choices.0.finish_reason': 'error' } }]
  },
  {
    // https://docs.litellm.ai/docs/exception_mapping: in a stream the name of the exception is the only code
    name: 'LiteLLM',
    ids: ['litellm_proxy'],
    codes: {
      401: [
        'expired_key', 'token_not_found_in_db', 'key_model_access_denied', 'team_model_access_denied', 'user_model_access_denied',
        'org_model_access_denied', 'team_member_permission_error'
      ]
    },
    exhausted: ['budget_exceeded'],
    sentences: [
      { startsWith: 'litellm.ContextWindowExceededError', code: 422 },
      { startsWith: 'litellm.ContentPolicyViolationError', code: 422 },
      { startsWith: 'litellm.BadRequestError', code: 422 },
      { startsWith: 'litellm.AuthenticationError', code: 401 },
      { startsWith: 'litellm.PermissionDeniedError', code: 401 },
      { startsWith: 'litellm.NotFoundError', code: 404 },
      { startsWith: 'litellm.RateLimitError', code: 429 },
      { startsWith: 'litellm.Timeout', code: 504 },
      { startsWith: 'litellm.ServiceUnavailableError', code: 503 }
    ],
    requestIdHeaders: ['x-litellm-call-id']
  },
  {
    // https://api.cometapi.com/doc: a malformed request comes as a 500, and the code tells
    name: 'CometAPI',
    ids: ['comet'],
    hosts: ['api.cometapi.com'],
    codes: { 422: ['invalid_request', 'sensitive_words_detected', 'prompt_blocked', 'bad_request_body'] },
    exhausted: ['insufficient_user_quota', 'pre_consume_token_quota_failed']
  },
  {
    name: 'Ollama',
    hosts: ['localhost:11434', '127.0.0.1:11434'],
    sdk: { fields: ['status_code', 'error'], status: 'status_code', body: 'error' },
    errorEvents: [{ only: 'error', fields: { error: '*' } }]
  },
  {
    // https://github.com/vllm-project/vllm: vllm/entrypoints/openai
    name: 'vLLM',
    ids: ['hosted_vllm'],
    codes: { 404: ['NotFoundError'], 422: ['BadRequestError'], 500: ['InternalServerError'] }
  },
  {
    // https://github.com/ggml-org/llama.cpp: tools/server
    name: 'llamafile',
    ids: ['llama.cpp', 'llama_cpp'],
    codes: { 422: ['exceed_context_size_error'], 503: ['unavailable_error'] }
  }
]
