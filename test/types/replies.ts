/** What `reply.code(…).send(…)` takes on routes with `errorResponses`. Compiled, never run; see types.test.ts. */
import { Type } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { TypeBoxTypeProvider } from 'type-provider-typebox-5'
import { NotFoundError } from '../../plugin/index.js'
import { errorResponses, type ErrorEnvelope } from '../../schemas/index.js'

type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

const notFound = { detail: { type: 'not_found_error', message: 'There is none.', code: 404, origin: 'Acme' } } as const
const invalid = { detail: { type: 'unprocessable_entity_error', message: 'Not so.', code: 422, origin: 'Acme' } } as const

export function routes (app: App): void {
  const project = Type.Object({ id: Type.String() })
  app.get('/', { schema: { params: project, response: { 200: project, ...errorResponses(404, 422) } } }, async (request, reply) => {
    const id: string = request.params.id
    reply.code(200).send({ id })
    reply.code(404).send(notFound)
    reply.code(404).send(new NotFoundError().toJSON())
    reply.code(422).send(invalid)
    // @ts-expect-error the envelope of another status
    reply.code(404).send(invalid)
    // @ts-expect-error no envelope
    reply.code(404).send({ message: 'There is none.' })
    // @ts-expect-error the four fields without the envelope
    reply.code(404).send(notFound.detail)
    // @ts-expect-error a wrong literal
    reply.code(404).send({ detail: { ...notFound.detail, type: 'not_found' } })
    // @ts-expect-error a field is missing
    reply.code(404).send({ detail: { type: 'not_found_error', message: 'There is none.', code: 404 } })
    // @ts-expect-error nor a string
    reply.code(404).send('There is none.')
    // @ts-expect-error what 200 declares stays
    reply.code(200).send({ id: 1 })
    // @ts-expect-error what 200 declares stays
    reply.code(200).send(notFound)
    // @ts-expect-error a status that is not declared
    reply.code(429)
    return { id }
  })

  app.get('/all', { schema: { response: { 200: project, ...errorResponses() } } }, async (_request, reply) => {
    const anyOfThem: ErrorEnvelope<529> = { detail: { type: 'overloaded_error', message: 'Later.', code: 529, origin: 'Anthropic' } }
    reply.code(529).send(anyOfThem)
    // @ts-expect-error the envelope of another status
    reply.code(529).send(notFound)
    return { id: '1' }
  })

  app.get('/without', { schema: { response: { 200: project } } }, async (_request, reply) => {
    reply.code(200).send({ id: '1' })
    // @ts-expect-error what 200 declares stays
    reply.code(200).send({ id: 1 })
    return { id: '1' }
  })

  app.get('/bare', { config: { errors: [404, 422] } }, async (_request, reply) => reply.code(404).send({ anything: true }))
}
