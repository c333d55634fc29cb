/** Clients generated from the gateway's document: they compile, know each answer by its status, and get it over the wire. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import openapiTypescript, { astToString } from 'openapi-typescript'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { environment } from '../../../example/environment.js'
import { buildGateway } from '../../../example/gateway.js'
import { errorCodes, errorStatuses, type ErrorEnvelope } from '../../../schemas/index.js'
import { versions } from '../../support/documents.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

interface Answer { status: number, output?: string, error?: ErrorEnvelope, narrowed?: string }
interface Client { ask: (baseUrl: string, model: string) => Promise<Answer> }

/** That two types are the same, neither of them wider. */
const same = 'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false'

const literals = (bodyOf: (code: number) => string): string => errorCodes.map(code =>
  `export const type${code}: Same<${bodyOf(code)}['detail']['type'], '${errorStatuses[code].type}'> = true`).join('\n')

const body = "{ messages: [{ role: 'user', content: 'Hello' }], model_config: { model, provider: 'anthropic' } }"

const answered = `
  const { status } = response!
  // a completion, or an element of a stream of them
  if (error === undefined) return { status, output: data !== undefined && 'data' in data ? data.data[0]!.output : undefined }
  if (error.detail.code === 429) {
    const narrowed: 'rate_limit_error' = error.detail.type
    return { status, error, narrowed }
  }
  return { status, error }
}`

const programs = {
  'openapi-fetch': `
import createClient from 'openapi-fetch'
import type { components, operations, paths } from './schema.js'
${same}
${literals(code => `operations['chat']['responses'][${code}]['content']['application/json']`)}
export const byName: Same<components['schemas']['HumanloopNotFoundError']['detail']['type'], 'not_found_error'> = true
export async function ask (baseUrl: string, model: string) {
  const client = createClient<paths>({ baseUrl, headers: { 'x-api-key': 'any' } })
  const { data, error, response } = await client.POST('/v4/chat', { body: ${body} })
  ${answered}`,
  'hey-api': `
import { chat, type ChatErrors, type HumanloopNotFoundError } from './sdk/index.js'
import { createClient } from './sdk/client/index.js'
${same}
${literals(code => `ChatErrors[${code}]`)}
export const byName: Same<HumanloopNotFoundError['detail']['type'], 'not_found_error'> = true
export async function ask (baseUrl: string, model: string) {
  const { data, error, response } = await chat({ client: createClient({ baseUrl }), auth: 'any', body: ${body} })
  ${answered}`
}

for (const version of versions) {
  t.test(`OpenAPI ${version}`, async t => {
    const gateway = async (): Promise<FastifyInstance> => {
      const app = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0', LOG_LEVEL: 'silent' }), {}, version)
      t.teardown(async () => app.close())
      return app
    }
    const documented = await gateway()
    await documented.ready()
    const document = JSON.stringify(documented.swagger())

    const folder = t.testdir({
      'package.json': '{ "type": "module" }',
      'openapi-fetch.ts': programs['openapi-fetch'],
      'hey-api.ts': programs['hey-api'],
      'tsconfig.json': JSON.stringify({
        include: ['*.ts'],
        compilerOptions: {
          strict: true,
          module: 'NodeNext',
          target: 'ES2023',
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          types: [],
          skipLibCheck: true,
          outDir: 'built',
          rootDir: '.'
        }
      })
    })
    writeFileSync(join(folder, 'schema.ts'), astToString(await openapiTypescript(document)))
    await createClient({ input: JSON.parse(document), output: join(folder, 'sdk'), logs: { level: 'silent' } })
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' })

    const baseUrl = await (await gateway()).listen() // another one: what compiling holds up, sheds its load
    for (const name of Object.keys(programs)) {
      const { ask } = await import(pathToFileURL(join(folder, 'built', `${name}.js`)).href) as Client
      t.match(await ask(baseUrl, 'claude-3-5-haiku-20241022'), { status: 200, output: /./ }, name)
      for (const [model, code] of [['error-404', 404], ['error-429', 429], ['error-503', 503], ['error-529', 529]] as const) {
        const { status, error, narrowed } = await ask(baseUrl, model)
        t.equal(status, code, `${name}: ${model}`)
        t.match(error, { detail: { type: errorStatuses[code].type, message: /./, code, origin: 'Anthropic' } })
        t.equal(narrowed, code === 429 ? 'rate_limit_error' : undefined)
      }
    }
  })
}
