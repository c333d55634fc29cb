/** Arbitrary values: never a throw, always one of the nine with four well-formed fields. */
import fc from 'fast-check'
import t from 'tap'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { ContractError, fromResponse, toContractError } from '../../../plugin/index.js'
import { responseSchemas } from '../../../schemas/index.js'

/** How many values, in all. */
const runs = 20_000

const keys = [
  'status', 'statusCode', 'status_code', 'headers', 'error', 'message', 'Message', 'detail', 'details', 'code', 'type', '__type', 'body',
  'data', 'response', 'rawResponse', 'request', 'options', 'timings', 'cause', 'errors', 'lastError', 'name', 'stack', 'output',
  'validation', 'validationContext', 'metadata', 'raw', 'contentType', 'httpRequest', 'httpResponse', '$metadata', '$fault', '$response',
  'isAxiosError', 'param', 'workspaceID', 'retry_after', 'retryDelay', 'url', 'bodyUsed', 'reason', 'choices', 'base_resp', 'fault'
]
const texts = [
  'rate_limit_exceeded', 'overloaded_error', 'API_KEY_INVALID', 'ThrottlingException', 'ECONNREFUSED', 'UND_ERR_BODY_TIMEOUT', 'AbortError',
  'TimeoutError',
  'ApiError', 'SyntaxError', 'Connection error.', '{"error":{"message":"x","code":429}}', '[[[', '{"', '<html>', '', ' ', '\ud800',
  'sk-abcdefghijklmnop',
  '429', '7', '12ms', '6m0s', 'Thu, 01 Jan 1970 00:00:00 GMT', 'http://[', 'https://api.openai.com/v1', '\u0000'
]
const no = (): never => { throw new Error('no') }

/** A recipe: the value is made where it is used, for fast-check itself would stumble over some of them. */
type Recipe = () => unknown

const leaf: fc.Arbitrary<Recipe> = fc.oneof(
  fc.constantFrom(...texts),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: -1, max: 700 }),
  fc.double(),
  fc.boolean(),
  fc.bigInt()
).map(value => () => value)

const odd: fc.Arbitrary<Recipe> = fc.constantFrom<Recipe>(
  () => null,
  () => undefined,
  () => Symbol('x'),
  () => no,
  () => new Date(NaN),
  () => Buffer.from('{"error":"x"}'),
  () => new Headers({ 'retry-after': '7' }),
  () => Response.json({ error: 'x' }, { status: 429 }), () => new DOMException('x', 'AbortError')
)

const made = (fields: Record<string, Recipe>): Record<string, unknown> => Object.fromEntries(Object.entries(fields).map(
  ([key, make]) => [key, make()]
))
const objectOf = (value: unknown): object => typeof value === 'object' && value !== null ? value : { value }
const key = fc.constantFrom(...keys)

const copy = await t.mockImport('../../../plugin/errors.js', {}) as typeof import('../../../plugin/index.js')

/** Values of any shape, with the field names that SDKs use, some of which do anything when they are read. */
const recipe = fc.letrec<{ any: Recipe }>(tie => ({
  any: fc.oneof({ depthSize: 'small' },
    leaf,
    odd,
    fc.array(tie('any'), { maxLength: 4 }).map(items => () => items.map(make => make())),
    fc.dictionary(fc.oneof(key, fc.string({ maxLength: 8 })), tie('any'), { maxKeys: 6 }).map(fields => () => made(fields)),
    fc.tuple(fc.constantFrom(...texts), fc.dictionary(key, tie('any'), { maxKeys: 5 }))
      .map(([message, fields]) => () => Object.assign(new Error(message), made(fields))),
    tie('any').map(make => () => new Error('wrapped', { cause: make() })),
    // each field another value each time that it is read
    fc.tuple(fc.dictionary(key, tie('any'), { maxKeys: 5 }), tie('any')).map(([fields, other]) => () => {
      let reads = 0
      return Object.defineProperties(Object.create(
        Error.prototype
      ) as object, Object.fromEntries(Object.entries(fields).map(([name, make]) =>
        [name, { get: () => reads++ % 2 === 0 ? make() : other(), enumerable: true, configurable: true }])))
    }),
    // an error of another copy of the package, some of its fields anything
    fc.dictionary(
      fc.constantFrom('detail', 'statusCode', 'headers', 'upstream', 'retryAfter', 'retryable', 'cause'), tie('any')
    ).map(fields => () =>
      Object.defineProperties(
        new copy.RateLimitError('x'),
        Object.fromEntries(Object.entries(fields).map(([name, make]) => [name, { value: make(), configurable: true }]))
      )),
    fc.dictionary(key, leaf, { maxKeys: 6 }).map(fields => () => JSON.stringify(made(fields), (_key, field) =>
      typeof field === 'bigint' ? String(field) : field)),
    fc.dictionary(key, leaf, { maxKeys: 6 }).map(fields => () => Object.defineProperties(
      {}, Object.fromEntries(Object.keys(fields).map(name => [name, { get: no, enumerable: true }]))
    )),
    tie('any').map(make => () => new Proxy(objectOf(make()), { get: no })),
    tie('any').map(make => () => new Proxy(objectOf(make()), { ownKeys: no, has: no, getPrototypeOf: no, getOwnPropertyDescriptor: no })),
    tie('any').map(make => () => {
      const { proxy, revoke } = Proxy.revocable(objectOf(make()), {})
      revoke()
      return proxy
    }),
    fc.dictionary(key, tie('any'), { maxKeys: 4 }).map(fields => () => {
      const cycle = made(fields)
      for (const name of ['cause', 'error', 'errors', 'message', 'body', 'details', 'response']) cycle[name] ??= cycle
      return cycle
    }))
})).any

const contract = TypeCompiler.Compile(Type.Union(Object.values(responseSchemas)))

function isWellFormed (error: ContractError): boolean {
  const { detail } = error
  return contract.Check({ detail }) && detail.message.length <= 4096 && detail.message.isWellFormed() &&
    !/\p{Cc}|sk-abcdefghijklmnop/u.test(detail.message) &&
    (error.retryAfter === undefined || (Number.isInteger(error.retryAfter) && error.retryAfter >= 0 && error.retryAfter <= 3600))
}

t.test(`toContractError and fromResponse, ${runs} values`, async t => {
  const quarter = { numRuns: runs / 4 }
  fc.assert(fc.property(recipe, make => isWellFormed(toContractError(make()))), quarter)
  fc.assert(
    fc.property(recipe, fc.constantFrom('openai', 'bedrock', 'nobody'), (make, origin) => isWellFormed(toContractError(
      make(), { origin }
    ))),
    quarter
  )
  fc.assert(
    fc.property(recipe, fc.constantFrom(undefined, 200, 400, 429, 503), (make, status) => isWellFormed(fromResponse(
      'google', { status, body: make() }
    ))),
    quarter
  )
  fc.assert(fc.property(recipe, recipe, recipe, (body, headers, status) =>
    isWellFormed(fromResponse('mistral', { status: status() as number, headers: headers(), body: body() }))), quarter)
  t.pass('none threw, all were well-formed')
})

t.test('a megabyte of anything', async t => {
  const megabyte = 1024 * 1024
  const chunks = [
    'x', '{"a":', '[', '"', ' ', '*', 'sk-', 'eyJ', '<', '\u0000', '\ud800', 'Bearer ', 'key=', '\n    at x', '😀', '{"message":"', 'a@b:'
  ]
  for (const chunk of chunks) {
    const text = chunk.repeat(megabyte / chunk.length)
    for (const thrown of [
      text, new Error(text), { status: 400, message: text },
      { status: 429, headers: {}, error: { message: text }, param: null, code: text }, { error: text }
    ]) {
      t.ok(isWellFormed(toContractError(thrown)))
      t.ok(isWellFormed(fromResponse('openai', { status: 400, body: thrown, headers: { 'retry-after': text, 'x-request-id': text } })))
    }
  }
})

t.test('chains of causes that are circular or 10,000 long', async t => {
  const first: Error = new Error('first')
  first.cause = new Error('second', { cause: first })
  t.ok(isWellFormed(toContractError(first)))
  let chain = new Error('innermost')
  for (let link = 0; link < 10_000; link++) chain = new AggregateError([chain, chain], 'x', { cause: chain })
  t.ok(isWellFormed(toContractError(chain)))
})
