/** The rules: what is wrong with a combination, of all that its client saw and its server told. */
import { STATUS_CODES } from 'node:http'
import type { Observed } from './client.js'
import { key, secret } from './handler.js'
import type { Run } from './ledger.js'
import { doubleLength, type Response } from './wire.js'
import type { Plan } from './plan.js'

/** What is wrong; `stock` rules hold for any server, so that one without the plugin tells whose fault it is. */
export interface Violation { readonly rule: string, readonly isStock: boolean, readonly text: string }

/** Written out, not taken from the table: what callers rely on. */
const types: Readonly<Record<number, string>> = {
  400: 'bad_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  422: 'unprocessable_entity_error',
  429: 'rate_limit_error',
  500: 'unknown_error',
  503: 'service_unavailable_error',
  504: 'timeout_error',
  529: 'overloaded_error'
}

/** What describes a response that failed. */
const gone = [
  'etag', 'last-modified', 'expires', 'content-encoding', 'content-disposition', 'content-range', 'accept-ranges', 'transfer-encoding',
  'trailer',
  'set-cookie', 'x-sum'
]

export function judge (run: Run, observed: Observed): Violation[] {
  const { plan } = run
  const contract: string[] = []
  // a success that a hook gives a second length is the hook's fault
  const isDoubled = plan.hook?.name.endsWith('transfer-encoding') === true
  const wire = observed.violations.filter(text =>
    !isDoubled || text.startsWith('4') || text.startsWith('5') || !text.endsWith(doubleLength))
  const silent: string[] = []
  if (observed.isLate) silent.push('no end of the response')
  wire.push(...headsOf(plan, observed))
  if (!observed.isLate && !observed.hasLeft) silent.push(...missingOf(plan, observed))
  let errors = 0
  observed.responses.forEach((response, at) => {
    const what = observed.asked[at]
    if (what === 'target') {
      contract.push(...targetViolations(plan, response, observed))
      if (response.status >= 400 && isContract(plan, response)) errors++
    } else if (what === 'good' && (response.status !== 200 || response.body.toString() !== 'good')) {
      wire.push(`the good request beside it: ${response.status} ${response.body.subarray(0, 100).toString()}`)
    } else if (what === 'garbage') {
      contract.push(...contractViolations(response, 'GET', plan, false))
    }
  })
  const told = tellingOf(run, observed, errors)
  return [
    ...wire.map(text => ({ rule: 'wire', isStock: true, text })),
    ...silent.map(text => ({ rule: 'silence', isStock: !plan.handler.needsGuard, text })),
    ...contract.map(text => ({ rule: 'contract', isStock: false, text })),
    ...told.map(text => ({ rule: 'log', isStock: false, text }))
  ]
}

/** True if a body that is cut, or a connection that is closed without a response, is no fault. */
function mayCut ({ handler: { expects }, hook, server }: Plan): boolean {
  return expects.is === 'cut' || server.connectionTimeoutMs !== undefined || hook?.name === 'onSend makes it a stream that breaks'
}

function headsOf (plan: Plan, { responses, asked, hasLeft }: Observed): string[] {
  const found = responses.length > asked.length ? [`${responses.length} heads for ${asked.length} requests`] : []
  const cut = responses.filter(({ isWhole }) => !isWhole)
  if (cut.length === 0 || hasLeft || mayCut(plan)) return found
  return [...found, `a body is cut: status ${cut[0]!.status}, ${cut[0]!.body.length} bytes`]
}

/** Responses that did not come to a client that waited. */
function missingOf (plan: Plan, { responses, asked }: Observed): string[] {
  const wanted = asked.filter(what => what !== 'garbage').length
  if (responses.length >= wanted || mayCut(plan)) return []
  // a server may close behind any response, where it says so
  if (responses.at(-1)?.headers.connection === 'close') return []
  return [`${responses.length} responses to ${wanted} requests`]
}

function targetViolations (plan: Plan, response: Response, { hasLeft }: Observed): string[] {
  const { handler: { expects }, server, hook } = plan
  const { status } = response
  const isAlone = hook === undefined || hook.effect === 'none'
  if (!response.isWhole && hasLeft) return []
  if (status >= 400 && isContract(plan, response)) {
    const found = contractViolations(response, plan.method, plan, true)
    const code = codeOf(plan)
    if (isAlone && code !== undefined && status !== code && status !== 400 - Number(!plan.client.aborts)) {
      found.push(`status ${status} instead of ${code}`)
    }
    return found
  }
  if (status >= 400) return []
  if (!isAlone || hasLeft) return []
  switch (expects.is) {
    case 'thrown': return expects.needsServerOptions && !server.hasServerOptions ? [] : [`status ${status} instead of ${expects.code}`]
    case 'sent': return [`status ${status} instead of ${expects.status}`]
    case 'either': return expects.codes.includes(status) ? [] : [`status ${status} instead of ${expects.codes.join(' or ')}`]
    case 'success': return successViolations(plan, response, expects)
    case 'frame': return plan.method === 'HEAD' || response.body.includes('error') ? [] : ['a stream that failed ends well']
    case 'raw': return status === expects.status ? [] : [`status ${status} instead of ${expects.status}`]
    case 'cut': return []
  }
}

function successViolations (
  { method }: Plan, { status, body }: Response, expects: { readonly status: number, readonly body?: string }
): string[] {
  if (status !== expects.status) return [`status ${status} instead of ${expects.status}`]
  if (expects.body === undefined || method === 'HEAD' || body.toString() === expects.body) return []
  return [`another body: ${body.subarray(0, 100).toString()}`]
}

/** The code of the contract where no hook interferes. */
function codeOf ({ handler: { expects } }: Plan): number | undefined {
  return 'code' in expects ? expects.code : undefined
}

/** True if an error response has to be the contract; what a user took over, or wants left as it is, has not. */
function isContract ({ handler: { expects }, server, hook }: Plan, { status }: Response): boolean {
  const isHooked = hook !== undefined && hook.effect !== 'none'
  if (expects.is === 'raw') return server.hijacked === 'contract' || status !== expects.status
  if (expects.is === 'thrown') {
    return (server.guard === 'enforce' || !isHooked) && (expects.needsServerOptions !== true || server.hasServerOptions)
  }
  return server.guard === 'enforce'
}

export function contractViolations (response: Response, method: string, { server, handler }: Plan, isOfRequest: boolean): string[] {
  const { status, reason, headers, body } = response
  const found: string[] = []
  if (types[status] === undefined) found.push(`status ${status} is none of the nine`)
  if (server.protocol === 'h1' && reason !== (status === 529 ? 'Overloaded' : STATUS_CODES[status])) {
    found.push(`reason phrase: ${status} ${reason}`)
  }
  if (headers['content-type'] !== 'application/json; charset=utf-8') found.push(`content-type: ${headers['content-type']}`)
  if (headers['cache-control'] !== 'no-store') found.push(`cache-control: ${headers['cache-control']}`)
  const isRaw = handler.expects.is === 'raw'
  const isOfConnection = body.includes('not well-formed HTTP')
  if (isOfRequest && !isRaw && !isOfConnection && !headers['x-request-id']) found.push('no x-request-id')
  for (const name of gone) if (name in headers) found.push(`${name}: ${headers[name]}`)
  const length = headers['content-length']
  if (length === undefined || !(Number(length) > 0)) found.push(`content-length: ${length}`)
  if (method === 'HEAD') return body.length === 0 ? found : [...found, 'a body for HEAD']
  if (Number(length) !== body.length) found.push(`content-length: ${length}; the body has ${body.length}`)
  const text = body.toString()
  if (!isShape(text, status)) found.push(`body: ${text.slice(0, 300)}`)
  if (text.includes(secret)) found.push('the body tells what was thrown')
  if (text.includes(key) || JSON.stringify(headers).includes(key)) found.push('the response has a key in it')
  return found
}

function isShape (text: string, status: number): boolean {
  try {
    const body = JSON.parse(text)
    const { type, message, code, origin } = body.detail
    return Object.keys(body).join() === 'detail' && Object.keys(body.detail).join() === 'type,message,code,origin' && code === status &&
      type === types[status] &&
      typeof message === 'string' && message.trim() !== '' && message.length <= 4096 && typeof origin === 'string' && origin.trim() !== ''
  } catch {
    return false
  }
}

/** One line and one call of `onError` for each error response. */
function tellingOf ({ plan, lines, told }: Run, { responses, asked, hasLeft, isLate }: Observed, errors: number): string[] {
  const { handler: { expects }, server } = plan
  const found: string[] = []
  const count = lines.filter(line => typeof line.code === 'number' && typeof line.origin === 'string').length
  const isGuarded = server.guard === 'enforce'
  const text = lines.map(line => JSON.stringify(line)).join('\n')
  if (text.includes(key) && (server.hasServerOptions || count > 0)) {
    found.push(`the log has a key in it: ${text.slice(Math.max(0, text.indexOf(key) - 300), text.indexOf(key) + 60)}`)
  }
  if (!isGuarded || expects.is === 'raw' || expects.is === 'cut' || isLate) return found
  // a stream that has failed is told of, and again where a hook makes another error of it
  const frames = expects.is === 'frame' ? responses.filter(({ status }) => status < 400).length : 0
  const isExact = !hasLeft && plan.client.aborts !== true && server.connectionTimeoutMs === undefined &&
    (expects.is !== 'frame' || plan.hook?.effect !== 'changes')
  const expected = errors + frames
  const most = Math.max(expected, expects.is === 'frame' ? 2 * asked.length : 1)
  if (isExact ? count !== expected : count > most) found.push(`${count} lines for ${expected} error responses`)
  if (server.hasOptions && told !== count) found.push(`onError was called ${told} times, for ${count} lines`)
  return found
}
