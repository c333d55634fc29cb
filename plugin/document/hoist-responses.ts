/** The error responses of all operations of an OpenAPI document, moved to where each stands once: `components.responses`. */
import { describeResponse } from '../../schemas/responses.js'
import { errorCodes, errorStatuses, type ErrorCode } from '../../schemas/statuses.js'
import { isObject, read, readText } from '../classify/read.js'
import { defaultOrigin } from '../errors.js'
import { responseObjectOf, type ResponseObject, type ShownSettings } from './responses.js'
import { componentsOf, entriesOf, exampleIn, namesOfOurs, schemasPath, withComponents, type Entries } from './components.js'

const responsesPath = '#/components/responses/'

/**
 * Makes the document with references where operations list responses of ours; what users wrote themselves stays where it is.
 *
 * @param settings of the app; without them, they are read where the schemas and the operations have brought them
 */
export function withResponsesHoisted (document: Entries, settings: ShownSettings | undefined): Entries {
  const own = ownSchemas(document)
  const hoisted: Record<string, ResponseObject> = {}

  const hoist = (response: unknown, status: string): unknown => {
    const schema = own.get(status)
    if (schema === undefined || !isOurs(response, schema)) return response
    const { code, $ref } = schema
    const { schemaId } = errorStatuses[code]
    hoisted[schemaId] ??= responseObjectOf(code, $ref, settings ?? { origin: originIn(schema), authenticate: challengeIn(response) })
    return { $ref: responsesPath + schemaId }
  }
  const inOperation = (operation: unknown): unknown => {
    const responses = read(operation, 'responses')
    return isObject(responses) ? { ...entriesOf(operation), responses: mapEntries(responses, hoist) } : operation
  }
  const inPathItem = (item: unknown): unknown => withHeadLikeGet(mapEntries(item, (operation, method) =>
    method === 'additionalOperations' ? mapEntries(operation, inOperation) : inOperation(operation)))

  const paths = mapEntries(document.paths, inPathItem)
  if (Object.keys(hoisted).length === 0) return document
  return withComponents({ ...document, paths }, 'responses', { ...hoisted, ...componentsOf(document, 'responses') })
}

/** The schema of one of the nine responses, as a document has it. */
interface OwnSchema { readonly code: ErrorCode, readonly $ref: string, readonly schema: unknown }

/** Finds the schemas of the nine responses, by status. */
function ownSchemas (document: Entries): Map<string, OwnSchema> {
  const names = namesOfOurs(document)
  return new Map(errorCodes.flatMap(code => {
    const name = names.get(errorStatuses[code].schemaId)
    if (name === undefined) return []
    return [[String(code), { code, $ref: schemasPath + name, schema: componentsOf(document, 'schemas')[name] }]]
  }))
}

/** True if a response is what became of a reference of ours, and nothing of the user's is in it. */
function isOurs (response: unknown, { code, $ref }: OwnSchema): boolean {
  const { description, content, headers, ...more } = entriesOf(response)
  return description === describeResponse(code) &&
    Object.values(entriesOf(content)).every(media => read(read(media, 'schema'), '$ref') === $ref) &&
    Object.keys(entriesOf(headers)).every(name => name === 'www-authenticate') &&
    Object.keys(more).length === 0
}

/** Reads the name of this service in the example that a shared schema has. */
function originIn ({ schema }: OwnSchema): string {
  return readText(read(exampleIn(schema), 'detail'), 'origin') ?? defaultOrigin
}

/** Reads the value of `www-authenticate` in a response that a reference of ours has become. */
function challengeIn (response: unknown): string | undefined {
  return readText(read(read(read(response, 'headers'), 'www-authenticate'), 'schema'), 'default')
}

/**
 * @fastify/swagger copies a HEAD route that has an `operationId` before it has its answers. It has the schema of its GET
 * route; cloned, for in YAML an object that stands twice becomes an anchor.
 */
function withHeadLikeGet (item: Entries): Entries {
  const { get, head } = item
  if (readText(head, 'operationId') !== `${readText(get, 'operationId')}-head`) return item
  const responses = { ...structuredClone(entriesOf(read(get, 'responses'))), ...entriesOf(read(head, 'responses')) }
  return { ...item, head: { ...entriesOf(head), responses } }
}

function mapEntries (entries: unknown, map: (value: unknown, key: string) => unknown): Entries {
  return Object.fromEntries(Object.entries(entriesOf(entries)).map(([key, value]) => [key, map(value, key)]))
}
