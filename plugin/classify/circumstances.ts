/** What may be known of a thrown value, beside the value itself. */
import type { Registry } from '../providers/index.js'

export interface AttributionOptions {
  /** The model provider that was called, by name or id, where the caller knows it: see `withOrigin`. */
  origin?: string | undefined
}

/** What else may be known of a thrown value. */
export interface Circumstances extends AttributionOptions {
  /** The providers that are known where it was thrown. Default: those of the package. */
  registry?: Registry | undefined
  /** The status that the reply had, for an error that states none. */
  replyStatus?: number | undefined
  /** The body of the answer that the error carries unread. */
  unread?: string | undefined
  /** The host of the failing call, where it was followed: see `detectOrigin`. */
  hostOfFailure?: ((status: number | undefined) => string | undefined) | undefined
}
