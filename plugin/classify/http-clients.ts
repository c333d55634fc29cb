/** Errors of HTTP clients and of any service's client: a call that failed, to whomever. */
import { namesOf } from './headers.js'
import { has, isObject, read, readStatus, readText } from './read.js'
import type { Sdk } from './sdks.js'

export function response (error: object): unknown {
  return read(error, 'response')
}

/** The status of a response as fetch, axios, got, superagent and others hang it on their errors. */
export function responseStatus (error: object): number | undefined {
  return readStatus(response(error), 'status') ?? readStatus(response(error), 'statusCode')
}

/** Headers that describe one response: nobody puts them on an error of a service's own. */
const responseHeaders: ReadonlySet<string> = new Set([
  'content-type', 'connection', 'keep-alive', 'date', 'server', 'set-cookie', 'etag', 'via'
])

/** What clients hang on the error of a call, beside its status: the request, the response, or pieces of the two. */
const callFields = [
  'request', 'response', 'res', 'config', 'meta', 'raw', 'rawType', 'rawResponse', 'rawHeaders', 'rawError', 'requestBody', 'requestId', 'request_id', 'body', 'statusText',
  // algoliasearch
  'stackTrace'
] as const

/**
 * True if an error with a status bears traits of another service's response: it tells of a failed call. `data` is on
 * errors of a service's own as well: it counts where it says what failed, as a body does.
 */
function bearsResponse (error: object): boolean {
  return callFields.some(field => isGiven(read(error, field))) || has(error, 'moreInfo') /* twilio */ ||
    /^https?:/.test(readText(error, 'url') ?? '') ||
    isGiven(read(read(error, 'data'), 'error')) || isGiven(read(read(error, 'data'), 'message')) ||
    typeof read(read(error, 'headers'), 'get') === 'function' || namesOf(read(error, 'headers')).some(name => responseHeaders.has(name))
}

function isGiven (value: unknown): boolean {
  return value !== undefined && value !== null
}

/** In this order, behind the SDKs; the first that matches is it. */
export const httpClients: readonly Sdk[] = [
  {
    name: 'axios',
    matches: error => read(error, 'isAxiosError') === true,
    answer: error => ({
      status: responseStatus(error),
      headers: read(response(error), 'headers'),
      body: read(response(error), 'data'),
      url: urlOf(readText(read(error, 'config'), 'url'), readText(read(error, 'config'), 'baseURL'))
    })
  },
  {
    name: 'got',
    matches: error => has(error, 'options') && has(error, 'timings'),
    answer: error => ({
      status: responseStatus(error),
      headers: read(response(error), 'headers'),
      body: read(response(error), 'body'),
      url: readText(read(read(error, 'options'), 'url'), 'href')
    })
  },
  {
    // ky, superagent, octokit: clients that hang the response on the error
    name: 'ky and others',
    matches: error => isObject(response(error)) && responseStatus(error) !== undefined,
    answer: error => ({
      status: responseStatus(error),
      headers: read(response(error), 'headers'),
      body: unstreamed(read(response(error), 'body')),
      url: readText(response(error), 'url')
    })
  },
  {
    // ky's time-out has no response
    name: 'ky',
    matches: error => readText(error, 'name') === 'TimeoutError' && isObject(read(error, 'request')),
    answer: error => ({ status: undefined, headers: undefined, body: undefined, url: readText(read(error, 'request'), 'url') })
  },
  {
    // it tried several hosts, each with its response
    name: 'algoliasearch',
    matches: error => isGiven(read(error, 'stackTrace')) && readText(error, 'name') === 'RetryError',
    answer: error => ({
      status: readStatus(read(read(read(error, 'stackTrace'), 0), 'response'), 'status'),
      headers: undefined,
      body: undefined
    })
  },
  {
    // undici, @elastic/elasticsearch, stripe, @slack/web-api …; a fetch Response that was thrown itself
    name: 'the client of any service',
    matches: error => statusOf(error) !== undefined && bearsResponse(error),
    answer: error => ({
      status: statusOf(error),
      headers: read(error, 'headers'),
      body: unstreamed(read(error, 'body')) ?? read(error, 'data') ?? read(error, 'error') ?? read(error, 'message'),
      url: readText(error, 'url')
    })
  }
]

function statusOf (error: object): number | undefined {
  return readStatus(error, 'statusCode') ?? readStatus(error, 'status')
}

/** A body, unless it is a stream: what was read of that is given with the error. */
function unstreamed (body: unknown): unknown {
  return typeof read(body, 'getReader') === 'function' || typeof read(body, 'pipe') === 'function' ? undefined : body
}

function urlOf (url: string | undefined, base: string | undefined): string | undefined {
  return url !== undefined && /^https?:/.test(url) ? url : base ?? url
}
