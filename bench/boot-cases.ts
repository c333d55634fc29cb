/** The servers whose boot is measured: a thousand routes, bare and with the plugin. */
import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import humanloopErrors, { openapi } from '../plugin/index.js'
import { errorResponses } from '../schemas/index.js'

export const routes = 1000

export interface BootCase {
  readonly name: string
  /** The options of the plugin; undefined where it is not registered. */
  readonly plugin?: { readonly document: boolean }
  /** What a route declares beside its 200. */
  readonly responses: () => object
  /** Responses that each route has in the document. */
  readonly documented: number
}

export const bootCases: readonly BootCase[] = [
  { name: 'bare', responses: () => ({}), documented: 1 },
  { name: 'plugin, `document: false`', plugin: { document: false }, responses: () => ({}), documented: 1 },
  { name: 'plugin, `document: true`', plugin: { document: true }, responses: () => ({}), documented: 10 },
  {
    name: 'plugin, `document: false`, `...errorResponses()` in each route',
    plugin: { document: false },
    responses: () => errorResponses(),
    documented: 10
  }
]

/** The two cases that tell what documentation costs. */
export const documentation = { off: 'plugin, `document: false`', on: 'plugin, `document: true`' } as const

/** Registers everything, up to what `ready` does. */
export async function buildCase (app: FastifyInstance, { plugin, responses }: BootCase, withSwagger: boolean): Promise<void> {
  if (plugin !== undefined) await app.register(humanloopErrors, plugin)
  if (withSwagger) {
    await app.register(swagger, {
      openapi: { openapi: '3.1.0', info: { title: 'Boot', version: '1' } },
      ...(plugin !== undefined && { transformObject: openapi() })
    })
  }
  for (let index = 0; index < routes; index++) addRoute(app, index, responses)
}

function addRoute (app: FastifyInstance, index: number, responses: () => object): void {
  const success = Type.Object({
    id: Type.String(),
    name: Type.String(),
    version: Type.Integer(),
    tags: Type.Array(Type.String()),
    updatedAt: Type.Optional(Type.String())
  })
  app.get(`/resources-${index}/:id`, { schema: { response: { 200: success, ...responses() } } }, async () => {
    return { id: '1', name: 'One', version: 1, tags: [] }
  })
}
