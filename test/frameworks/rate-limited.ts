/** What OpenAI's SDK throws for a 429, as docs/frameworks.md makes it. */
import OpenAI from 'openai'

export const rateLimited = (): Error => OpenAI.APIError.generate(
  429, { error: { message: 'Rate limit reached for gpt-4o.' } }, undefined, new Headers({ 'retry-after': '7' }))
