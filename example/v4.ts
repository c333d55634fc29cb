/** The two endpoints. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { UnprocessableEntityError } from '../plugin/index.js'
import { events, whole } from './completion.js'
import { checkMessages, filled } from './prompt.js'
import { chatWith, providerNames, providerOf, streamFrom, type ProviderName } from './providers/index.js'
import type { Target } from './providers/chat.js'
import { ChatRequest, CompletionRequest, GatewayAnswer, type ChatMessage, type GatewayResponse, type ModelConfig } from './schemas.js'

/** For each provider: where a model of it is called, and with which key. */
export type Targets = Record<ProviderName, (model: string) => Target>

export async function v4Routes (app: FastifyInstance, { targets }: { targets: Targets }): Promise<void> {
  app.post<{ Body: ChatRequest }>('/chat', {
    schema: {
      operationId: 'chat',
      summary: 'Chat with a model',
      description: 'Sends the messages to the model, and returns what it says.',
      tags: ['v4'],
      body: ChatRequest,
      response: { 200: GatewayAnswer }
    }
  }, async (request, reply) => {
    const { messages, model_config: config } = request.body
    checkMessages(messages)
    return complete(targets, request, reply, messages, config, {})
  })

  app.post<{ Body: CompletionRequest }>('/completion', {
    schema: {
      operationId: 'complete',
      summary: 'Complete a prompt template',
      description: 'Fills the template with the inputs, sends it to the model, and returns what it says.',
      tags: ['v4'],
      body: CompletionRequest,
      response: { 200: GatewayAnswer }
    }
  }, async (request, reply) => {
    const { inputs = {}, model_config: { prompt_template: template, ...config } } = request.body
    return complete(targets, request, reply, [{ role: 'user', content: filled(template, inputs) }], config, inputs)
  })
}

type Body = Pick<ChatRequest, 'project' | 'provider_api_keys' | 'stream'>

async function complete (
  targets: Targets,
  request: FastifyRequest<{ Body: Body }>,
  reply: FastifyReply,
  messages: ChatMessage[],
  config: ModelConfig,
  inputs: Record<string, string>
): Promise<GatewayResponse | FastifyReply> {
  const { project = 'default', provider_api_keys: keys = {}, stream } = request.body
  const asked = { project, config, inputs }
  const provider = config.provider ?? providerOf(config.model)
  if (provider === undefined) {
    throw new UnprocessableEntityError(
      `body/model_config/provider must be one of ${providerNames.join(', ')}: it does not follow from the name of the model`)
  }
  const { apiKey, ...place } = targets[provider](config.model)
  const target = { ...place, apiKey: keys[provider] ?? apiKey }
  const call = {
    model: config.model,
    messages,
    maxTokens: config.max_tokens === -1 ? undefined : config.max_tokens,
    temperature: config.temperature
  }
  if (stream !== true) return whole(await chatWith(provider)(target, call, untilTheClientLeaves(reply)), asked)
  return reply.sendEvents(signal => events(streamFrom(provider)(target, call, signal), asked),
    { dialect: 'humanloop', idleTimeout: target.timeout, origin: provider })
}

/** Aborted when the client leaves before it has its answer: nobody waits for the provider any more. */
function untilTheClientLeaves (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}
