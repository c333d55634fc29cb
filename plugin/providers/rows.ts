/** One row per model provider: everything that is particular about it, as data. */
import type { ErrorCode } from '../../schemas/statuses.js'

/** Machine codes by what they mean. */
export type Codes = Readonly<Partial<Record<ErrorCode, readonly string[]>>>

/** A fixed sentence of a provider. */
export interface Sentence {
  /** The HTTP status that it comes with; none for a failure inside a 200 or a stream. */
  readonly status?: number
  readonly startsWith: string
  readonly includes?: string
  readonly code: ErrorCode
  /** `false` for a 429 that waiting does not cure. */
  readonly retryable?: false
}

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
  /**
   * How its API keys begin. With a `*` behind it, words, names of models or of variables begin so as well: what follows has
   * to look like a key.
   */
  readonly keys?: readonly string[]
  /** Fixed sentences, for what neither code nor status tells. */
  readonly sentences?: readonly Sentence[]
}

/** google.api.ErrorReason, and the string codes of the Interactions API. */
const googleCodes = {
  401: [
    'API_KEY_INVALID', 'API_KEY_SERVICE_BLOCKED', 'API_KEY_HTTP_REFERRER_BLOCKED', 'API_KEY_IP_ADDRESS_BLOCKED',
    'API_KEY_ANDROID_APP_BLOCKED', 'API_KEY_IOS_APP_BLOCKED', 'SERVICE_DISABLED', 'BILLING_DISABLED', 'USER_PROJECT_DENIED',
    'CONSUMER_SUSPENDED', 'CONSUMER_INVALID', 'SECURITY_POLICY_VIOLATED', 'LOCATION_TAX_POLICY_VIOLATED', 'ACCESS_TOKEN_EXPIRED',
    'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'ACCESS_TOKEN_TYPE_UNSUPPORTED', 'CREDENTIALS_MISSING', 'IAM_PERMISSION_DENIED',
    'authentication', 'payment_required'
  ],
  422: [
    'safety', 'recitation', 'language', 'prohibited_content', 'spii', 'blocklist', 'image_safety', 'image_prohibited_content',
    'image_recitation', 'image_other', 'content_blocked'
  ],
  429: ['RATE_LIMIT_EXCEEDED', 'quota_exceeded'],
  529: ['MODEL_CAPACITY_EXHAUSTED']
} as const

/** What every AWS service may say; the code also comes with a 400. */
const awsCodes = {
  401: [
    'AccessDeniedException', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidClientTokenId', 'NotAuthorized', 'OptInRequired',
    'RequestExpired', 'UnrecognizedClientException', 'InvalidSignatureException', 'MissingAuthenticationToken',
    'MissingAuthenticationTokenException', 'SignatureDoesNotMatch', 'ExpiredToken', 'UnauthorizedException'
  ],
  404: ['ResourceNotFoundException'],
  429: [
    'ThrottlingException', 'Throttling', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException', 'TooManyRequestsException',
    'RequestLimitExceeded', 'SlowDown', 'ServiceQuotaExceededException'
  ],
  504: ['RequestTimeout', 'RequestTimeoutException', 'ModelTimeoutException']
} as const

export const providers: readonly Provider[] = [
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
    ]
  },
  {
    // https://learn.microsoft.com/azure/ai-services/openai/reference
    name: 'Azure OpenAI',
    ids: ['azure', 'openai_azure'],
    hosts: ['*.openai.azure.com', '*.cognitiveservices.azure.com'],
    codes: {
      401: ['Unauthorized', 'PermissionDenied', 'AuthenticationTypeDisabled'],
      422: ['content_filter', 'contentFilter', 'ResponsibleAIPolicyViolation', 'content_policy_violation', 'context_length_exceeded'],
      504: ['Timeout']
    }
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
    ]
  },
  {
    // https://docs.cohere.com/reference/errors: no machine codes but the reasons for which a stream finished
    name: 'Cohere',
    hosts: ['api.cohere.com', 'api.cohere.ai'],
    codes: { 422: ['ERROR_TOXIC', 'ERROR_LIMIT'], 500: ['ERROR'] }
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
    ]
  },
  {
    // https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/api-errors
    name: 'Google Vertex AI',
    ids: ['vertex', 'vertex_ai', 'google_vertex'],
    hosts: ['*aiplatform.googleapis.com'],
    codes: googleCodes
  },
  {
    // https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
    name: 'AWS Bedrock',
    ids: ['bedrock', 'amazon_bedrock'],
    hosts: ['bedrock-runtime.*.amazonaws.com'],
    keys: ['bedrock-api-key-', 'ABSK*'],
    codes: { ...awsCodes, 422: ['ConflictException'], 503: ['BadGatewayException', 'ModelNotReadyException'] }
  },
  {
    // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
    name: 'AWS SageMaker',
    ids: ['sagemaker'],
    hosts: ['runtime.sagemaker.*.amazonaws.com'],
    codes: {
      ...awsCodes,
      500: ['InternalStreamFailure', 'ModelStreamError'],
      503: ['ModelNotReadyException', 'StreamBroken'],
      504: [...awsCodes[504], 'ModelInvocationTimeExceeded']
    },
    sentences: [{ status: 400, startsWith: 'Endpoint ', includes: ' not found', code: 404 }]
  },
  {
    // https://docs.mistral.ai/api. service_tier_capacity_exceeded comes with 503 and 429: the status decides.
    name: 'Mistral',
    ids: ['mistral_ai'],
    hosts: ['api.mistral.ai'],
    codes: { 404: ['unknown_model', 'invalid_model', '1500'], 429: ['rate_limited', '1300'] },
    sentences: [{ status: 429, startsWith: 'Service tier capacity exceeded', code: 529 }]
  },
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
    statuses: { 498: 529 }
  },
  {
    // https://docs.together.ai/docs/error-codes: 403 is a context that is too long
    name: 'Together AI',
    ids: ['together'],
    hosts: ['api.together.xyz', 'api.together.ai'],
    keys: ['tgp_v1_'],
    codes: { 404: ['model_not_available'] },
    sentences: [{ status: 403, startsWith: '`inputs` tokens + `max_new_tokens` must be', code: 422 }]
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
    ]
  },
  { name: 'Ollama', hosts: ['localhost:11434', '127.0.0.1:11434'] },
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
    }
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
      { status: 429, startsWith: 'Your team ', includes: 'has either used all available credits or reached its monthly spending limit', code: 429, retryable: false }
    ]
  },
  {
    name: 'Perplexity',
    ids: ['perplexity_ai'],
    hosts: ['api.perplexity.ai'],
    keys: ['pplx-*'],
    codes: { 404: ['invalid_model'] }
  },
  {
    // https://docs.databricks.com/api/workspace/introduction: the error_code decides
    name: 'Databricks',
    hosts: ['*.databricks.com', '*.azuredatabricks.net'],
    keys: ['dapi*'],
    codes: {
      401: ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'CUSTOMER_UNAUTHORIZED'],
      404: ['NOT_FOUND', 'RESOURCE_DOES_NOT_EXIST', 'ENDPOINT_NOT_FOUND'],
      429: ['RESOURCE_EXHAUSTED', 'REQUEST_LIMIT_EXCEEDED'],
      503: ['TEMPORARILY_UNAVAILABLE', 'UNAVAILABLE', 'WORKSPACE_TEMPORARILY_UNAVAILABLE', 'SERVICE_UNDER_MAINTENANCE']
    },
    exhausted: ['QUOTA_EXCEEDED', 'RESOURCE_LIMIT_EXCEEDED']
  },
  {
    // https://cloud.ibm.com/apidocs/watsonx-ai
    name: 'IBM watsonx',
    ids: ['watsonx', 'watsonx_ai'],
    hosts: ['*.ml.cloud.ibm.com'],
    codes: {
      401: [
        'authentication_token_expired', 'authentication_token_not_valid', 'authorization_rejected', 'user_authorization_failed', 'BXNIM0415E'
      ],
      404: ['model_not_supported'],
      429: ['token_quota_reached', 'rate_limit_reached_requests']
    }
  },
  {
    // https://developers.cloudflare.com/workers-ai/platform/errors
    name: 'Cloudflare',
    ids: ['cloudflare_workers_ai', 'workers_ai'],
    hosts: ['api.cloudflare.com', 'gateway.ai.cloudflare.com'],
    codes: { 401: ['10000'], 404: ['5007', '3042'], 422: ['2016', '2017'], 429: ['2003'], 504: ['3007', '3008'], 529: ['3040'] },
    exhausted: ['3036']
  },
  { name: 'AI21', ids: ['ai21_labs'], hosts: ['api.ai21.com'] },
  {
    // https://inference-docs.cerebras.ai/support/error
    name: 'Cerebras',
    hosts: ['api.cerebras.ai'],
    keys: ['csk-'],
    codes: { 429: ['request_quota_exceeded', 'token_quota_exceeded', 'too_many_requests_error'] }
  },
  {
    // an outage of a function is told as a 400
    name: 'NVIDIA NIM',
    ids: ['nvidia', 'nim'],
    hosts: ['integrate.api.nvidia.com'],
    keys: ['nvapi-'],
    sentences: [{ status: 400, startsWith: "Function id '", includes: 'DEGRADED function cannot be invoked', code: 503 }]
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
    }
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
    ]
  },
  {
    // https://help.aliyun.com/zh/model-studio/error-code
    name: 'Alibaba DashScope',
    ids: ['dashscope', 'alibaba', 'qwen'],
    hosts: ['dashscope*.aliyuncs.com'],
    codes: {
      401: [
        'Arrearage', 'AccessDenied', 'AccessDenied.Unpurchased', 'Model.AccessDenied', 'App.AccessDenied', 'Workspace.AccessDenied',
        'Endpoint.AccessDenied'
      ],
      404: ['BadRequest.ResourceNotExist', 'BadRequest.VoiceNotFound'],
      422: ['DataInspectionFailed'],
      429: ['Throttling', 'Throttling.RateQuota', 'Throttling.BurstRate', 'Throttling.Concurrency', 'Throttling.AllocationQuota', 'LimitRequests', 'limit_burst_rate', 'ResourceExhausted'],
      503: ['ModelUnavailable'],
      504: ['InternalError.Timeout', 'RequestTimeOut']
    },
    exhausted: ['CommodityNotPurchased', 'PrepaidBillOverdue', 'PostpaidBillOverdue', 'BudgetLimitExceeded'],
    sentences: [{ status: 429, startsWith: 'Free allocated quota exceeded', code: 429, retryable: false }]
  },
  {
    name: 'DeepInfra',
    hosts: ['api.deepinfra.com'],
    sentences: [{ status: 429, startsWith: 'Model busy', code: 529 }]
  },
  { name: 'Voyage AI', ids: ['voyage'], hosts: ['api.voyageai.com'], keys: ['pa-*'] },
  {
    // five digits in `status`, the HTTP status in its first three
    name: 'Jina AI',
    ids: ['jina'],
    hosts: ['api.jina.ai'],
    keys: ['jina_*'],
    codes: { 401: ['40201', '40202', '40203'], 422: ['45101'], 429: ['42903'] }
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
  {
    name: 'Aleph Alpha',
    hosts: ['api.aleph-alpha.com'],
    codes: { 401: ['UNAUTHENTICATED'] },
    exhausted: ['OUT_OF_QUOTA']
  },
  { name: 'Predibase', hosts: ['serving.app.predibase.com'], keys: ['pb_*'] },
  {
    // https://docs.oracle.com/iaas/Content/API/References/apierrors.htm
    name: 'Oracle OCI',
    ids: ['oci', 'oracle'],
    hosts: ['*.oci.oraclecloud.com'],
    codes: {
      401: ['NotAuthenticated', 'SignUpRequired', 'NotAuthorized'],
      404: ['RelatedResourceNotAuthorizedOrNotFound', 'NotAuthorizedOrNotFound', 'NotFound'],
      429: ['LimitExceeded', 'QuotaExceeded']
    },
    exhausted: ['LimitExceeded', 'QuotaExceeded']
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
    ]
  },
  {
    // https://api.cometapi.com/doc: a malformed request comes as a 500, and the code tells
    name: 'CometAPI',
    ids: ['comet'],
    hosts: ['api.cometapi.com'],
    codes: { 422: ['invalid_request', 'sensitive_words_detected', 'prompt_blocked', 'bad_request_body'] },
    exhausted: ['insufficient_user_quota', 'pre_consume_token_quota_failed']
  }
]
