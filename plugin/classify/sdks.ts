/**
 * Errors of model providers' SDKs, recognised by their structure: no SDK is imported, minified bundles and second copies
 * are recognised as well. Facts were observed on the SDKs themselves.
 */
import type { Registry } from '../providers/index.js'
import type { SdkShape } from '../providers/row.js'
import { httpClients, response, responseStatus } from './http-clients.js'
import { isNetworkSentence, isUnreadable } from './network.js'
import { has, isErrorStatus, read, readPath, readStatus, readText } from './read.js'

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

/** Tells what an error of an SDK says. */
export interface Reader {
  readonly answer: (error: object) => Answer
  /** The provider whose SDK it is; none where the class of the error tells, or nothing, as with an HTTP client. */
  readonly origin?: string | undefined
}

/** One SDK, or several that share their way of throwing. */
export interface Sdk extends Reader {
  readonly name: string
  readonly matches: (error: object) => boolean
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

/** Finds the provider by a class of its SDK, for SDKs that share their structure with others. */
export function providerOfClass (error: object, { classes }: Pick<Registry, 'classes'>): string | undefined {
  return classNames(error).map(name => classes.get(name)).find(provider => provider !== undefined)
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

/** SDKs that share their structure with others, or whose errors tell more than a path can say; the first that matches is it. */
const sdks: readonly Sdk[] = [
  {
    name: 'openai',
    origin: 'OpenAI',
    matches: error => isStainless(error) && has(error, 'param') && has(error, 'code'),
    answer: stainlessAnswer
  },
  {
    name: '@anthropic-ai/sdk',
    origin: 'Anthropic',
    matches: error => isStainless(error) &&
      (has(error, 'workspaceID') || has(error, 'apiMessage') || read(read(error, 'error'), 'type') === 'error'),
    answer: stainlessAnswer
  },
  {
    name: 'groq-sdk, together-ai and others by Stainless',
    matches: isStainless,
    answer: stainlessAnswer
  },
  {
    name: '@mistralai/mistralai, @openrouter/sdk',
    matches: error => has(error, 'statusCode') && has(error, 'contentType') && has(error, 'rawResponse'),
    answer: error => ({
      status: readStatus(error, 'statusCode'),
      headers: read(error, 'headers'),
      body: read(error, 'body'),
      url: readText(read(error, 'rawResponse'), 'url')
    })
  },
  {
    // users have classes of that name: only one with Google's JSON as its message is Google's; in a stream a status precedes it
    name: '@google/genai',
    origin: 'Google',
    matches: error => readText(error, 'name') === 'ApiError' && readStatus(error, 'status') !== undefined && !has(error, 'response') &&
      /^\{"error":\{.*"(?:code|status)":/s.test(googleBody(error).slice(0, 8192)),
    answer: error => ({ status: readStatus(error, 'status'), headers: undefined, body: googleBody(error) })
  },
  {
    name: 'replicate',
    origin: 'Replicate',
    matches: error => has(error, 'request') && has(error, 'response') && (readText(error, 'message') ?? '').startsWith('Request to '),
    answer: error => ({
      status: responseStatus(error),
      headers: read(response(error), 'headers'),
      body: replicateBody(readText(error, 'message') ?? ''),
      url: readText(response(error), 'url')
    })
  },
  {
    // DynamoDB's ThrottlingException looks like Bedrock's: the class or the host tells which service it was
    name: 'AWS SDK',
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

/** Finds the SDK whose error it is: the rows of providers first, for they know all fields of theirs. */
export function sdkOf (error: object, { sdks: shapes }: Pick<Registry, 'sdks'>, provider: string | undefined): Reader | undefined {
  const shape = shapes.find(shape => shape.provider === provider || hasShape(error, shape))
  if (shape === undefined) return sdks.find(sdk => sdk.matches(error))
  const url = at(error, shape.url)
  // in a bundle, where classes have no names, the host tells whose client a generator has made; an address without a name does not
  const host = typeof url === 'string' ? hostOf(url) : undefined
  const isForeign = shape.isGenerated === true && shape.provider !== provider && host !== undefined && !/^(?:[\d[]|localhost)/.test(host)
  return readerOf(isForeign ? { ...shape, provider: undefined } : shape)
}

function hasShape (error: object, { fields, without = [] }: SdkShape): boolean {
  return fields.every(field => has(error, field)) && !without.some(field => has(error, field))
}

/** What stands behind a path; nothing behind none. */
function at (error: object, path: string | undefined): unknown {
  return path === undefined ? undefined : readPath(error, path)
}

function readerOf ({ provider, ...paths }: SdkShape & { provider: string | undefined }): Reader {
  return {
    origin: provider,
    answer: error => {
      const [status, url] = [at(error, paths.status), at(error, paths.url)]
      return {
        status: isErrorStatus(status) ? status as number : undefined,
        headers: paths.requestId === undefined ? at(error, paths.headers) : { 'x-request-id': at(error, paths.requestId) },
        body: at(error, paths.body),
        url: typeof url === 'string' ? url : undefined
      }
    }
  }
}

/** The host in an address; undefined for what is none. */
export function hostOf (url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined
}
