/** How `openapi()` fits into the options of @fastify/swagger. Compiled, never run; see types.test.ts. */
import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { openapi } from '../../plugin/index.js'

export const users: SwaggerTransformObject = document => 'openapiObject' in document ? document.openapiObject : document.swaggerObject

export const result: SwaggerTransformObject = openapi({ transformObject: users })

export const transform: SwaggerTransform = openapi.transform(({ schema, url }: Parameters<SwaggerTransform>[0]) => ({ schema, url }))

export async function documented (app: FastifyInstance): Promise<void> {
  await app.register(swagger, { openapi: {}, transformObject: openapi() })
  await app.register(swagger, {
    openapi: {}, transform: openapi.transform(jsonSchemaTransform), transformObject: openapi({ transformObject: jsonSchemaTransformObject })
  })
  // @ts-expect-error an option that does not exist
  openapi({ transform: jsonSchemaTransform })
  // @ts-expect-error statuses of the contract only
  app.get('/', { config: { errors: [418] } }, async () => 'x')
}
