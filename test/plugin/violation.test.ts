/** The check of bodies and options says what TypeBox says, for all that our schemas have in them. */
import { Type, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { isContract } from '../../plugin/exits/contract-body.js'
import { serverOptionsSchema } from '../../plugin/exits/server-options.js'
import { optionsSchema } from '../../plugin/options.js'
import { errorReferenceSchema } from '../../plugin/reference/options.js'
import { sendEventsSchema } from '../../plugin/stream/index.js'
import { errorContractSchema } from '../../plugin/testing/options.js'
import { violationIn } from '../../plugin/violation.js'
import { errorCodes, errorStatuses, responseSchemas } from '../../schemas/index.js'

const optionSchemas = [optionsSchema, errorReferenceSchema, errorContractSchema, sendEventsSchema, serverOptionsSchema]

/** Keywords that restrict a value and that the check knows, and those that restrict none. */
const known = new Set([
  'additionalProperties', 'anyOf', 'const', 'items', 'minLength', 'pattern', 'patternProperties', 'properties', 'required', 'type',
  'minimum', 'exclusiveMinimum', 'parameters', 'returns', '$id', 'title', 'description'
])

function keywordsIn (schema: unknown, byName = false): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => [
    ...byName || Array.isArray(schema) ? [] : [key],
    ...keywordsIn(value, !byName && (key === 'properties' || key === 'patternProperties'))
  ])
}

t.test('it knows every keyword of the schemas that are checked', async t => {
  for (const schema of [...optionSchemas, ...Object.values(responseSchemas)]) {
    t.same(keywordsIn(schema).filter(keyword => !known.has(keyword)), [])
  }
})

/** Values that are right, nearly right, and anything else. */
const name = fc.constantFrom(
  'origin', 'document', 'guard', 'providers', 'authenticate', 'redact', 'detectOrigin', 'onError', 'orgin', '__proto__', 'name', 'ids',
  'hosts', 'codes', 'statuses', 'sentences', 'startsWith', 'code', 'retryable', 'detail', 'type', 'message', '404', '529', '200'
)
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    '', ' ', 'x', 'enforce', '*', 'a/b', 'a\nb', 404, 529, 4.5, NaN, true, false, null, undefined, 'not_found_error'
  ),
  fc.constant(() => 'x'), fc.string(), fc.integer(), fc.constant(Symbol('x')), fc.constant(10n))
const { value } = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'medium' }, leaf, fc.dictionary(name, tie('value')), fc.array(tie('value'), { maxLength: 3 }))
}))

t.test('of any options it finds the violation that TypeBox finds first', async t => {
  const options = fc.oneof(
    value,
    fc.record({ origin: leaf, document: leaf, guard: leaf, redact: leaf }, { requiredKeys: [] }),
    fc.record({
      providers: fc.array(fc.record({
        name: leaf,
        ids: value,
        hosts: fc.array(leaf),
        codes: value,
        statuses: fc.dictionary(name, leaf),
        sentences: fc.array(fc.record({ startsWith: leaf, code: leaf, retryable: leaf }, { requiredKeys: [] }))
      }, { requiredKeys: ['name'] }))
    }))
  fc.assert(fc.property(options, given => {
    const expected = Value.Errors(optionsSchema, given).First()
    const found = violationIn(optionsSchema, given)
    return expected?.path === found?.path && Object.is(expected?.value, found?.value)
  }), { numRuns: 3000 })
  const provider = (fields: object): object => ({ providers: [{ name: 'x', ...fields }] })
  for (const [given, path] of [
    [{}, undefined],
    [null, ''],
    [[], ''],
    [{ origin: undefined }, undefined],
    [{ providers: {} }, '/providers'],
    [{ providers: [{}] }, '/providers/0/name'],
    [provider({ ids: ['a', ''] }), '/providers/0/ids/1'],
    [provider({ statuses: 'x' }), '/providers/0/statuses'],
    [provider({ statuses: [] }), '/providers/0/statuses'],
    [provider({ statuses: { 498: 529 } }), undefined],
    [provider({ statuses: { 498: 530 } }), '/providers/0/statuses/498'],
    [provider({ statuses: { 200: 529 } }), '/providers/0/statuses/200'],
    [provider({ sentences: [{ startsWith: 'x', code: 404, status: 4.5 }] }), '/providers/0/sentences/0/status'],
    [provider({ codes: { 418: [] } }), '/providers/0/codes/418']
  ] as const) {
    t.equal(violationIn(optionsSchema, given)?.path, path)
    t.equal(Value.Errors(optionsSchema, given).First()?.path, path)
  }
})

t.test('of numbers, names of headers and choices as well', async () => {
  const some = fc.oneof(leaf, fc.double(), fc.constantFrom<unknown>(0, 1, -1, 0.5, Infinity, -Infinity, 'ndjson', 'contract', '/errors'))
  const names = fc.constantFrom('x-name', 'X', 'x y', '', '__proto__')
  const options = fc.record({
    headers: fc.oneof(some, fc.dictionary(names, some)),
    skip: some,
    timeout: some,
    dialect: some,
    idleTimeout: some,
    origin: some,
    hijacked: some,
    prefix: some,
    title: some
  }, { requiredKeys: [] })
  for (const schema of optionSchemas) {
    const own = options.map(given => Object.fromEntries(Object.entries(given).filter(([name]) => name in schema.properties)))
    fc.assert(fc.property(fc.oneof(own, options), given => {
      const expected = Value.Errors(schema, given).First()
      const found = violationIn(schema, given)
      return expected?.path === found?.path && Object.is(expected?.value, found?.value)
    }), { numRuns: 500 })
  }
})

t.test('a body is the contract where TypeBox’s compiled check of the nine says so, and its code is the status', async t => {
  const contract = TypeCompiler.Compile(Type.Union(Object.values(responseSchemas) as TSchema[]))
  const rows = errorCodes.map(code => ({ type: errorStatuses[code].type, message: 'x', code, origin: 'Acme' }))
  for (const detail of rows) t.ok(isContract({ detail }, detail.code) && !isContract({ detail }, detail.code === 404 ? 500 : 404))
  t.notOk(isContract({ detail: rows[0] }, 418))
  t.notOk(isContract({ get detail () { throw new Error('no') } }, 404), 'what cannot be read')
  const detail = fc.oneof(value, fc.record({
    type: fc.constantFrom<unknown>('not_found_error', 'rate_limit_error', 'other', 1),
    message: leaf,
    code: fc.constantFrom<unknown>(404, 429, '404', 418),
    origin: leaf
  }, { requiredKeys: ['type', 'code'] }), fc.constantFrom(...rows))
  fc.assert(fc.property(fc.oneof(
    value, fc.record({ detail }), fc.record({ detail, more: leaf })
  ), fc.constantFrom(404, 429, 418), (body, status) => {
    return isContract(body, status) === (contract.Check(body) && (body as { detail: { code: number } }).detail.code === status)
  }), { numRuns: 3000 })
})
