/** 229 answers of 42 providers, each with the answer that the contract wants. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { fromResponse, toContractError } from '../../../plugin/index.js'

interface Row {
  id: string
  origin: string
  transport: 'http' | 'sse' | 'sdk'
  status: number | null
  headers: Record<string, string>
  body: unknown
  expect: { codes: number[], message?: string, contains?: string, absent?: string[], retryAfter?: number, retryable?: boolean }
}

const rows: Row[] = readFileSync(new URL('../../fixtures/provider-errors.jsonl', import.meta.url), 'utf8').trim().split('\n')
  .map(line => JSON.parse(line))

t.equal(rows.length, 229)

for (const { id, origin, transport, status, headers, body, expect } of rows) {
  t.test(id, async t => {
    const error = transport === 'sdk'
      ? toContractError(new Error(body as string), { origin })
      : fromResponse(origin, { status: status ?? undefined, headers, body })
    t.ok(expect.codes.includes(error.detail.code), `${error.detail.code}, wanted ${expect.codes.join(' or ')}`)
    t.equal(error.origin, origin)
    if (expect.message !== undefined) t.equal(error.message, expect.message)
    if (expect.contains !== undefined) t.match(error.message, expect.contains)
    if (expect.retryAfter !== undefined) t.equal(error.retryAfter, expect.retryAfter)
    if (expect.retryable !== undefined) t.equal(error.retryable, expect.retryable)
    // the same as JSON text, as a caller of fetch has it
    if (transport !== 'sdk') {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      t.same(fromResponse(origin, { status: status ?? undefined, headers, body: text }).detail, error.detail)
    }
  })
}
