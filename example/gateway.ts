/** The gateway: Humanloop's v4 chat and completion over the providers' official SDKs, every failure inside the contract. */
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import humanloopErrors, { errorReference, openapi, serverOptions } from '../plugin/index.js'
import { accepts, authenticate, keyOf } from './authenticate.js'
import type { Environment } from './environment.js'
import { providerNames, type ProviderName } from './providers/index.js'
import { startStandIn } from './stand-ins/index.js'
import { v4Routes, type Targets } from './v4.js'

/** In bytes. The longest prompt is less, in any script; what is parsed beside it, hardly anyone means. */
const largestBody = 8 * 1024 * 1024

/** The time limit of models that show what happens then, in milliseconds. */
const shownTimeout = 2000
const showTimeout: ReadonlySet<string> = new Set(['error-timeout', 'error-stall'])

/**
 * @param env see `environment`
 * @param options for Fastify, over the gateway's own
 * @param version of OpenAPI, in which the documentation is
 */
export async function buildGateway (env: Environment, options: FastifyServerOptions = {}, version = '3.1.0'): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify(serverOptions({ logger: { level: env.logLevel }, bodyLimit: largestBody, ...options }))

  await app.register(humanloopErrors)
  await app.register(underPressure, { maxEventLoopDelay: env.maxEventLoopDelay, exposeStatusRoute: false })
  await app.register(swagger, {
    openapi: {
      openapi: version,
      info: {
        title: 'LLM gateway',
        version: '4',
        contact: { name: 'Who runs this gateway' },
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
        description: 'Humanloop’s v4 chat and completion over OpenAI, Anthropic and Cohere. Every error is one of nine, always with the same four fields.'
      },
      servers: [{ url: '/' }],
      tags: [{ name: 'v4', description: 'One request shape for all providers.' }],
      components: { securitySchemes: { apiKey: { type: 'apiKey', name: 'X-API-KEY', in: 'header' } } },
      security: [{ apiKey: [] }]
    },
    transformObject: openapi(app)
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.register(errorReference, { prefix: '/errors' })

  const targets = await targetsOf(app, env)
  await app.register(async v4 => {
    await v4.register(rateLimit, {
      max: env.rateLimit,
      timeWindow: '1 minute',
      // where any key is accepted, a new one for each request would never be limited
      keyGenerator: request => env.apiKey !== undefined && accepts(env.apiKey, keyOf(request)) ? keyOf(request) : request.ip
    })
    // after onRequest, where the rate limit counts: who tries keys is limited by address
    v4.addHook('preParsing', authenticate(env.apiKey))
    await v4.register(v4Routes, { targets })
  }, { prefix: '/v4' })
  return app
}

/** Where each provider is called: the real service where the server has its key, else a stand-in. */
async function targetsOf (app: FastifyInstance, env: Environment): Promise<Targets> {
  const targets = {} as Targets
  for (const name of providerNames) targets[name] = await targetOf(app, env, name)
  return targets
}

async function targetOf (app: FastifyInstance, env: Environment, name: ProviderName): Promise<Targets[ProviderName]> {
  const { apiKey, baseUrl } = env.providers[name]
  const timeout = env.providerTimeout * 1000
  if (apiKey !== undefined) return () => ({ apiKey, baseUrl, timeout })
  const standIn = await startStandIn(name)
  app.addHook('onClose', standIn.close)
  return model => ({
    apiKey: 'stand-in',
    baseUrl: standIn.addressFor(model),
    timeout: showTimeout.has(model) ? shownTimeout : timeout
  })
}
