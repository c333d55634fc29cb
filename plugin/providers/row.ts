/** The columns of a provider's row: all that may be particular about one. */
import type { ErrorCode } from '../../schemas/statuses.js'

/** Machine codes by what they mean. */
export type Codes = Readonly<Partial<Record<ErrorCode, readonly string[]>>>

/** A fixed message of a provider. */
export interface Sentence {
  /** The HTTP status that it comes with; none for a failure inside a 200 or a stream. */
  readonly status?: number
  readonly startsWith: string
  readonly includes?: string
  readonly code: ErrorCode
  /** `false` for a 429 that waiting does not cure. */
  readonly retryable?: false
}

/** A bucket of a rate limit: the headers, in lower case, that tell of it. */
export interface Bucket {
  /** The header that tells how much is left. One that is there and is not 0 says that this bucket is not the one. */
  readonly remaining: string
  /** The header that tells when it is filled: a duration, seconds or milliseconds since the epoch, or a date. */
  readonly reset: string
}

/** An event of a stream; all that the pattern says has to hold. */
export interface EventPattern {
  /** The name of the event, or the `type` in its data. */
  readonly type?: string
  /** The only field that the data has; with `*` in front, how its name ends: an object stands in it then. */
  readonly only?: string
  /**
   * Fields of the data by their path (`choices.0.finish_reason`): the text that one holds, with `*` behind it how that begins
   * (`*` alone is any text), `true` for one that is there, `false` for one that is not. The first decides which events are
   * parsed at all: name one that events seldom have.
   */
  readonly fields?: Readonly<Record<string, string | boolean>>
}

/** How errors of an SDK look, and the paths in them to what is known of the response. */
export interface SdkShape {
  /** Properties that all of them have themselves, whatever the value. */
  readonly fields: readonly string[]
  /** Properties that none of them has. */
  readonly without?: readonly string[]
  /** True if a generator makes clients of many services that fail in this shape: an address that was called decides then. */
  readonly isGenerated?: boolean
  /** Paths, such as `rawResponse.headers`. */
  readonly status: string
  readonly body: string
  readonly headers?: string
  readonly url?: string
  readonly requestId?: string
}

/** Where error bodies hold what others hold in `error`, `code` and `message`. */
export interface BodyShape {
  /** Fields whose object has code, status and message. */
  readonly parts?: readonly string[]
  /** Fields that are codes by being there. */
  readonly marks?: readonly string[]
  /** Paths to a message that says more than the one beside it. */
  readonly messages?: readonly string[]
  /** Ends of names of fields that are a code, with the error as their value: `{ throttlingException: { message } }`. */
  readonly keyed?: readonly string[]
}

/** What is particular about a provider. One that follows OpenAI's shape needs a name and a host. */
export interface Provider {
  /** Display name: the `origin` of its failures. */
  readonly name: string
  /** Other names under which callers may give it; case, spaces, `_` and `-` do not matter in any of them. */
  readonly ids?: readonly string[]
  /** Hosts that it responds on, with one `*` at most in each. */
  readonly hosts?: readonly string[]
  /** Machine codes that decide, whatever the HTTP status they come with. */
  readonly codes?: Codes
  /** Machine codes of a quota used up or a bill not paid: a 429 that waiting does not cure, else a 401. */
  readonly exhausted?: readonly string[]
  /** Exceptions to the general rule from the provider's HTTP status to the contract's. */
  readonly statuses?: Readonly<Record<number, ErrorCode>>
  /** Fixed messages, for what neither code nor status tells. */
  readonly sentences?: readonly Sentence[]
  /**
   * How its API keys begin. With a `*` behind it, words, names of models or of variables begin so as well: what follows has
   * to look like a key.
   */
  readonly keys?: readonly string[]
  /** Names of the classes of its SDK's errors; a class that others derive from is enough. */
  readonly classes?: readonly string[]
  /** How its SDK's errors look, where that is the SDK's alone. Errors of its `classes` are of calls then without exception. */
  readonly sdk?: SdkShape
  /** Where its error bodies say things in fields of their own. */
  readonly body?: BodyShape
  /** Headers with its id of the request, in lower case, the preferred one first. */
  readonly requestIdHeaders?: readonly string[]
  /** Buckets of its rate limits. */
  readonly buckets?: readonly Bucket[]
  /** Events by which it says inside a stream that it failed. */
  readonly errorEvents?: readonly EventPattern[]
}
