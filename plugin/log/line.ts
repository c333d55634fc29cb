/** One line for each error answer: what a person needs at three in the morning, and nothing that must not be in a log. */
import { chainOf } from '../classify/chain.js'
import { noAnswer } from '../classify/network.js'
import type { ContractError } from '../errors.js'
import type { LineLog } from './refusal-log.js'
import { safeError, type SafeError } from './safe-error.js'

/** What led to an answer: something that was thrown, something that was sent and replaced, or it was sent as it is. */
export type Happened = Thrown | Replaced | 'sent'

interface Thrown {
  readonly thrown: unknown
  /** Whether a stream had begun by then. */
  readonly begun?: boolean | undefined
}

interface Replaced {
  readonly route: string
  readonly status: number
  /** What the caller is not told. */
  readonly withheld?: string | undefined
}

type Redact = (text: string) => string

/** Whose failure it is, and who is still there to hear of it. */
interface Circumstances {
  /** Whether this service failed, not a provider. */
  readonly ours: boolean
  /** Whether the client has left. */
  readonly left: boolean
  /** The user's own redaction. */
  readonly redact: Redact | undefined
}

/**
 * Our 5xx at `error` with the error and its causes, a provider's failure at `warn` with what the provider said, our 4xx at
 * `info`. What was sent and replaced, at `warn` with the route. A call that was aborted because its client left is no
 * failure: `info`.
 */
export function logAnswer (log: LineLog, error: ContractError, happened: Happened, { ours, left, redact }: Circumstances): void {
  const { type, code, message, origin } = error.detail
  if (happened === 'sent') {
    log[ours ? code >= 500 ? 'error' : 'info' : 'warn']({ origin, type, code }, message)
  } else if ('route' in happened) {
    log.warn({ origin, type, code, ...happened, ...happened.withheld !== undefined && { withheld: withRedact(happened.withheld, redact) } }, 'an error answer outside the contract was replaced')
  } else if (left && noAnswer(chainOf(happened.thrown)) === 'aborted') {
    logLeft(log, { origin })
  } else if (!ours) {
    const { status, requestId } = error.upstream ?? {}
    const line = { origin, type, code, begun: happened.begun, upstreamStatus: status, upstreamRequestId: requestId }
    log.warn(status === undefined ? { ...line, err: told(happened.thrown, redact) } : line, message)
  } else if (code >= 500) {
    log.error({ origin, type, code, begun: happened.begun, err: told(happened.thrown, redact) }, message)
  } else {
    log.info({ origin, type, code, begun: happened.begun }, message)
  }
}

/** The user's redaction of a text; one for which it fails is withheld. */
function withRedact (text: string, redact: Redact | undefined): string {
  try {
    return redact === undefined ? text : String(redact(text))
  } catch {
    return '[withheld]' // the answer's own line says that it failed
  }
}

/** The client is gone, and nothing can be sent; `begun` says whether a part of a stream was. */
export function logLeft (log: LineLog, fields: { origin: string | undefined, begun?: boolean }): void {
  log.info(fields, 'the client left before it had an answer')
}

function told (thrown: unknown, redact: Redact | undefined): SafeError {
  const error = safeError(thrown)
  return redact === undefined ? error : redacted(error, redact)
}

function redacted ({ cause, ...fields }: SafeError, redact: Redact): SafeError {
  const text = (value: string): string => withRedact(value, redact)
  const error: SafeError = Object.assign(Object.create(null), fields, { message: text(fields.message), stack: text(fields.stack) })
  if (cause !== undefined) error.cause = redacted(cause, redact)
  return error
}
