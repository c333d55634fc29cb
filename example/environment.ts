/** What the gateway takes from the environment. */
import { providerNames, type ProviderName } from './providers/index.js'

export interface Environment {
  host: string
  port: number
  /** The only key that callers may use; any non-empty key where it is undefined. */
  apiKey: string | undefined
  /** Requests a minute and key. */
  rateLimit: number
  /** How long a provider may take, in seconds. */
  providerTimeout: number
  logLevel: string
  /** For each provider: the key, where the real service is to be called, and another address of it. */
  providers: Record<ProviderName, { apiKey: string | undefined, baseUrl: string | undefined }>
}

/**
 * @param variables of the process
 * @throws RangeError that names the variable and what it takes
 */
export function environment (variables: Readonly<Record<string, string | undefined>>): Environment {
  const text = (name: string): string | undefined => variables[name]?.trim() || undefined
  const integer = (name: string, byDefault: number, least: number, most: number): number => {
    const value = Number(text(name) ?? byDefault)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new RangeError(`${name} must be an integer from ${least} to ${most}; it is '${text(name)}'`)
  }
  const ofProvider = (name: ProviderName) => ({
    apiKey: text(`${name.toUpperCase()}_API_KEY`),
    baseUrl: text(`${name.toUpperCase()}_BASE_URL`)
  })
  return {
    host: text('HOST') ?? '127.0.0.1',
    port: integer('PORT', 3000, 0, 65_535),
    apiKey: text('HUMANLOOP_API_KEY'),
    rateLimit: integer('RATE_LIMIT', 600, 1, 1_000_000_000),
    providerTimeout: integer('PROVIDER_TIMEOUT', 60, 1, 3600),
    logLevel: text('LOG_LEVEL') ?? 'info',
    providers: Object.fromEntries(providerNames.map(name => [name, ofProvider(name)])) as Environment['providers']
  }
}
