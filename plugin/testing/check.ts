/** One request of the check after the other: sent, followed, judged, written into the report. */
import type { FastifyRequest } from 'fastify'
import { isDeclared } from '../exits/guard.js'
import { violationsOf } from './violations.js'
import type { Answer, Wire } from './connection.js'
import { isDocumented } from './documented.js'
import { followed, type DeclaredRoute, type Passage } from './instrument.js'
import { ErrorContractReport, type CheckedAnswer } from './report.js'
import { linesOf, textOf, type CheckRequest } from './request.js'

/** What is sent to provoke an error. */
export interface Attempt {
  readonly trigger: string
  readonly request: CheckRequest
  /** Without the headers that the user gave. */
  readonly bare?: boolean
}

/** What is not sent, and why. */
export interface Withheld {
  readonly trigger: string
  readonly reason: string
}

/** Whom an answer is expected from. */
export interface Subject {
  /** As the report names it. */
  readonly route: string
  readonly method: string
  readonly declared?: DeclaredRoute
}

export class Check {
  readonly report = new ErrorContractReport()
  readonly #wire: Wire
  readonly #headers: Readonly<Record<string, string>>
  readonly timeout: number

  /** @param headers sent with every request but the bare ones, by lower-case name */
  constructor (wire: Wire, headers: Readonly<Record<string, string>>, timeout: number) {
    this.#wire = wire
    this.#headers = headers
    this.timeout = timeout
  }

  /** Asks which route a request would come to. Nothing of the app but what precedes its hooks is run. */
  async landing (request: CheckRequest): Promise<FastifyRequest | undefined> {
    const { passage } = await this.#send(request, true, false)
    return passage.request
  }

  /** @returns whether an error answer came, or should have come */
  async attempt (subject: Subject, attempt: Attempt | Withheld): Promise<boolean> {
    const { trigger } = attempt
    if ('reason' in attempt) return this.leave(subject, trigger, attempt.reason)
    const { passage, result } = await this.#send(attempt.request, false, attempt.bare === true)
    return this.#judge(subject, trigger, result, passage)
  }

  /** Makes all attempts at a route. One of which none got an error is left unchecked as a whole. */
  async attemptAll (subject: Subject, attempts: AsyncIterable<Attempt | Withheld>): Promise<void> {
    const { unchecked } = this.report
    const before = unchecked.length
    let checked = false
    for await (const attempt of attempts) checked = await this.attempt(subject, attempt) || checked
    if (checked) return
    const reasons = new Set(unchecked.splice(before).map(({ reason }) => reason))
    unchecked.push({ route: subject.route, reason: [...reasons].join('; ') })
  }

  /** Sends what may be no request. */
  async attemptText (subject: Subject, trigger: string, text: (headers: string, tag: string) => string, last = false): Promise<void> {
    const { passage, result } = await followed(false, async header => {
      const tag = linesOf(header)
      return this.#wire.send(text(linesOf({ host: this.#wire.host }) + tag, tag), last)
    })
    this.#judge(subject, trigger, result, passage)
  }

  async #send (request: CheckRequest, asks: boolean, bare: boolean): Promise<{ passage: Passage, result: Answer | undefined }> {
    const headers = { host: this.#wire.host, ...bare ? {} : this.#headers }
    return followed(asks, async header => this.#wire.send(textOf(request, { ...headers, ...header })))
  }

  #judge (subject: Subject, trigger: string, answer: Answer | undefined, passage: Passage): boolean {
    const { route, method, declared } = subject
    if (passage.letThrough) return this.leave(subject, trigger, 'it reached the handler, which was not called')
    if (answer === undefined) {
      const reason = `nothing was answered within ${this.timeout} ms`
      return passage.thrown
        ? this.#enter({ route, trigger, status: 0 }, '', [`an error was thrown, and ${reason}`])
        : this.leave(subject, trigger, reason)
    }
    const { status } = answer
    const succeeded = status >= 100 && status < 400
    if (succeeded && !passage.thrown) return this.leave(subject, trigger, `the answer is ${status}, no error`)
    const violations = succeeded ? [`an error was thrown, and the answer is ${status}`] : violationsOf(answer, method)
    const { request } = passage
    if (violations.length > 0 && !succeeded && request !== undefined && isDeclared(request, status)) {
      return this.leave(subject, trigger, `what the route sends with ${status} is its own decision`)
    }
    // what is answered before the route, or by another, is not the route's to document
    if (declared !== undefined && request?.routeOptions.url === declared.url && !isDocumented(declared.options, status)) {
      violations.push(`status ${status} is not documented`)
    }
    return this.#enter({ route, trigger, status }, answer.body.toString(), violations)
  }

  #enter (checked: CheckedAnswer, body: string, violations: readonly string[]): true {
    this.report.checked.push(checked)
    if (violations.length > 0) this.report.violations.push({ ...checked, body, reason: violations.join('; ') })
    return true
  }

  /** Writes down that something was not checked. */
  leave ({ route }: Subject, trigger: string, reason: string): false {
    this.report.unchecked.push({ route, trigger, reason })
    return false
  }
}
