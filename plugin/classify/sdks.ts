/**
 * Errors of model providers' SDKs, recognised by their structure: no SDK is imported, minified bundles and second copies
 * are recognised as well. Facts were observed on the SDKs themselves.
 */
import { httpClients, response, responseStatus } from './http-clients.js'
import { isNetworkSentence, isUnreadable } from './network.js'
import { has, read, readStatus, readText } from './read.js'

/** What an SDK's error holds of the provider's answer; all undefined where none came. */
export interface Answer {
  /** 400 to 599; undefined for a failure inside a 200 as well. */
  readonly status: number | undefined
  readonly headers: unknown
  /** The provider's body: parsed, as text, or as the SDK left it. */
  readonly body: unknown
  /** The address that was called. */
  readonly url?: string | undefined
}

/** One SDK, or several that share their way of throwing. */
export interface Sdk {
  readonly name: string
  readonly matches: (error: object) => boolean
  readonly answer: (error: object) => Answer
  /** The provider whose SDK it is; none for an HTTP client, which may have called anything. */
  readonly origin?: (error: object) => string | undefined
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

/** Providers by a class of their SDK, for SDKs that share their structure with others. */
const brands: Readonly<Record<string, string>> = {
  OpenAIError: 'OpenAI',
  AnthropicError: 'Anthropic',
  GroqError: 'Groq',
  TogetherError: 'Together AI',
  CohereError: 'Cohere',
  CohereTimeoutError: 'Cohere',
  MistralError: 'Mistral',
  OpenRouterError: 'OpenRouter',
  BedrockRuntimeServiceException: 'AWS Bedrock',
  SageMakerRuntimeServiceException: 'AWS SageMaker'
}

function brandOf (error: object): string | undefined {
  return classNames(error).map(name => Object.hasOwn(brands, name) ? brands[name] : undefined).find(brand => brand !== undefined)
}

/**
 * openai, @anthropic-ai/sdk, groq-sdk, together-ai, portkey-ai and others that Stainless generates. Errors of
 * `http-errors-enhanced` have the three as well; `expose` is what http-errors and its kin know their own by.
 */
function isStainless (error: object): boolean {
  return has(error, 'status') && has(error, 'headers') && has(error, 'error') && !has(error, 'expose')
}

function stainlessAnswer (error: object): Answer {
  const status = readStatus(error, 'status')
  // a body that is no JSON stands in the message, behind the status
  const text = status === undefined ? undefined : readText(error, 'message')?.replace(/^\d{3} (?:status code \(no body\)$)?/, '')
  return { status, headers: read(error, 'headers'), body: read(error, 'error') ?? (isNetworkSentence(text) ? undefined : text) }
}

/** An error of the AI SDK, of whichever copy of it. */
function isAiSdk (error: object): boolean {
  return read(error, Symbol.for('vercel.ai.error')) === true
}

function isWithoutOutput (error: object): boolean {
  return isAiSdk(error) && /^AI_No[A-Za-z]+GeneratedError$/.test(readText(error, 'name') ?? '')
}

/**
 * True if an error is a mistake in how an SDK was configured or called, not a call that failed: the AI SDK's
 * `LoadAPIKeyError`, `InvalidPromptError`, `NoSuchToolError` … What stands behind one is its detail.
 */
export function isMistake (error: object): boolean {
  return isAiSdk(error) && !isWithoutOutput(error) && !isUnreadable(error) &&
    !['AI_APICallError', 'AI_RetryError'].includes(readText(error, 'name') ?? '')
}

/** In this order; the first that matches is it. */
export const sdks: readonly Sdk[] = [
  {
    name: 'openai',
    origin: () => 'OpenAI',
    matches: error => isStainless(error) && has(error, 'param') && has(error, 'code'),
    answer: stainlessAnswer
  },
  {
    name: '@anthropic-ai/sdk',
    origin: () => 'Anthropic',
    matches: error => isStainless(error) &&
      (has(error, 'workspaceID') || has(error, 'apiMessage') || read(read(error, 'error'), 'type') === 'error'),
    answer: stainlessAnswer
  },
  {
    name: 'groq-sdk, together-ai and others by Stainless',
    origin: brandOf,
    matches: isStainless,
    answer: stainlessAnswer
  },
  {
    name: '@mistralai/mistralai, @openrouter/sdk',
    origin: brandOf,
    matches: error => has(error, 'statusCode') && has(error, 'contentType') && has(error, 'rawResponse'),
    answer: error => ({
      status: readStatus(error, 'statusCode'),
      headers: read(error, 'headers'),
      body: read(error, 'body'),
      url: readText(read(error, 'rawResponse'), 'url')
    })
  },
  {
    // and the clients of many services that Fern generates: in a bundle the host tells whose it is
    name: 'cohere-ai',
    origin: error => brandOf(error) ?? (hostOf(readText(read(error, 'rawResponse'), 'url')) === undefined ? 'Cohere' : undefined),
    matches: error => (has(error, 'statusCode') && has(error, 'body') && has(error, 'rawResponse')) || brandOf(error) === 'Cohere',
    answer: error => ({
      status: readStatus(error, 'statusCode'),
      headers: read(read(error, 'rawResponse'), 'headers'),
      body: read(error, 'body'),
      url: readText(read(error, 'rawResponse'), 'url')
    })
  },
  {
    // users have classes of that name: only one with Google's JSON as its message is Google's; in a stream a status precedes it
    name: '@google/genai',
    origin: () => 'Google',
    matches: error => readText(error, 'name') === 'ApiError' && readStatus(error, 'status') !== undefined && !has(error, 'response') &&
      /^\{"error":\{.*"(?:code|status)":/s.test(googleBody(error).slice(0, 8192)),
    answer: error => ({ status: readStatus(error, 'status'), headers: undefined, body: googleBody(error) })
  },
  {
    name: 'replicate',
    origin: () => 'Replicate',
    matches: error => has(error, 'request') && has(error, 'response') && (readText(error, 'message') ?? '').startsWith('Request to '),
    answer: error => ({
      status: responseStatus(error),
      headers: read(response(error), 'headers'),
      body: replicateBody(readText(error, 'message') ?? ''),
      url: readText(response(error), 'url')
    })
  },
  {
    name: 'ollama',
    origin: () => 'Ollama',
    matches: error => has(error, 'status_code') && has(error, 'error'),
    answer: error => ({ status: readStatus(error, 'status_code'), headers: undefined, body: read(error, 'error') })
  },
  {
    name: '@huggingface/inference',
    origin: () => 'Hugging Face',
    matches: error => has(error, 'httpRequest') && has(error, 'httpResponse'),
    answer: error => ({
      status: readStatus(read(error, 'httpResponse'), 'status'),
      headers: { 'x-request-id': read(read(error, 'httpResponse'), 'requestId') },
      body: read(read(error, 'httpResponse'), 'body'),
      url: readText(read(error, 'httpRequest'), 'url')
    })
  },
  {
    // DynamoDB's ThrottlingException looks like Bedrock's: the class or the host tells which service it was
    name: 'AWS SDK',
    origin: brandOf,
    matches: error => has(error, '$metadata') || has(error, '$fault'),
    answer: error => ({
      status: readStatus(read(error, '$metadata'), 'httpStatusCode'),
      headers: read(read(error, '$response'), 'headers') ?? { 'x-amzn-requestid': read(read(error, '$metadata'), 'requestId') },
      // errors of the network have metadata as well; only the service's own have a fault
      body: has(error, '$fault') ? { __type: read(error, 'name'), message: read(error, 'message') } : undefined,
      url: hostUrl(readText(read(read(error, '$response'), 'request'), 'hostname'))
    })
  },
  {
    // a failed call; the gateway's errors are what it responded
    name: 'ai',
    matches: error => (isAiSdk(error) && readText(error, 'name') === 'AI_APICallError') || read(error, Symbol.for('vercel.ai.gateway.error')) === true,
    answer: error => ({
      status: readStatus(error, 'statusCode'),
      headers: read(error, 'responseHeaders'),
      body: read(error, 'responseBody') ?? read(error, 'data'),
      url: readText(error, 'url')
    })
  },
  {
    // NoObjectGeneratedError and its kin: a response came, and what was asked for was not in it
    name: 'ai, without output',
    matches: isWithoutOutput,
    answer: error => ({ status: undefined, headers: read(response(error), 'headers'), body: {} })
  },
  ...httpClients
]

/** `{…}`, or of an event of a stream `got status: UNAVAILABLE. {…}`. */
function googleBody (error: object): string {
  return (readText(error, 'message') ?? '').replace(/^got status: \w+\. /, '')
}

/** `Request to … failed with status 429 Too Many Requests: {…}.` */
function replicateBody (message: string): string | undefined {
  const status = message.indexOf(' failed with status ')
  const colon = message.indexOf(': ', status)
  return status === -1 || colon === -1 ? undefined : message.slice(colon + 2).replace(/\.$/, '')
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
