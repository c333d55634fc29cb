/** Secrets by rule: gone from any text, in any syntax, and nothing else. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { findSecrets } from '../../../plugin/message/find-secrets.js'
import { cleanMessage } from '../../../plugin/message/clean.js'
import { readable } from '../../../plugin/message/readable.js'
import { redact, redactStart } from '../../../plugin/message/redact.js'
import { keyPrefixes } from '../../../plugin/providers/index.js'
import { harmless } from './harmless.js'
import { quotedRequests, secrets } from './secrets.js'

t.test('keys, tokens and credentials, whole and partly masked', async t => {
  for (const [text, shown] of [
    ['Incorrect API key provided: sk-proj-abcDEF123. You can find it.', 'Incorrect API key provided: [redacted]. You can find it.'],
    ['Incorrect API key provided: sk-abc***********wxyz. You can', 'Incorrect API key provided: [redacted]. You can'],
    ['Incorrect API key provided: na***ys. You can', 'Incorrect API key provided: [redacted]. You can'],
    ['key sk-ant-api03-abc_DEF-123 is wrong', 'key [redacted] is wrong'],
    ['key sk-abc...wxyz is wrong', 'key [redacted] is wrong'],
    ['sk-…wxyz', '[redacted]'],
    [
      'tokens hf_aBcDeFgHiJkLmN gsk_abcdefgh xai-abcd1efg2h r8_abcdefgh pplx-0123456789ab nvapi-abcdefgh',
      'tokens [redacted] [redacted] [redacted] [redacted] [redacted] [redacted]'
    ],
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
    ['{"cookie":"session=abc"}', '{"cookie":"[redacted]"}'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7', 'aws_secret_access_key = [redacted]'],
    ['password=hunter22&x', 'password=[redacted]&x'],
    ['redis://:pass@host ghs_abcdefgh github_pat_abcdefgh', 'redis://[redacted]@host [redacted] [redacted]'],
    ['https://a.example/#access_token=abc', 'https://a.example/#access_token=[redacted]'],
    ['Headers.set: "Bearer abc\nSECRET" is an invalid header value.', 'Headers.set: "[redacted]" is an invalid header value.'],
    ['sk_live_abcdef rk-0123456789ab fw_3ZAbC4dEfGhIjKl', '[redacted] [redacted] [redacted]'],
    ['api_key=abc123def', 'api_key=[redacted]'],
    ['"x-api-key": "abc123def"', '"x-api-key": "[redacted]"'],
    ['secret access key: wJalrXUtnFEMI/K7MDENG', 'secret access key: [redacted]']
  ] as const) t.equal(redact(text), shown)
})

t.test('every shape of a secret, and every quoted request', async t => {
  for (const [text, shown] of [...secrets, ...quotedRequests]) {
    t.equal(redact(text), shown)
    t.equal(redact(shown), shown, 'once redacted, a text stays')
  }
})

t.test('what is cut off, spelled in rare ways or looks half like a secret', async t => {
  for (const [text, shown] of [
    ['api_key&#x3d;abc123def456', 'api_key&#x3d;[redacted]'],
    ['api_key\u{3d}abc123def456 api_key\\x3dabc123def456', 'api_key\u{3d}[redacted] api_key\\x3d[redacted]'],
    ['api_key\u00a0=\u3000abc123def456', 'api_key\u00a0=\u3000[redacted]'],
    ['api_key=‘abc123def456’', 'api_key=‘[redacted]’'],
    ['sk-***', '[redacted]'],
    ['psw: letmein', 'psw: [redacted]'],
    ['ghp_AbCdEf', '[redacted]'],
    ['token: identifier12', 'token: identifier12'],
    ['job_Zx8Kq2Lw9Rt4Yp7Nv1Bm6Hc3Jd5Fg0X', 'job_Zx8Kq2Lw9Rt4Yp7Nv1Bm6Hc3Jd5Fg0X'],
    ['token: aBcDeFgHiJkLmNoP', 'token: [redacted]'],
    ['AbstractFactoryBuilder2ForHttpServer2Implementation', 'AbstractFactoryBuilder2ForHttpServer2Implementation'],
    ['OPENAI_ghp_AbCdEfGhIj0123456789KlMnOp', 'OPENAI_[redacted]'],
    ['sk-abc-defg-hijk-lm-…', 'sk-abc-defg-hijk-lm-…'],
    ["password 'missing' and password 'letmein'", "password 'missing' and password '[redacted]'"],
    ['hf_abcdefghijklmnop and hf_GenerationConfiguration', 'hf_abcdefghijklmnop and hf_GenerationConfiguration'],
    ['Ab1-Cd2-Ef3-Gh4-Ij5-Kl6-Mn7-Op8-Qr9', 'Ab1-Cd2-Ef3-Gh4-Ij5-Kl6-Mn7-Op8-Qr9'],
    ['a1B2c3D4e5F6--------------------x1', 'a1B2c3D4e5F6--------------------x1'],
    ['Authorization: Bearer', 'Authorization: Bearer'],
    ['Authorization: letmein', 'Authorization: [redacted]'],
    ['Authorization: open', 'Authorization: open'],
    ['Authorization: Scheme word', 'Authorization: Scheme word'],
    ['Authorization: Token [redacted]', 'Authorization: Token [redacted]'],
    ['"authorization": "expired"', '"authorization": "expired"'],
    ['Bearer', 'Bearer'],
    ['Cookie: [redacted]', 'Cookie: [redacted]'],
    ['Cookie: abc123def456\nx', 'Cookie: [redacted]\nx'],
    ['authorization header', 'authorization header'],
    ['cookie "yes"', 'cookie "yes"'],
    ['a ("key", "abc123def456") b', 'a ("key", "[redacted]") b'],
    ['key", "abc123def456', 'key", "abc123def456'],
    ['a-password> x1y2', 'a-password> x1y2'],
    ['api_key (see the docs)', 'api_key (see the docs)'],
    ['token (abc123def456)', 'token (abc123def456)'],
    ['password=getPassword(x)', 'password=getPassword(x)'],
    ["{'input': [1, (2, 3)]}", "{'input': [redacted]}"],
    ["{'input': True, 'x': 1}", "{'input': [redacted], 'x': 1}"],
    ['data:text/plain;base64,aGk=', 'data:text/plain;base64,aGk='],
    ['data:\nabc', 'data:\nabc'],
    ['key-----BEGIN', 'key-----BEGIN'],
    ['Zx8Kq2Lw9Rt4Yp7Nv1Bm6Hc3Jd5Fg0Xs=', '[redacted]'],
    ['__Zx8Kq2Lw9Rt4Yp7Nv1Bm6Hc3Jd5Fg0Xs', '__[redacted]'],
    ['https://[::1]:3000/x@y', 'https://[::1]:3000/x@y'],
    ['https://me:secret@a.example/x?y=b@c', 'https://[redacted]@a.example/x?y=b@c'],
    ['https://a.example:x/@y', 'https://a.example:x/@y'],
    ['// note: see a/b', '// note: see a/b'],
    ['a "b" "c" is an invalid header name', 'a "b" "c" is an invalid header name'],
    ['"a" then "b" is an invalid header value', '"a" then "[redacted]" is an invalid header value']
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

t.test('messages with suspicious words and no secret stay', async t => {
  for (const text of harmless) t.equal(redact(text), text)
})

/** All texts in a value. */
function textsIn (value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

t.test('messages of the providers stay, but for the keys that two of them quote', async t => {
  const samples = readFileSync(new URL('../../fixtures/provider-errors.jsonl', import.meta.url), 'utf8').trim().split('\n')
  const texts = new Set(samples.flatMap(sample => textsIn(JSON.parse(sample))))
  t.ok(texts.size > 250)
  t.strictSame([...texts].filter(text => redact(text) !== text).sort(), [
    'Incorrect API key provided: na***ys. You can obtain an API key from https://console.x.ai.',
    'Incorrect API key provided: test. You can find your API key at https://platform.openai.com/account/api-keys.'
  ])
})

t.test('messages that the documentation shows stay', async t => {
  for (const file of ['README.md', 'docs/guide.md', 'docs/migrating.md', 'docs/providers.md']) {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    for (const [, message] of text.matchAll(/"(?:message|msg)": ?"((?:[^"\\]|\\.)*)"/g)) t.equal(redact(message!), message)
  }
})

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const key = (least: number, most: number): fc.Arbitrary<string> => fc.string({
  unit: fc.constantFrom(...letters), minLength: least, maxLength: most
})

/** A key as it is drawn by lot: of all kinds of characters, in no order. */
const drawn = fc.array(
  fc.tuple(fc.constantFrom(...'abcdefghijkmnpqrstuvwyz'), fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWYZ'), fc.constantFrom(...'123456789')),
  { minLength: 12, maxLength: 20 }
)
  .map(parts => parts.flat().join(''))

const around = fc.tuple(
  fc.constantFrom('', 'It failed: ', 'GET https://a.example/v1 said (', '{"error": "x", ', 'a\n', 'é 😀 ', '%7B', 'line\\n'),
  fc.constantFrom('', ' was refused.', '\nThen it stopped.', ', retry later', '" }')
)

/** Each way in which a name and a value are written; the quotes are escaped or not. */
const syntaxes: ReadonlyArray<(name: string, value: string) => string> = [
  (name, value) => `${name}=${value}`,
  (name, value) => `${name.toUpperCase()} = ${value}`,
  (name, value) => `${name}: ${value}`,
  (name, value) => `${name} '${value}'`,
  (name, value) => `"${name}": "${value}"`,
  (name, value) => `'${name}': '${value}'`,
  (name, value) => `{\\"${name}\\":\\"${value}\\"}`,
  (name, value) => `{\\\\\\"${name}\\\\\\":\\\\\\"${value}\\\\\\"}`,
  (name, value) => `{\\u0022${name}\\u0022:\\u0022${value}\\u0022}`,
  (name, value) => `%22${name}%22%3A%22${value}%22`,
  (name, value) => `https://a.example/?x=1&${name}=${value}&y=2`,
  (name, value) => `x%3D1%26${name}%3D${value}%26y%3D2`,
  (name, value) => `<${name}>${value}</${name}>`,
  (name, value) => `--${name} ${value}`,
  (name, value) => `[('${name}', '${value}')]`
]
const named = [
  'api_key', 'x-api-key', 'apiKey', 'access_token', 'refresh_token', 'client_secret', 'password', 'db_passwd', 'pwd', 'passphrase',
  'AccountKey', 'subscription-key', 'session_id', 'secret', 'token', 'auth', 'session', 'signature', 'credential'
]

t.test('the value behind a name is gone, in any syntax', async () => {
  fc.assert(fc.property(fc.constantFrom(...named), fc.constantFrom(...syntaxes), drawn, around, (name, syntax, value, [before, after]) => {
    return !redact(before + syntax(name, value) + after).includes(value.slice(0, 6))
  }))
})

t.test('a key with a known beginning is gone, whole, on two lines, with what nobody sees in it, masked', async () => {
  const hidden: ReadonlyArray<(key: string) => string> = [
    key => key,
    key => `${key.slice(0, 24)}\n  ${key.slice(24)}`,
    key => [...key].join('\u200b'),
    key => `${key.slice(0, 9)}\u2060\u00ad${key.slice(9)}`
  ]
  const prefixes = keyPrefixes().map(prefix => prefix.replace('*', ''))
  fc.assert(fc.property(fc.constantFrom(...prefixes), drawn, fc.constantFrom(...hidden), around, (prefix, tail, hide, [before, after]) => {
    const shown = redact(before + hide(prefix + tail) + after)
    return !shown.includes(tail.slice(0, 4)) && !shown.includes(tail.slice(-6)) &&
      !shown.replaceAll('\u200b', '').includes(tail.slice(4, 12))
  }))
})

t.test('user information is gone, whatever the password', async () => {
  const password = fc.string({ unit: fc.constantFrom(...letters, ...'@/:#!$&*+,;=%-._~'), minLength: 1, maxLength: 24 })
    .filter(text => /[a-z]/i.test(text) && !text.endsWith('/') && !/^\d{1,5}[/?#]/.test(text))
  fc.assert(fc.property(fc.constantFrom(
    'https', 'postgres', 'mongodb+srv', 'redis', 'amqp'
  ), key(1, 8), password, around, (scheme, user, secret, [before, after]) => {
    const text = `${scheme}://${user}:${secret}@db.example:5432/x`
    return redact(before + text + after).includes(`${scheme}://[redacted]@db.example:5432/x`)
  }))
})

t.test('what follows a scheme is gone', async () => {
  fc.assert(fc.property(fc.constantFrom(
    'Bearer', 'bearer', 'BEARER', 'Token', 'ApiKey', 'Negotiate', 'GoogleLogin'
  ), drawn, around, (scheme, value, [before, after]) => {
    return redact(`${before}Authorization: ${scheme} ${value}${after}`).includes(`${before}Authorization: ${scheme} [redacted]`)
  }))
  fc.assert(fc.property(key(2, 12), key(3, 24), fc.constantFrom('Basic', 'basic', 'BASIC'), (user, password, scheme) => {
    const value = Buffer.from(`${user}:${password}`).toString('base64')
    return !redact(`It sent ${scheme} ${value} to the proxy`).includes(value)
  }))
})

t.test('blocks, tokens, data and runs that nothing looks like are gone', async () => {
  const base64 = fc.uint8Array({ minLength: 96, maxLength: 400 }).map(bytes => Buffer.from(bytes).toString('base64'))
  fc.assert(fc.property(base64, around, (data, [before, after]) => {
    const texts = [`-----BEGIN PRIVATE KEY-----\n${data}\n-----END PRIVATE KEY-----`, `data:image/png;base64,${data}`]
    return texts.every(text => !redact(before + text + after).includes(data.slice(10, 20)))
  }))
  fc.assert(fc.property(drawn, around, (run, [before, after]) => redact(before + run + after) === `${before}[redacted]${after}`))
  fc.assert(fc.property(base64, drawn, around, (payload, signature, [before, after]) => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${payload.replaceAll(/[+/=]/g, '_')}.${signature}`
    return !redact(before + token + after).includes(signature.slice(0, 8))
  }))
})

t.test('a cut leaves no half of a secret', async () => {
  fc.assert(fc.property(fc.integer({ min: 8_100, max: 8_200 }), drawn, (length, tail) => {
    const secret = `sk-proj-${tail}`
    return !redactStart('x '.repeat(8200).slice(0, length) + ' ' + secret + ' and more'.repeat(1000), 8192).includes('sk-') &&
      !cleanMessage('data:image/png;base64,' + 'iVBORw0KGgoAAAAN'.repeat(507) + ' '.repeat(length - 8_100) + secret).includes('sk-p')
  }))
  t.equal(redactStart('x '.repeat(10) + 'password="' + 'y '.repeat(10_000), 40), 'x '.repeat(10) + 'password="[redacted]')
})

t.test('a text is looked at in steps in proportion to its length, whatever is in it', async t => {
  const parts = [
    'a', 'A1', '.', ' ', '/', '//', '//a:b', '//a:b/', '//a:b@', '[', '{"', '"', "'", 'sk-', 'sk-proj-a', 'key=', 'key: ', 'key ',
    'api key ',
    'api_key=a ', "api_key='", 'api_key=\\u0022', "token: 'a ", 'password', '%', '%25', '%3D', '\\', '\\u0022', '\\n', '&', '&amp;', '*',
    'a*',
    '…', '...', '•', '中', '\u200b', 'Bearer ', 'Bearer a', 'Basic ', 'cookie:', 'cookie: a=b', 'authorization: ',
    'authorization: Digest a=b, ',
    '-', '-----BEGIN A-----', '-----BEGIN A-----AAAAAAAAAAAAAAAAA', 'data:a;base64,', 'eyJ', 'input_value=', "{'input': '", 'Value: {"a":',
    '{"role":"user', 'AKIA', 'a\n', 'a1B2', 'a1B2/', 'aB1c-', '?key=', 'xoxb-', 'hf_', 'pa-', 'a.b', 'a=', '@', '-s-s', '-k-s-p',
    'key is is is ',
    'password: letmein foo ', '<key>', "['key', '", 'Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3/', 'plain words '
  ]
  for (const part of parts) {
    const text = part.repeat(Math.ceil(100_000 / part.length))
    t.ok(findSecrets(readable(text)).steps <= 10 * text.length, part)
    t.type(redact(text), 'string')
  }
})
