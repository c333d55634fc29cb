/** When to come back: CONTRACT §7. */
import t from 'tap'
import { fromResponse } from '../../../plugin/index.js'
import { retryAfter } from '../../../plugin/classify/retry.js'
import { headerReader } from '../../../plugin/classify/headers.js'

const now = Date.parse('2026-01-01T00:00:00Z')

t.test('headers', async t => {
  for (const [headers, seconds] of [
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '6.5' }, 6.5],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT' }, 90],
    [{ 'retry-after': 'Wed, 31 Dec 2025 23:59:30 GMT' }, -30],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1.5],
    [{ 'x-ms-retry-after-ms': '250' }, 0.25],
    [{ 'x-amz-retry-after': '3000' }, 3],
    [{ 'x-ratelimit-reset-tokens': '12ms' }, 0.012],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1h2m3.5s' }, 3723.5],
    [
      {
        'x-ratelimit-remaining-requests': '99',
        'x-ratelimit-reset-requests': '6m0s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s'
      },
      2
    ],
    [{ 'x-ratelimit-remaining-requests': '99', 'x-ratelimit-reset-requests': '6m0s' }, undefined],
    [{ 'x-ratelimit-reset': String(now / 1000 + 60) }, 60],
    [{ 'x-ratelimit-reset': String(now + 60_000) }, 60],
    [{ 'x-ratelimit-reset': '33' }, 33],
    [
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:42Z',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:10Z'
      },
      42
    ],
    [{ ratelimit: '"api";r=0;t=55' }, 55],
    [{ ratelimit: '"api";r=10;t=55' }, undefined],
    [{ ratelimit: '"api";r=0' }, undefined],
    [{}, undefined]
  ] as const) t.equal(retryAfter(headerReader(headers), undefined, now), seconds, JSON.stringify(headers))
})

t.test('bodies', async t => {
  for (const [body, seconds] of [
    [{ error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }] } }, 35],
    [{ error: { details: [{ retryDelay: { seconds: 12, nanos: 5 } }] } }, 12],
    [{ error: { details: [{ retryDelay: { seconds: '12' } }] } }, 12],
    [{ error_code: 'X', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retry_delay: '5s' }] }, 5],
    [{ error: 'Model is loading', estimated_time: 20.1 }, 21],
    [{ detail: 'Throttled.', retry_after: 1 }, 1],
    [{ error: { availability: { code: 'x', retry_after: 3 } } }, 3],
    [{ retryAfter: 8 }, 8],
    [{ retry_after: -3 }, undefined],
    [{ retry_after: 'later' }, undefined],
    [{ retry_after: {} }, undefined],
    [{ retry_after: 99_999 }, 3600]
  ] as const) t.equal(fromResponse('google', { status: 503, body }).retryAfter, seconds, JSON.stringify(body))
})

t.test('a 429 that waiting does not cure', async t => {
  for (const [origin, status, body] of [
    ['openai', 429, { error: { code: 'billing_not_active', message: 'x' } }],
    ['zai', 429, { error: { code: '1113', message: 'x' } }],
    ['groq', 413, { error: { code: 'rate_limit_exceeded', type: 'tokens', message: 'Request too large' } }],
    ['xai', 429, { error: 'Your team 123 has either used all available credits or reached its monthly spending limit.' }],
    ['cloudflare', 429, { success: false, errors: [{ code: 3036, message: 'x' }] }],
    ['oci', 400, { code: 'LimitExceeded', message: 'x' }]
  ] as const) t.match(fromResponse(origin, { status, body }), { statusCode: 429, retryable: false }, origin)
  t.equal(fromResponse('sambanova', { status: 429, body: { error: { code: 'insufficient_quota', message: 'x' } } }).retryable, true)
})
