/** Three apps whose documents are judged: the gateway's own, a small one, and one of 200 routes of all kinds. */
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { errorResponses, type ErrorCode } from '../../../schemas/index.js'

/** What linters want to be said of every API. */
export const about = {
  info: {
    title: 'Projects',
    version: '1',
    description: 'Projects of a team.',
    contact: { name: 'Team', url: 'https://example.com' },
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' }
  },
  servers: [{ url: 'https://api.test' }],
  tags: [{ name: 'projects', description: 'Projects.' }],
  components: { securitySchemes: { key: { type: 'apiKey', name: 'x-key', in: 'header' } } },
  security: [{ key: [] }]
} as const

const Project = Type.Object({ id: Type.String(), name: Type.String() }, { description: 'A project.' })

const described = (operationId: string): FastifySchema => ({
  operationId, summary: `Does ${operationId}`, description: `It does ${operationId}.`, tags: ['projects']
})

export function smallApp (app: FastifyInstance): void {
  app.get(
    '/projects', { schema: { ...described('list'), response: { 200: Type.Array(Project, { description: 'All.' }) } } }, async () => []
  )
  app.post('/projects', { schema: { ...described('create'), body: Project }, config: { errors: [401, 422, 429] } }, async () => 'x')
  app.get('/health', { schema: described('health'), config: { errors: [404] } }, async () => 'x')
}

export interface Kind { readonly schema?: FastifySchema, readonly config?: { readonly errors: false | ErrorCode[] } }

const Mine = Type.Object({ mine: Type.String() }, { description: 'Mine.' })
const success = { 200: Project }

/** What routes declare, in turn. */
const kinds: readonly Kind[] = [
  { schema: { response: success } },
  {},
  { schema: { response: { ...success, ...errorResponses(404, 422) } } },
  { schema: { response: { ...success, '4xx': Mine } } },
  { schema: { response: { ...success, '5XX': Mine, 404: Mine } } },
  { schema: { response: { ...success, default: Mine } } },
  { schema: { response: { ...success, '4xx': { $ref: 'HumanloopError#' } } } },
  {
    schema: {
      response: {
        200: { description: 'By content.', content: { 'application/json': { schema: Project }, 'text/csv': { schema: Type.String() } } }
      }
    }
  },
  {
    schema: {
      response: {
        ...success,
        404: { description: 'Ours, in words of theirs.', content: { 'application/json': { schema: { $ref: 'HumanloopNotFoundError#' } } } }
      }
    }
  },
  { schema: { response: { 200: { $ref: 'SharedProject#' }, 409: { $ref: 'SharedFailure#' } } } },
  { schema: { hide: true, response: { 200: { $ref: 'SharedProject#' } } } },
  { schema: { produces: ['text/csv'], response: { 200: Type.String({ description: 'Lines.' }) } } },
  { config: { errors: [404] } },
  { config: { errors: false } }
]

export function kindOf (index: number): Kind {
  return kinds[index % kinds.length]!
}

/** 200 routes: 67 scopes, each with a GET route, its HEAD route, and, but for the last, a DELETE route. */
export function largeApp (app: FastifyInstance): void {
  app.addSchema({ $id: 'SharedProject', ...Project })
  app.addSchema({
    $id: 'SharedFailure',
    type: 'object',
    description: 'A failure.',
    properties: { of: { $ref: 'SharedProject#' }, because: { $ref: 'HumanloopErrorDetail#' } }
  })
  for (let index = 0; index < 67; index++) {
    const { schema, config = {} } = kindOf(index)
    const scoped = async (scope: FastifyInstance): Promise<void> => {
      scope.get(
        '/',
        { schema: { ...described(`get-${index}`), ...schema }, config, prefixTrailingSlash: index % 3 === 0 ? 'no-slash' : 'slash' },
        async () => ({ id: '1', name: 'One' })
      )
      if (index < 66) {
        scope.delete(
          '/:id',
          { schema: { ...described(`delete-${index}`), ...schema, params: Type.Object({ id: Type.String() }) }, config },
          async () => ({ id: '1', name: 'One' })
        )
      }
    }
    app.register(scoped, { prefix: `/projects-${index}` })
  }
}
