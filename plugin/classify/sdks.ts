/**
 * Errors of SDKs and HTTP clients, recognised by their structure: no SDK is imported, minified bundles and second copies
 * are recognised as well. Facts were observed on the SDKs themselves.
 */
import { has, isObject, read, readStatus, readText } from './read.js'

/** What an SDK's error holds of the provider's answer; all undefined where none came. */
export interface Answer {
  readonly status: number | undefined
  readonly headers: unknown
  /** The provider's body: parsed, as text, or as the SDK left it. */
  readonly body: unknown
  /** The address that was called. */
  readonly url?: string | undefined
}

/** One SDK, or several that share their way of throwing. */
export interface Sdk {
  /** The provider whose SDK it is; none for an HTTP client, which may have called anything. */
  readonly origin?: string
  readonly matches: (error: object) => boolean
  readonly answer: (error: object) => Answer
}

/** Names of the classes that an error is an instance of, the most particular first. */
function classNames (error: object): string[] {
  const names: string[] = []
  try {
    for (let proto = Object.getPrototypeOf(error); proto !== null && names.length < 8; proto = Object.getPrototypeOf(proto)) {
      const name = readText(read(proto, 'constructor'), 'name')
      if (name !== undefined) names.push(name)
    }
  } catch {
    // a proxy that does not tell its prototype has no class
  }
  return names
}

/** openai, @anthropic-ai/sdk and others that Stainless generates. */
function isStainless (error: object): boolean {
  return has(error, 'status') && has(error, 'headers') && has(error, 'error')
}

function stainlessAnswer (error: object): Answer {
  const status = readStatus(error, 'status')
  // a body that is no JSON stands in the message, behind the status
  const text = status === undefined ? undefined : readText(error, 'message')?.replace(/^\d{3} (?:status code \(no body\)$)?/, '')
  return { status, headers: read(error, 'headers'), body: read(error, 'error') ?? text }
}

function response (error: object): unknown {
  return read(error, 'response')
}

/** In this order; the first that matches is it. */
export const sdks: readonly Sdk[] = [
  {
    origin: 'OpenAI',
    matches: error => isStainless(error) && has(error, 'param') && has(error, 'code'),
    answer: stainlessAnswer
  },
  {
    origin: 'Anthropic',
    matches: error => isStainless(error) &&
      (has(error, 'workspaceID') || has(error, 'apiMessage') || read(read(error, 'error'), 'type') === 'error' ||
        classNames(error).includes('AnthropicError')),
    answer: stainlessAnswer
  },
  {
    // cohere-ai
    origin: 'Cohere',
    matches: error => (has(error, 'statusCode') && has(error, 'body') && has(error, 'rawResponse') && !has(error, 'contentType')) ||
      classNames(error).some(name => name === 'CohereError' || name === 'CohereTimeoutError'),
    answer: error => ({
      status: readStatus(error, 'statusCode'),
      headers: read(read(error, 'rawResponse'), 'headers'),
      body: read(error, 'body'),
      url: readText(read(error, 'rawResponse'), 'url')
    })
  },
  {
    // axios
    matches: error => read(error, 'isAxiosError') === true,
    answer: error => ({
      status: readStatus(response(error), 'status'),
      headers: read(response(error), 'headers'),
      body: read(response(error), 'data'),
      url: urlOf(readText(read(error, 'config'), 'url'), readText(read(error, 'config'), 'baseURL'))
    })
  },
  {
    // undici with throwOnError
    matches: error => readText(error, 'code') === 'UND_ERR_RESPONSE',
    answer: error => ({ status: readStatus(error, 'statusCode'), headers: read(error, 'headers'), body: read(error, 'body') })
  },
  {
    // got, ky, superagent, octokit and other clients that hang the response on the error
    matches: error => has(error, 'response') && isObject(response(error)) &&
      (readStatus(response(error), 'status') ?? readStatus(response(error), 'statusCode')) !== undefined,
    answer: error => ({
      status: readStatus(response(error), 'status') ?? readStatus(response(error), 'statusCode'),
      headers: read(response(error), 'headers'),
      body: read(response(error), 'body'),
      url: readText(response(error), 'url')
    })
  },
  {
    // AWS SDK: whatever the service; which one, the host tells
    matches: error => has(error, '$metadata') || has(error, '$fault'),
    answer: error => ({
      status: readStatus(read(error, '$metadata'), 'httpStatusCode'),
      headers: read(read(error, '$response'), 'headers'),
      // errors of the network have metadata as well; only the service's own have a fault
      body: has(error, '$fault') ? { __type: read(error, 'name'), message: read(error, 'message') } : undefined,
      url: hostUrl(readText(read(read(error, '$response'), 'request'), 'hostname'))
    })
  }
]

function urlOf (url: string | undefined, base: string | undefined): string | undefined {
  return url !== undefined && /^https?:/.test(url) ? url : base ?? url
}

function hostUrl (hostname: string | undefined): string | undefined {
  return hostname === undefined ? undefined : `https://${hostname}`
}

/** The SDK whose error it is. */
export function sdkOf (error: object): Sdk | undefined {
  return sdks.find(sdk => sdk.matches(error))
}

/** The host in an address; undefined for what is none. */
export function hostOf (url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined
}
