/** Who may call the gateway: header X-API-KEY. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { AuthenticationError } from '../plugin/index.js'

/** Whether a key is accepted; takes as long for a wrong key as for the right one. */
export function accepts (apiKey: string | undefined, given: string): boolean {
  if (apiKey === undefined) return given !== ''
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(apiKey), digest(given))
}

export function keyOf (request: FastifyRequest): string {
  return request.headers['x-api-key']?.toString().trim() ?? ''
}

/**
 * A hook that lets in only who has a key.
 *
 * @param apiKey the only one accepted; any where undefined
 */
export function authenticate (apiKey: string | undefined): (request: FastifyRequest) => Promise<void> {
  return async request => {
    const key = keyOf(request)
    if (key === '') throw new AuthenticationError('The header X-API-KEY is missing.')
    if (!accepts(apiKey, key)) throw new AuthenticationError('The API key in X-API-KEY is not known.')
  }
}
