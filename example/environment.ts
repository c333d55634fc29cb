/** What the gateway takes from the environment. */
import { providerNames, type ProviderName } from './providers/index.js'

export interface Environment {
  host: string
  port: number
  /** The only key that callers may use; any non-empty key where it is undefined. */
  apiKey: string | undefined
  /** Requests a minute: of the key that is accepted, and of each address that has another. */
  rateLimit: number
  /** How long a provider may take, in seconds. */
  providerTimeout: number
  /** Milliseconds that the event loop may be late before requests are shed; 0: no limit. */
  maxEventLoopDelay: number
  logLevel: string
  /** For each provider: the key, where the real service is to be called, and another address of it. */
  providers: Record<ProviderName, { apiKey: string | undefined, baseUrl: string | undefined }>
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

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
  const checked = (name: string, isRight: (value: string) => boolean, takes: string): string | undefined => {
    const value = text(name)
    if (value === undefined || isRight(value)) return value
    throw new RangeError(`${name} must be ${takes}`)
  }
  const ofProvider = (name: ProviderName) => ({
    apiKey: checked(`${name.toUpperCase()}_API_KEY`, value => /^[\x21-\x7e]+$/.test(value), 'a key: visible ASCII on one line'),
    baseUrl: checked(`${name.toUpperCase()}_BASE_URL`, URL.canParse, 'an address such as https://api.example.com/v1')
  })
  return {
    host: text('HOST') ?? '127.0.0.1',
    port: integer('PORT', 3000, 0, 65_535),
    apiKey: text('HUMANLOOP_API_KEY'),
    rateLimit: integer('RATE_LIMIT', 600, 1, 1_000_000_000),
    providerTimeout: integer('PROVIDER_TIMEOUT', 60, 1, 3600),
    maxEventLoopDelay: integer('MAX_EVENT_LOOP_DELAY', 1000, 0, 60_000),
    logLevel: checked('LOG_LEVEL', value => logLevels.includes(value), `one of ${logLevels.join(', ')}`) ?? 'info',
    providers: Object.fromEntries(providerNames.map(name => [name, ofProvider(name)])) as Environment['providers']
  }
}
