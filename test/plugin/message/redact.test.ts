import t from 'tap'
import { redact } from '../../../plugin/message/redact.js'

t.test('keys, tokens and credentials, whole and partly masked', async t => {
  for (const [text, shown] of [
    ['Incorrect API key provided: sk-proj-abcDEF123. You can find it.', 'Incorrect API key provided: [redacted]. You can find it.'],
    ['Incorrect API key provided: sk-abc***********wxyz. You can', 'Incorrect API key provided: [redacted]. You can'],
    ['Incorrect API key provided: na***ys. You can', 'Incorrect API key provided: [redacted]. You can'],
    ['key sk-ant-api03-abc_DEF-123 is wrong', 'key [redacted] is wrong'],
    ['key sk-abc...wxyz is wrong', 'key [redacted] is wrong'],
    ['sk-…wxyz', '[redacted]'],
    ['tokens hf_abcdefgh gsk_abcdefgh xai-abcdefgh r8_abcdefgh pplx-abcdefgh nvapi-abcdefgh', 'tokens [redacted] [redacted] [redacted] [redacted] [redacted] [redacted]'],
    ['AIzaSyA-1234567890abcdef and ya29.a0AfH6SM', '[redacted] and [redacted]'],
    ['dapi0123456789abcdef', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_ok', 'jwt [redacted]'],
    ['a***c and ****wxyz', '[redacted] and [redacted]'],
    ['Authorization: Bearer abc.def.ghi', 'Authorization: Bearer [redacted]'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted]'],
    ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'Authorization: Basic [redacted]'],
    ['cookie: session=abc; other=1', 'cookie: [redacted]'],
    ['https://a.example/v1?key=abcdef&x=1', 'https://a.example/v1?key=[redacted]&x=1'],
    ['https://me:secret@a.example/', 'https://[redacted]@a.example/'],
    ['Bearer tokenABC123456789 and Bearer authenticated12345', 'Bearer [redacted] and Bearer [redacted]'],
    ['authorization: abcdef1234567', 'authorization: [redacted]'],
    ['{"cookie":"session=abc"}', '{"cookie":[redacted]'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7', 'aws_secret_access_key = [redacted]'],
    ['password=hunter22&x', 'password=[redacted]&x'],
    ['redis://:pass@host ghs_abcdefgh github_pat_abcdefgh', 'redis://[redacted]@host [redacted] [redacted]'],
    ['https://a.example/#access_token=abc', 'https://a.example/#access_token=[redacted]'],
    ['Headers.set: "Bearer abc\nSECRET" is an invalid header value.', 'Headers.set: "[redacted]" is an invalid header value.'],
    ['sk_live_abcdef rk-0123456789ab fw_ABCDEFGHIJKLmn', '[redacted] [redacted] [redacted]'],
    ['api_key=abc123def', 'api_key=[redacted]'],
    ['"x-api-key": "abc123def"', '"x-api-key": "[redacted]"'],
    ['secret access key: wJalrXUtnFEMI/K7MDENG', 'secret access key: [redacted]']
  ] as const) t.equal(redact(text), shown)
})

t.test('what only sounds like a secret stays', async t => {
  for (const text of [
    'You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).',
    'Your account org-x <ak-x> is suspended',
    'body/pk_user must be string',
    'sk-learn, hf_model, xai-grok-2, fw_llama, ASIANCOUNTRIES, Bearer tokens',
    'unexpected token: foo',
    'api_key: Field required',
    'Basic understanding of risk-free sketching, task-force, disk-based',
    'This model\'s maximum context length is 4097 tokens. See https://platform.openai.com/account/api-keys.',
    'Limit 30000, Used 14567 ** see notes **',
    'The model `gpt-4o` in organization org-x on tokens per min (TPM)'
  ]) t.equal(redact(text), text)
})

t.test('hostile texts take time in proportion to their length', async t => {
  // a quadratic pattern would need minutes for these; the test runner's own limit is the assertion
  for (const part of ['sk-', 'eyJ', 'a', '*', 'a*', 'Bearer ', '//a:', 'api key: ', 'Basic ', 'cookie:', '?key=', '. ', '-']) {
    t.equal(typeof redact(part.repeat(200_000)), 'string', part)
  }
})
