/** The hooks of users: each at one place, and what they do to the response at the most. */
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { inTurns, key, secret } from './handler.js'

export const hookKinds = [
  'onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onError', 'onResponse', 'onTimeout',
  'onRequestAbort'
] as const
export type HookKind = typeof hookKinds[number]

/** `reply` is undefined in `onRequestAbort`; `value` is the payload, or the error of `onError`. */
export interface Occasion { readonly request: FastifyRequest, readonly reply: FastifyReply, readonly value: unknown }

type Done = (error?: unknown, value?: unknown) => void

export interface Hook {
  readonly name: string
  readonly kind: HookKind
  /** Nothing, or headers only; it fails; it changes status or payload, or sends a response of its own. */
  readonly effect: 'none' | 'fails' | 'changes'
  /** Returns a promise, or calls back. */
  readonly run: (occasion: Occasion, done: Done) => unknown
}

export const withStatus = (statusCode: number): Error => Object.assign(new Error(`Status ${statusCode}.`), { statusCode })

type Row = readonly [name: string, effect: Hook['effect'], run: Hook['run']]

const before: readonly HookKind[] = ['onRequest', 'preParsing', 'preValidation', 'preHandler']
const leaving: readonly HookKind[] = ['preSerialization', 'onSend']
const told: readonly HookKind[] = ['onError', 'onResponse', 'onTimeout', 'onRequestAbort']

const passes: Row = ['waits for a turn', 'none', async ({ value }) => { await turn(); return value }]

const failures: readonly Row[] = [
  ['throws', 'fails', () => { throw new Error(secret) }],
  ['rejects', 'fails', async () => { throw new Error(`${secret} ${key}`) }],
  ['rejects after a turn', 'fails', async () => { await turn(); throw new Error(secret) }],
  ['calls back with an error', 'fails', (_occasion, done) => { done(new Error(secret)) }],
  ['calls back with an error after a turn', 'fails', (_occasion, done) => { setImmediate(() => done(new Error(secret))) }],
  ['rejects with a status', 'fails', async () => { throw withStatus(409) }],
  ['rejects with null', 'fails', async () => { const nothing: unknown = null; throw nothing }]
]

const changes: readonly Row[] = [
  [
    'sets etag and disposition',
    'none',
    ({ reply, value }, done) => {
      reply.headers({ etag: '"h"', 'content-disposition': 'attachment', 'last-modified': 'x' })
      done(null, value)
    }
  ],
  ['sets transfer-encoding', 'none', ({ reply, value }, done) => { reply.header('transfer-encoding', 'chunked'); done(null, value) }],
  ['sets a trailer', 'none', ({ reply, value }, done) => {
    if (!reply.hasTrailer('x-sum')) reply.trailer('x-sum', (_reply, _payload, done) => { done(null, '1') })
    done(null, value)
  }],
  ['sets a header of its app', 'none', ({ reply, value }, done) => { reply.header('x-app', 'a'); done(null, value) }],
  ['sets an illegal header', 'fails', ({ reply, value }, done) => { reply.header('x-odd', 'a\nb'); done(null, value) }],
  ['sets 418', 'changes', ({ reply, value }, done) => { reply.code(418); done(null, value) }],
  ['sets 503 after a turn', 'changes', async ({ reply, value }) => { await turn(); reply.code(503); return value }],
  ['sets 200', 'changes', ({ reply, value }, done) => { reply.code(200); done(null, value) }]
]

const replies: readonly Row[] = [
  ['sends 403', 'changes', async ({ reply }) => reply.code(403).send({ message: 'Not for you.' })],
  ['sends 403 after a turn', 'changes', async ({ reply }) => { await turn(); return reply.code(403).send('Not for you.') }],
  ['sends success', 'changes', ({ reply }) => { reply.send('of the hook') }],
  [
    'sends a long stream with 500', 'changes',
    ({ reply }) => { reply.code(500).send(Readable.from(Array.from({ length: 12 }, () => 'x'.repeat(11_000)))) }
  ]
]

const payloads: readonly Row[] = [
  ['makes it null', 'changes', async () => null],
  ['makes it a string', 'changes', async () => 'of the hook'],
  ['makes it a Buffer', 'changes', (_occasion, done) => { done(null, Buffer.from('of the hook')) }],
  ['makes it larger', 'changes', async ({ value }) => typeof value === 'string' ? value + ' '.repeat(100_000) : value],
  ['makes it a stream', 'changes', async ({ value }) => typeof value === 'string' ? Readable.from([value]) : value],
  ['makes it a long stream', 'changes', async () => Readable.from(Array.from({ length: 12 }, () => 'x'.repeat(11_000)))],
  ['makes it a stream that breaks', 'changes', async () => inTurns(['a'], 'error')]
]

const at = (kinds: readonly HookKind[], rows: readonly Row[]): Hook[] =>
  kinds.flatMap(kind => rows.map(([name, effect, run]) => ({ name: `${kind} ${name}`, kind, effect, run })))

/** Where a hook only hears of what has happened, its failure is no response. */
const heard = at(told, [passes, ...failures]).map(hook => ({ ...hook, effect: 'none' as const }))

/** A payload that is an object cannot be a stream or a Buffer before it is serialized. */
const asObject: readonly Row[] = [['makes it another object', 'changes', async () => ({ message: 'of the hook', fine: true })]]

export const hooks: readonly Hook[] = [
  ...at([...before, ...leaving], [passes, ...failures, ...changes]),
  ...at(before, replies),
  ...at(['onSend'], payloads),
  ...at(['preSerialization'], asObject),
  ...heard
]
