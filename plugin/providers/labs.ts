/** Those who train models and serve them. */
import { buckets } from './buckets.js'
import { googleCodes } from './google-codes.js'
import type { Provider } from './row.js'

export const labs: readonly Provider[] = [
  {
    // https://platform.openai.com/docs/guides/error-codes
    name: 'OpenAI',
    hosts: ['api.openai.com'],
    keys: ['sk-'],
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
    ],
    classes: ['OpenAIError'],
    buckets: buckets('x-ratelimit', ['-project-tokens']),
    errorEvents: [{ type: 'response.failed' }, { type: 'error', fields: { code: true, error: false } }]
  },
  {
    // https://docs.anthropic.com/en/api/errors
    name: 'Anthropic',
    hosts: ['api.anthropic.com'],
    keys: ['sk-ant-'],
    exhausted: ['enforced_spend_limit_reached'],
    sentences: [
      { status: 400, startsWith: 'Your credit balance is too low', code: 401 },
      { status: 400, startsWith: 'You have reached your specified API usage limits', code: 401 },
      { status: 400, startsWith: 'You have reached your specified workspace API usage limits', code: 401 },
      { status: 400, startsWith: 'This organization has been disabled', code: 401 }
    ],
    classes: ['AnthropicError'],
    requestIdHeaders: ['request-id'],
    buckets: ['requests', 'tokens', 'input-tokens', 'output-tokens'].map(bucket =>
      ({ remaining: `anthropic-ratelimit-${bucket}-remaining`, reset: `anthropic-ratelimit-${bucket}-reset` })),
    errorEvents: [{ fields: { 'error.type': '*', type: 'error' } }]
  },
  {
    // https://docs.cohere.com/reference/errors: no machine codes but the reasons for which a stream finished
    name: 'Cohere',
    hosts: ['api.cohere.com', 'api.cohere.ai'],
    codes: { 422: ['ERROR_TOXIC', 'ERROR_LIMIT'], 500: ['ERROR'] },
    classes: ['CohereError', 'CohereTimeoutError'],
    sdk: {
      fields: ['statusCode', 'body', 'rawResponse'],
      without: ['contentType'],
      isGenerated: true, // by Fern
      status: 'statusCode',
      headers: 'rawResponse.headers',
      body: 'body',
      url: 'rawResponse.url'
    },
    // https://docs.cohere.com/v2/docs/streaming: ERROR, ERROR_TOXIC and so on; v1 has `event_type`
    errorEvents: [
      ...['delta.finishReason', 'delta.finish_reason', 'finish_reason'].map(path =>
        ({ type: 'message-end', fields: { [path]: 'ERROR*' } })),
      { fields: { finish_reason: 'ERROR*', event_type: 'stream-end' } }
    ]
  },
  {
    // https://ai.google.dev/gemini-api/docs/troubleshooting, google.api.ErrorReason. RESOURCE_EXHAUSTED comes with 402, too:
    // the status decides there.
    name: 'Google',
    ids: ['gemini', 'google_ai', 'google_genai'],
    hosts: ['generativelanguage.googleapis.com'],
    keys: ['AIza', 'ya29.', 'AQ.*'],
    codes: googleCodes,
    sentences: [
      { status: 400, startsWith: 'API key not valid', code: 401 },
      { status: 400, startsWith: 'API key expired', code: 401 },
      { status: 429, startsWith: 'Your prepayment credits are depleted', code: 429, retryable: false }
    ],
    errorEvents: [{ fields: { 'error.status': '*', type: false } }]
  },
  {
    // https://docs.mistral.ai/api. service_tier_capacity_exceeded comes with 503 and 429: the status decides.
    name: 'Mistral',
    ids: ['mistral_ai'],
    hosts: ['api.mistral.ai'],
    codes: { 404: ['unknown_model', 'invalid_model', '1500'], 429: ['rate_limited', '1300'] },
    sentences: [{ status: 429, startsWith: 'Service tier capacity exceeded', code: 529 }],
    classes: ['MistralError'],
    requestIdHeaders: ['x-request-id', 'mistral-correlation-id']
  },
  { name: 'DeepSeek', hosts: ['api.deepseek.com'], codes: { 503: ['insufficient_system_resource'] } },
  {
    // https://docs.x.ai/docs/key-information/debugging
    name: 'xAI',
    ids: ['grok'],
    hosts: ['api.x.ai'],
    keys: ['xai-*'],
    sentences: [
      { status: 400, startsWith: 'Incorrect API key provided', code: 401 },
      {
        status: 429,
        startsWith: 'Your team ',
        includes: 'has either used all available credits or reached its monthly spending limit',
        code: 429,
        retryable: false
      }
    ]
  },
  {
    name: 'Perplexity',
    ids: ['perplexity_ai'],
    hosts: ['api.perplexity.ai'],
    keys: ['pplx-*'],
    codes: { 404: ['invalid_model'] }
  },
  { name: 'AI21', ids: ['ai21_labs'], hosts: ['api.ai21.com'] },
  {
    // https://platform.moonshot.ai/docs/api/errors
    name: 'Moonshot AI',
    ids: ['moonshot', 'kimi'],
    hosts: ['api.moonshot.ai', 'api.moonshot.cn'],
    codes: {
      401: ['invalid_authentication_error', 'incorrect_api_key_error', 'permission_denied_error'],
      404: ['resource_not_found_error'],
      422: ['content_filter'],
      429: ['rate_limit_reached_error'],
      503: ['server_unavailable']
    },
    requestIdHeaders: ['msh-request-id']
  },
  {
    // https://docs.z.ai/api-reference/api-code
    name: 'Z.ai',
    ids: ['zai', 'zhipu', 'zhipuai', 'bigmodel'],
    hosts: ['api.z.ai', 'open.bigmodel.cn'],
    codes: {
      401: ['1000', '1001', '1002', '1003', '1004', '1110', '1111', '1220'],
      404: ['1211', '1221', '1222', '1233'],
      422: ['1261', '1301'],
      429: ['1302', '1303', '1304', '1308', '1316', '1318', '1320'],
      500: ['1230'],
      529: ['1305', '1312']
    },
    statuses: { 434: 401 },
    exhausted: ['1112', '1113', '1121', '1309', '1310', '1311', '1313', '1314', '1315', '1317', '1319', '1321']
  },
  {
    // https://platform.minimax.io/docs/api-reference/errorcode: base_resp.status_code, in a 200
    name: 'MiniMax',
    hosts: ['api.minimax.io', 'api.minimaxi.com'],
    codes: {
      401: ['1004', '2038', '2042', '2049', '2061'],
      422: ['1026', '1027', '1042', '1043', '1044', '2013', '20132', '2037', '2039', '2048'],
      429: ['1002', '1039', '1041', '2045', '2056'],
      500: ['1000', '1013', '1024', '1033'],
      504: ['1001']
    },
    exhausted: ['insufficient_balance_error'],
    sentences: [
      { startsWith: 'insufficient balance', code: 401 },
      { status: 500, startsWith: 'insufficient balance', code: 401 }
    ],
    body: { parts: ['base_resp'] }
  },
  {
    name: 'Aleph Alpha',
    hosts: ['api.aleph-alpha.com'],
    codes: { 401: ['UNAUTHENTICATED'] },
    exhausted: ['OUT_OF_QUOTA']
  },
  { name: 'Voyage AI', ids: ['voyage'], hosts: ['api.voyageai.com'], keys: ['pa-*'] },
  {
    // five digits in `status`, the HTTP status in its first three
    name: 'Jina AI',
    ids: ['jina'],
    hosts: ['api.jina.ai'],
    keys: ['jina_*'],
    codes: { 401: ['40201', '40202', '40203'], 422: ['45101'], 429: ['42903'] }
  }
]
