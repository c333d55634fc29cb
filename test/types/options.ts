/** Each interface of options has the fields of its schema, with the same types. Compiled, never run: it does not compile if they drift. */
import type { Static, TSchema } from '@sinclair/typebox'
import type { serverOptionsSchema, ServerOptionsOptions } from '../../plugin/exits/server-options.js'
import type { HumanloopErrorsOptions, optionsSchema } from '../../plugin/options.js'
import type { errorReferenceSchema, ErrorReferenceOptions } from '../../plugin/reference/options.js'
import type { sendEventsSchema, SendEventsOptions } from '../../plugin/stream/index.js'
import type { errorContractSchema, ErrorContractOptions } from '../../plugin/testing/options.js'

/** All fields, none of which may be undefined. */
type Fields<Options> = { [Name in keyof Options]-?: Exclude<Options[Name], undefined> }

type Fits<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false

/** True if an interface takes the options that a schema takes, and no others. */
type Same<Options, Schema extends TSchema> = Fits<Fields<Options>, Fields<Static<Schema>>>

export const same: [
  Same<HumanloopErrorsOptions, typeof optionsSchema>,
  Same<ErrorReferenceOptions, typeof errorReferenceSchema>,
  Same<ErrorContractOptions, typeof errorContractSchema>,
  Same<SendEventsOptions, typeof sendEventsSchema>,
  Same<ServerOptionsOptions, typeof serverOptionsSchema>
] = [true, true, true, true, true]

interface More extends ErrorReferenceOptions { more?: string }
interface Wider extends Omit<ErrorReferenceOptions, 'title'> { title?: string | number }

export const drifted: [
  Same<More, typeof errorReferenceSchema>,
  Same<Omit<ErrorReferenceOptions, 'title'>, typeof errorReferenceSchema>,
  Same<Wider, typeof errorReferenceSchema>
] = [false, false, false]
