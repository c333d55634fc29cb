/** Child process of the soak: a server on which errors leave by every exit, and which tells of its memory. */
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import compress from '@fastify/compress'
import Fastify, { type FastifyInstance } from 'fastify'
import humanloopErrors, { fromResponse, NotFoundError, RateLimitError, serverOptions } from '../../plugin/index.js'

export interface State {
  /** Bytes of the heap after a garbage collection. */
  readonly heap: number
  /** What Node warned of, and rejections that nobody handled. */
  readonly complaints: readonly string[]
  /** Open connections and pending timers. */
  readonly resources: readonly string[]
}

const complaints: string[] = []
process.on('warning', warning => { complaints.push(String(warning)) })
process.on('unhandledRejection', reason => { complaints.push(`unhandled rejection: ${String(reason)}`) })

const app: FastifyInstance = Fastify(serverOptions({ requestIdHeader: 'x-request-id', bodyLimit: 1024 }, { hijacked: 'contract' }))
await app.register(compress, { threshold: 512 })
await app.register(humanloopErrors)

app.get('/thrown', async () => { throw new NotFoundError('There is nothing here.') })
app.get('/limited', async () => { throw new RateLimitError('Slow down.', { retryAfter: 7 }) })
app.get('/unexpected', async () => { throw new TypeError('secret') })
app.get('/provider', async () => {
  throw fromResponse('openai', { status: 400, body: { error: { message: 'Too many tokens.', type: 'invalid_request_error' } } })
})
app.get('/object', (_request, reply) => { reply.code(409).send({ message: 'Twice.' }) })
app.get('/text', (_request, reply) => { reply.code(403).send('Not yours.') })
app.get('/stream', (_request, reply) => { reply.code(502).send(Readable.from(['Do', 'wn.'])) })
app.get('/web-stream', (_request, reply) => { reply.code(502).send(new Blob(['Down.']).stream()) })
app.get('/response', async () => new Response('Gone.', { status: 410 }))
app.get('/long', async () => { throw new NotFoundError('n'.repeat(2000)) })
app.get('/hook', { onSend: async () => { throw new Error('secret') } }, async () => 'fine')
app.get('/header', (_request, reply) => { reply.header('x-bad', 'a\nb').send('fine') })
app.get('/broken-stream', (_request, reply) => { reply.send(new Readable({ read () { this.destroy(new Error('secret')) } })) })
app.get('/raw', (_request, reply) => { reply.hijack().raw.writeHead(500).end('mine') })
app.post('/body', { schema: { body: { type: 'object', required: ['name'] } } }, async () => 'fine')
app.get('/fine', async () => ({ fine: true }))

await app.listen({ host: '127.0.0.1', port: 0 })
process.on('disconnect', () => process.exit())
process.on('message', () => { void tellState() })

async function tellState (): Promise<void> {
  for (let collections = 0; collections < 3; collections++) {
    await new Promise(resolve => { setImmediate(resolve) })
    globalThis.gc!()
  }
  const state: State = { heap: process.memoryUsage().heapUsed, complaints, resources: process.getActiveResourcesInfo() }
  process.send!(state)
}
process.send!({ port: (app.server.address() as AddressInfo).port })
