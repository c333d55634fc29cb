/** OpenAPI documents of apps with the plugin, made as users make them, and judged by parsers and linters of others. */
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { validate } from '@readme/openapi-parser'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core'
import parsers from '@stoplight/spectral-parsers'
import rulesets from '@stoplight/spectral-rulesets'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { openapi, type HumanloopErrorsOptions } from '../../plugin/index.js'

export const versions = ['3.0.3', '3.1.0'] as const

export interface DocumentOptions {
  readonly options?: HumanloopErrorsOptions
  readonly server?: FastifyServerOptions
  readonly swagger?: FastifyDynamicSwaggerOptions
  /** Whether swagger is registered before the plugin. */
  readonly swaggerFirst?: boolean
}

/** The document of an app with `transformObject: openapi()`. */
export async function documentOf (
  t: { teardown: (close: () => Promise<void>) => void },
  routes: (app: FastifyInstance) => unknown,
  { options = {}, server = {}, swagger: given = {}, swaggerFirst = false }: DocumentOptions = {}
): Promise<any> {
  const app: FastifyInstance = Fastify(server)
  t.teardown(async () => app.close())
  const withSwagger = { openapi: {}, transformObject: openapi(), ...given }
  if (swaggerFirst) await app.register(swagger, withSwagger)
  await app.register(humanloopErrors, options)
  if (!swaggerFirst) await app.register(swagger, withSwagger)
  await routes(app)
  await app.ready()
  return app.swagger()
}

/** What three tools find wrong with a document, each as `tool rule place`. */
export async function problemsOf (document: object): Promise<string[]> {
  const source = JSON.stringify(document)
  const [parsed, redocly, stoplight] = await Promise.all([validate(JSON.parse(source)), byRedocly(source), bySpectral(source)])
  const invalid = parsed.valid ? [] : parsed.errors.map(({ message }) => `parser ${message}`)
  return [...invalid, ...parsed.warnings.map(({ message }) => `parser ${message}`), ...redocly, ...stoplight]
}

async function byRedocly (source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({ source, absoluteRef: 'document.json', config })
  return problems.map(({ ruleId, location }) => `redocly ${ruleId} ${location[0]?.pointer}`)
}

async function bySpectral (source: string): Promise<string[]> {
  const linter = new spectral.Spectral()
  linter.setRuleset({ extends: [[rulesets.oas as RulesetDefinition, 'recommended']] })
  const problems = await linter.run(new spectral.Document(source, parsers.Json, 'document.json'))
  return problems.map(({ code, path }) => `spectral ${code} #/${path.join('/')}`)
}
