/** What the clients of tRPC and MCP see of errors, as docs/frameworks.md has their servers. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { appWith } from '../support/app.js'
import { examplesOf, moduleOf } from '../support/examples.js'
import { listening } from '../support/transports.js'
import { rateLimited } from './rate-limited.js'

const detail = { type: 'rate_limit_error', message: 'Rate limit reached for gpt-4o.', code: 429, origin: 'OpenAI' }

/** The address of the guide's example that contains a text. */
async function addressOf (t: Test, text: string): Promise<string> {
  const folder = t.testdir()
  const file = join(folder, 'example.ts')
  writeFileSync(file, moduleOf(examplesOf('docs/frameworks.md').find(({ code }) => code.includes(text))!, folder))
  const { app } = await import(pathToFileURL(file).href) as { app: FastifyInstance }
  t.teardown(async () => app.close())
  return `http://127.0.0.1:${await listening(app)}`
}

/** What tRPC's client throws. */
async function failureAt (address: string): Promise<TRPCClientError<never>> {
  const client = createTRPCUntypedClient({ links: [httpLink({ url: `${address}/trpc` })] })
  return client.query('limited').then(() => { throw new Error('it did not fail') }, (error: TRPCClientError<never>) => error)
}

t.test("tRPC's client has the four fields", async t => {
  const error = await failureAt(await addressOf(t, 'fastifyTRPCPlugin'))
  t.equal(error.message, detail.message)
  t.match(error.data, { httpStatus: 429, detail })
})

t.test("tRPC's client cannot read the contract, for which the guide leaves its routes alone", async t => {
  const { router, procedure } = initTRPC.create()
  const { app } = await appWith(t, async app => {
    await app.register(fastifyTRPCPlugin, {
      prefix: '/trpc', trpcOptions: { router: router({ limited: procedure.query(() => { throw rateLimited() }) }) }
    })
  })
  t.equal((await failureAt(`http://127.0.0.1:${await listening(app)}`)).message, 'Unable to transform response from server')
})

t.test("an MCP client has the tool's error, and the four fields in its _meta", async t => {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(`${await addressOf(t, 'McpServer')}/mcp`))
  await client.connect(transport as Transport)
  t.match(await client.callTool({ name: 'ask' }), { isError: true, content: [{ type: 'text', text: detail.message }], _meta: { detail } })
  await client.close()
})
