/** Request and response of the two endpoints, as Humanloop's v4 API has them. */
import { Type, type Static } from '@sinclair/typebox'
import { providerNames } from './providers/index.js'

const oneOf = <const T extends string>(...values: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...values] }))

export const ChatMessage = Type.Object({
  role: oneOf('system', 'user', 'assistant'),
  content: Type.String()
}, { additionalProperties: false })
export type ChatMessage = Static<typeof ChatMessage>

const ModelConfig = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 256, description: 'The model, by its provider’s name.' }),
  provider: Type.Optional(oneOf(...providerNames)),
  max_tokens: Type.Optional(Type.Integer({ minimum: -1, description: 'The longest answer, in tokens; -1: as long as the model allows.' })),
  temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 }))
}, { additionalProperties: false, description: 'The provider follows from `provider`, else from the model’s name.' })
export type ModelConfig = Static<typeof ModelConfig>

const Inputs = Type.Record(Type.String(), Type.String(), { description: 'What the template’s {{names}} stand for.' })

const common = {
  project: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  provider_api_keys: Type.Optional(Type.Object(
    Object.fromEntries(providerNames.map(name => [name, Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]+$', maxLength: 1024 }))])),
    { additionalProperties: false, description: 'Keys to send to the providers in place of the server’s.' }
  )),
  stream: Type.Optional(Type.Boolean({ default: false, description: 'Whether the completion is sent as it comes, as server-sent events.' }))
}

export const ChatRequest = Type.Object({
  ...common,
  messages: Type.Array(ChatMessage, { minItems: 1, maxItems: 10_000 }),
  model_config: ModelConfig
}, {
  additionalProperties: false,
  examples: [{ messages: [{ role: 'user', content: 'Tell me a joke.' }], model_config: { model: 'gpt-3.5-turbo' } }]
})
export type ChatRequest = Static<typeof ChatRequest>

export const CompletionRequest = Type.Object({
  ...common,
  inputs: Type.Optional(Inputs),
  model_config: Type.Object({
    ...ModelConfig.properties,
    prompt_template: Type.String({ minLength: 1, description: 'The prompt, with {{names}} of inputs.' })
  }, { additionalProperties: false })
}, {
  additionalProperties: false,
  examples: [{ inputs: { animal: 'cat' }, model_config: { model: 'gpt-3.5-turbo', prompt_template: 'Tell me a joke about a {{animal}}.' } }]
})
export type CompletionRequest = Static<typeof CompletionRequest>

export const GatewayResponse = Type.Object({
  project_id: Type.String(),
  data: Type.Array(Type.Object({
    id: Type.String(),
    index: Type.Integer(),
    output: Type.String(),
    raw_output: Type.String(),
    output_message: ChatMessage,
    inputs: Inputs,
    finish_reason: Type.String(),
    model_config_id: Type.String()
  })),
  usage: Type.Object({
    prompt_tokens: Type.Integer(),
    generation_tokens: Type.Integer(),
    total_tokens: Type.Integer()
  }),
  provider_responses: Type.Array(Type.Unknown())
}, { description: 'A completion, and what the provider answered.' })
export type GatewayResponse = Static<typeof GatewayResponse>

export const GatewayEvent = Type.Object({
  id: Type.String({ description: 'The same in all events of a completion.' }),
  index: Type.Integer(),
  output: Type.String({ description: 'The next part of the completion.' }),
  finish_reason: Type.Union([Type.String(), Type.Null()], { description: 'Null until the last event.' }),
  model_config_id: Type.String()
}, { description: 'The data of one event. After a failure the last one is `event: error`, with the body of an error answer as its data.' })
export type GatewayEvent = Static<typeof GatewayEvent>

/** Either, as the request asks for it. */
export const GatewayAnswer = {
  description: 'A completion, whole or, with `stream`, as it comes.',
  content: {
    'application/json': { schema: GatewayResponse },
    'text/event-stream': { schema: GatewayEvent }
  }
}
