/** A completion as Humanloop's v4 API gives it: whole, or as the events of a stream. */
import { createHash, randomUUID } from 'node:crypto'
import type { Completion, Piece } from './providers/chat.js'
import type { GatewayEvent, GatewayResponse, ModelConfig } from './schemas.js'

/** What an answer repeats of its request. */
export interface Asked {
  project: string
  config: ModelConfig
  inputs: Record<string, string>
}

export function whole ({ output, finishReason, usage, raw }: Completion, { project, config, inputs }: Asked): GatewayResponse {
  return {
    project_id: `pr_${digest(project)}`,
    data: [{
      id: newId(),
      index: 0,
      output: output.trim(),
      raw_output: output,
      output_message: { role: 'assistant', content: output },
      inputs,
      finish_reason: finishReason,
      model_config_id: idOf(config)
    }],
    usage: { prompt_tokens: usage.input, generation_tokens: usage.output, total_tokens: usage.input + usage.output },
    provider_responses: [raw]
  }
}

export async function * events (pieces: AsyncIterable<Piece>, { config }: Asked): AsyncGenerator<GatewayEvent> {
  const id = newId()
  const modelConfigId = idOf(config)
  for await (const { output, finishReason } of pieces) {
    yield { id, index: 0, output, finish_reason: finishReason, model_config_id: modelConfigId }
  }
}

function newId (): string {
  return `data_${randomUUID()}`
}

function idOf (config: ModelConfig): string {
  return `config_${digest(JSON.stringify(config))}`
}

function digest (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
