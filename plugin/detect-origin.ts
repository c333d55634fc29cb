/**
 * Option `detectOrigin`: which host the failing outgoing call of a request went to, for errors that do not say.
 *
 * Node tells of every outgoing call on diagnostics channels; the request that it belongs to is kept in an
 * AsyncLocalStorage, so that concurrent requests never see each other's calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isErrorStatus, read, readText } from './classify/read.js'
import { hostOf } from './classify/sdks.js'

/** One outgoing call of a request. */
interface Call {
  readonly host: string
  /** The HTTP status of its response; undefined where none came yet. */
  status: number | undefined
  /** True once the request has left: from then on every failure of the call is told. */
  sent: boolean
  /** Place in the order of beginnings and endings, to tell calls that overlapped from calls that followed one another. */
  readonly begun: number
  ended: number
  failed: boolean
}

/** How many calls of one request are remembered. */
const mostCalls = 64

const storage = new AsyncLocalStorage<Call[]>()
const callsOf = new WeakMap<FastifyRequest, Call[]>()
/** Calls by the object that Node's HTTP client or undici has for them. */
const byObject = new WeakMap<object, Call>()
let clock = 0
let subscribed = false

/** Follows the outgoing calls of every request of a scope. */
export function followCalls (app: FastifyInstance): void {
  const runtime = ['bun', 'deno'].find(name => process.versions[name] !== undefined)
  if (runtime !== undefined) {
    app.log.warn({ runtime },
      "humanloopErrors: option 'detectOrigin' does not see calls of fetch on this runtime; say whom you call with withOrigin")
  }
  listen()
  app.addHook('onRequest', (request, _reply, done) => {
    const calls: Call[] = []
    callsOf.set(request, calls)
    storage.run(calls, done)
  })
  // reading the body leaves the asynchronous context (nodejs/node#34430)
  app.addHook('preValidation', (request, _reply, done) => { storage.run(callsOf.get(request)!, done) })
}

/**
 * The host that a failure of this request came from.
 *
 * @param status of the provider's answer, where one came
 * @returns undefined where it cannot be told: no such call, or calls to several hosts at once that failed alike
 */
export function hostOfFailure (request: FastifyRequest, status: number | undefined): string | undefined {
  const calls = callsOf.get(request) ?? []
  const alike = status === undefined ? failedCalls(calls) : calls.filter(call => call.status === status)
  const last = alike.at(-1)
  const overlapping = alike.some(call => call.host !== last?.host && call.ended > last!.begun)
  return overlapping ? undefined : last?.host
}

/**
 * The calls that may have failed without a response, or in the middle of one. A call that is under way has not: a stream
 * that is open and a call in the background say nothing of a database that refuses. Only one that is given up while it
 * still waits for its connection is not told of: the newest.
 */
function failedCalls (calls: readonly Call[]): Call[] {
  const failed = calls.filter((call, index) => call.failed && !isErrorStatus(call.status) && !isRepeated(call, calls.slice(index + 1)))
  const newest = calls.at(-1)
  return failed.length === 0 && newest?.sent === false ? [newest] : failed
}

/** True if the same host was called again, once this call had failed: it is the later one that tells. */
function isRepeated ({ host, ended }: Call, later: readonly Call[]): boolean {
  return later.some(call => call.host === host && call.begun > ended)
}

function listen (): void {
  if (subscribed) return
  subscribed = true
  subscribe('undici:request:create', message => { begin(read(message, 'request'), hostOf(readText(read(message, 'request'), 'origin'))) })
  subscribe('undici:client:sendHeaders', message => { markSent(read(message, 'request')) })
  subscribe('undici:request:headers', message => { answer(read(message, 'request'), read(read(message, 'response'), 'statusCode')) })
  subscribe('undici:request:trailers', message => { end(read(message, 'request')) })
  subscribe('undici:request:error', message => { end(read(message, 'request'), true) })
  subscribe('http.client.request.start', message => {
    begin(read(message, 'request'), hostHeader(read(message, 'request')))
    markSent(read(message, 'request'))
  })
  subscribe('http.client.response.finish', message => {
    answer(read(message, 'request'), read(read(message, 'response'), 'statusCode'))
    end(read(message, 'request'))
  })
  subscribe('http.client.request.error', message => { end(read(message, 'request'), true) })
}

function begin (object: unknown, host: string | undefined): void {
  const calls = storage.getStore()
  if (calls === undefined || calls.length >= mostCalls || host === undefined || typeof object !== 'object' || object === null) return
  const call: Call = { host, status: undefined, sent: false, begun: clock++, ended: Infinity, failed: false }
  calls.push(call)
  byObject.set(object, call)
}

function markSent (object: unknown): void {
  const call = byObject.get(object as object)
  if (call !== undefined) call.sent = true
}

function answer (object: unknown, status: unknown): void {
  const call = byObject.get(object as object)
  if (call !== undefined) call.status = Number(status)
}

function end (object: unknown, failed = false): void {
  const call = byObject.get(object as object)
  if (call === undefined) return
  call.ended = clock++
  call.failed ||= failed
}

/** The host that Node's HTTP client sends, with its port. */
function hostHeader (request: unknown): string {
  return String((request as ClientRequest).getHeader('host'))
}
