/** Clouds and platforms that serve models of many. */
import { googleCodes } from './google-codes.js'
import type { Provider } from './row.js'

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

export const clouds: readonly Provider[] = [
  {
    // https://learn.microsoft.com/azure/ai-services/openai/reference
    name: 'Azure OpenAI',
    ids: ['azure', 'openai_azure'],
    hosts: ['*.openai.azure.com', '*.cognitiveservices.azure.com'],
    codes: {
      401: ['Unauthorized', 'PermissionDenied', 'AuthenticationTypeDisabled'],
      422: ['content_filter', 'contentFilter', 'ResponsibleAIPolicyViolation', 'content_policy_violation', 'context_length_exceeded'],
      504: ['Timeout']
    },
    requestIdHeaders: ['x-request-id', 'apim-request-id', 'x-ms-request-id']
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
    codes: { ...awsCodes, 422: ['ConflictException'], 503: ['BadGatewayException', 'ModelNotReadyException'] },
    classes: ['BedrockRuntimeServiceException'],
    requestIdHeaders: ['x-amzn-requestid'],
    body: { keyed: ['Exception', 'Error', 'Failure'] },
    // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html, and the message as it came, whose
    // headers a decoder gives as texts or as `{ type, value }`
    errorEvents: [
      { only: '*Exception' },
      ...['headers.:exception-type', 'headers.:exception-type.value', ':exception-type', ':exception-type.value']
        .map(path => ({ fields: { [path]: '*' } }))
    ]
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
    sentences: [{ status: 400, startsWith: 'Endpoint ', includes: ' not found', code: 404 }],
    classes: ['SageMakerRuntimeServiceException'],
    requestIdHeaders: ['x-amzn-requestid']
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
        'authentication_token_expired', 'authentication_token_not_valid', 'authorization_rejected', 'user_authorization_failed',
        'BXNIM0415E'
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
  {
    // an outage of a function is told as a 400
    name: 'NVIDIA NIM',
    ids: ['nvidia', 'nim'],
    hosts: ['integrate.api.nvidia.com'],
    keys: ['nvapi-'],
    sentences: [{ status: 400, startsWith: "Function id '", includes: 'DEGRADED function cannot be invoked', code: 503 }]
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
      429: [
        'Throttling', 'Throttling.RateQuota', 'Throttling.BurstRate', 'Throttling.Concurrency', 'Throttling.AllocationQuota',
        'LimitRequests', 'limit_burst_rate', 'ResourceExhausted'
      ],
      503: ['ModelUnavailable'],
      504: ['InternalError.Timeout', 'RequestTimeOut']
    },
    exhausted: ['CommodityNotPurchased', 'PrepaidBillOverdue', 'PostpaidBillOverdue', 'BudgetLimitExceeded'],
    sentences: [{ status: 429, startsWith: 'Free allocated quota exceeded', code: 429, retryable: false }]
  },
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
    exhausted: ['LimitExceeded', 'QuotaExceeded'],
    requestIdHeaders: ['opc-request-id']
  }
]
