/** Requests to an app over sockets, each on a connection of its own. */
import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { listening } from '../support/transports.js'
import { request as requestText, Wire, type Answer } from '../support/wire.js'

export type Ask = (url: string, method?: string, headers?: Readonly<Record<string, string>>, body?: string) => Promise<Answer>

/** @param port where somebody listens */
export function askingAt (port: number): Ask {
  return async (url, method = 'GET', headers = {}, body = '') => {
    const wire = await Wire.to(port)
    const answer = await wire.write(requestText(method, url, headers, body)).answer(method)
    wire.close()
    return answer!
  }
}

/** The same for an app that listens until the test ends. */
export async function asking (t: Test, app: FastifyInstance): Promise<Ask> {
  t.teardown(async () => app.close())
  return askingAt(await listening(app))
}

export const json = { 'content-type': 'application/json' } as const
