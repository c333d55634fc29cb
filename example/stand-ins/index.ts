/** Stand-ins for the providers, on loopback: their wire formats, their failures for their real reasons, and on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { ProviderName } from '../providers/index.js'
import { anthropic } from './anthropic.js'
import { cohere } from './cohere.js'
import { breakOf, sendCompletion } from './completion.js'
import { openai } from './openai.js'
import { tokensOf, tokensOfMessages } from './tokens.js'
import type { Wire, WireAnswer, WireRequest } from './wire.js'

/** The path under which an SDK expects its provider's API. */
const wires: Record<ProviderName, { wire: Wire, base: string }> = {
  openai: { wire: openai, base: '/v1' },
  anthropic: { wire: anthropic, base: '' },
  cohere: { wire: cohere, base: '' }
}

export interface StandIn {
  /** Where the SDK finds the provider for a request of this model. */
  addressFor: (model: string) => string
  close: () => Promise<void>
}

export async function startStandIn (provider: ProviderName): Promise<StandIn> {
  const { wire, base } = wires[provider]
  const server = createServer((request, response) => {
    serve(wire, base, request, response).catch(() => response.destroy())
  })
  const address = `http://127.0.0.1:${await listening(server)}${base}`
  const nobody = `http://127.0.0.1:${await freePort()}${base}`
  return {
    addressFor: model => model === 'error-refused' ? nobody : address,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}

async function listening (server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A port on which nobody listens. */
async function freePort (): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return port
}

async function serve (wire: Wire, base: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || request.url?.split('?', 1)[0] !== base + wire.path) return send(response, wire.failure(404))
  const call = wire.request(await json(request))
  if (call.model === 'error-timeout') return // no answer: the SDK gives up first
  if (call.model === 'error-reset') {
    request.socket.destroy()
    return
  }
  const input = await tokensOfMessages(call.messages)
  const refusal = refusalOf(wire, call, wire.key(request.headers) ?? '', input)
  if (refusal !== undefined) return send(response, refusal)
  await sendCompletion(response, wire, call, outputOf(call), { input, output: await tokensOf(outputOf(call)) })
}

/** Its answer is an echo. */
function outputOf ({ messages }: WireRequest): string {
  return messages.at(-1)?.content ?? ''
}

/** Why a request gets no completion. */
function refusalOf (wire: Wire, call: WireRequest, key: string, input: number): WireAnswer | undefined {
  if (key === '') return wire.failure(401)
  if (key.startsWith('invalid')) return wire.invalidKey(key)
  const status = /^error-([45]\d\d)$/.exec(call.model)?.[1]
  if (status !== undefined) return wire.failure(Number(status))
  if (breakOf(call.model) !== undefined) return undefined
  const limits = wire.models[call.model]
  return limits === undefined ? wire.unknownModel(call.model) : wire.tooManyTokens(call, limits, input)
}

function send (response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
