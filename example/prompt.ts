/** The prompt of a request, no longer than any model reads: of what is longer, a server makes work for nobody. */
import { UnprocessableEntityError } from '../plugin/index.js'
import type { ChatMessage } from './schemas.js'

/** In characters. The models behind the gateway read 256,000 tokens at most: about a million of them. */
export const longestPrompt = 2_000_000

/** @throws UnprocessableEntityError where the contents are longer in all than a prompt may be */
export function checkMessages (messages: readonly ChatMessage[]): void {
  const length = messages.reduce((sum, { content }) => sum + content.length, 0)
  if (length > longestPrompt) {
    throw new UnprocessableEntityError(`body/messages must not hold more than ${longestPrompt} characters; they hold ${length}`)
  }
}

/**
 * The template with its `{{names}}` replaced by the inputs.
 *
 * @throws UnprocessableEntityError where an input is missing, or the prompt becomes too long: before it is put together, as a
 *   short template that names a long input many times makes a prompt of any length
 */
export function filled (template: string, inputs: Readonly<Record<string, string>>): string {
  let length = template.length
  const count = (more: number): void => {
    length += more
    if (length > longestPrompt) {
      throw new UnprocessableEntityError(
        `body/model_config/prompt_template must not make a prompt of more than ${longestPrompt} characters, with its inputs filled in`)
    }
  }
  count(0)
  return template.replaceAll(/\{\{\s{0,8}(\w{1,64})\s{0,8}\}\}/g, (place: string, name: string) => {
    if (!Object.hasOwn(inputs, name)) {
      throw new UnprocessableEntityError(`body/inputs must have property '${name}': the prompt template names it`)
    }
    const input = inputs[name]!
    count(input.length - place.length)
    return input
  })
}
