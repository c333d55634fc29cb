/** Mixed error requests over kept connections: every answer inside the contract, every connection in step, no memory kept. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isContract } from '../../plugin/exits/contract-body.js'
import { request, Wire } from '../support/wire.js'
import type { State } from './server.js'

const connections = 64

interface Kind {
  readonly what: string
  readonly bytes: (id: string) => string
  readonly status: number
  /** Whether an answer tells the id of its request; one that never was a request for Fastify has none. */
  readonly hasId?: false
}

const get = (path: string, status: number, headers: Record<string, string> = {}): Kind => ({
  what: path, bytes: id => request('GET', path, { 'x-request-id': id, ...headers }), status
})
const post = (what: string, body: string, status: number, type = 'application/json'): Kind => ({
  what, bytes: id => request('POST', '/body', { 'x-request-id': id, 'content-type': type }, body), status
})

const kinds: readonly Kind[] = [
  get('/thrown', 404),
  get('/limited', 429),
  get('/unexpected', 500),
  get('/provider', 422),
  get('/object', 422),
  get('/text', 401),
  get('/stream', 503),
  get('/web-stream', 503),
  get('/response', 404),
  get('/long', 404),
  get('/hook', 500),
  get('/header', 500),
  get('/broken-stream', 500),
  get('/unknown', 404),
  get('/%ff', 400), { ...get('/raw', 500), hasId: false },
  post('invalid body', '{}', 422),
  post('broken JSON', '{', 400),
  post('too large', `{"name":"${'x'.repeat(2000)}"}`, 400),
  post('media type', 'x', 400, 'image/png'),
  { what: 'malformed', bytes: () => 'NONSENSE\r\n\r\n', status: 400, hasId: false },
  { what: 'no Host', bytes: () => 'GET / HTTP/1.1\r\n\r\n', status: 400, hasId: false },
  { what: 'expectation', bytes: () => request('GET', '/fine', { expect: 'x' }), status: 400, hasId: false }
]

export interface ErrorsResult {
  readonly requests: number
  readonly seconds: number
  readonly wrong: readonly string[]
  /** Heap after the first tenth, and at the end, in bytes. */
  readonly heapBefore: number
  readonly heapAfter: number
  readonly complaints: readonly string[]
  readonly resources: readonly string[]
}

/** @param requests how many, the first tenth of which warms the server up */
export async function soakErrors (requests: number): Promise<ErrorsResult> {
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)), { execArgv: ['--import', 'tsx', '--expose-gc'] })
  const [{ port }] = await once(server, 'message') as [{ port: number }]
  const wrong: string[] = []
  const begun = performance.now()
  await askAll(port, Math.ceil(requests / 10), wrong)
  const before = await stateOf(server)
  await askAll(port, requests - Math.ceil(requests / 10), wrong)
  const seconds = (performance.now() - begun) / 1000
  const after = await stateOf(server)
  server.disconnect()
  await once(server, 'exit')
  return {
    requests, seconds, wrong, heapBefore: before.heap, heapAfter: after.heap, complaints: after.complaints, resources: after.resources
  }
}

async function stateOf (server: ReturnType<typeof fork>): Promise<State> {
  server.send('state')
  const [state] = await once(server, 'message')
  return state as State
}

async function askAll (port: number, requests: number, wrong: string[]): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: connections }, async () => {
    let wire = await Wire.to(port)
    while (next < requests) {
      const at = next++
      const kind = kinds[at % kinds.length]!
      const answer = await wire.write(kind.bytes(`r${at}`)).answer()
      const violation = violationOf(kind, `r${at}`, answer)
      if (violation !== undefined) wrong.push(`${kind.what}: ${violation}`)
      if (answer === undefined || answer.headers.connection === 'close') {
        wire.close()
        wire = await Wire.to(port)
      }
    }
    wire.close()
  }))
}

function violationOf (kind: Kind, id: string, answer: Awaited<ReturnType<Wire['answer']>>): string | undefined {
  if (answer === undefined) return 'no answer'
  const { status, headers, body } = answer
  if (status !== kind.status) return `status ${status}`
  if (!isContract(JSON.parse(body), status)) return `not the contract: ${body}`
  if (headers['content-length'] !== String(Buffer.byteLength(body))) return `content-length ${headers['content-length']}`
  if (kind.hasId !== false && headers['x-request-id'] !== id) return `the answer to ${headers['x-request-id']}`
  if (/secret/.test(JSON.stringify(answer))) return 'it tells a secret'
  return undefined
}
