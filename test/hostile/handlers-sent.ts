/** Handlers that send a response by hand: an error response in another shape or in the contract's, twice, and good ones. */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { inTurns, key, secret, type Expected, type Handler } from './handler.js'

const page = '<html><body><h1>Bad gateway</h1></body></html>'

const contract = (code: number, type: string, message: string): object => ({ detail: { type, message, code, origin: 'Groq' } })

const sent = (status: number, code: number): Expected => ({ is: 'sent', status, code })

const errors: ReadonlyArray<readonly [name: string, send: (reply: FastifyReply) => unknown, expects: Expected]> = [
  ['an object with 404', reply => reply.code(404).send({ message: 'No such thing.' }), sent(404, 404)],
  ['an object with 418', reply => reply.code(418).send({ error: 'teapot', stack: [] }), sent(418, 400)],
  ['a string with 403', reply => reply.code(403).send('Not yours.'), sent(403, 401)],
  ['HTML with 502', reply => reply.code(502).type('text/html').send(page), sent(502, 503)],
  ['a Buffer with 410', reply => reply.code(410).send(Buffer.from('Gone.')), sent(410, 404)],
  ['bytes that are no text with 500', reply => reply.code(500).send(Buffer.from([0, 255, 254])), sent(500, 500)],
  ['nothing with 401', reply => reply.code(401).send(), sent(401, 401)],
  ['null with 404', reply => reply.code(404).send(null), sent(404, 404)],
  ['JSON text with 409', reply => reply.code(409).type('application/json').send('{"message":"Twice."}'), sent(409, 422)],
  ['the contract', reply => reply.code(429).send(contract(429, 'rate_limit_error', 'Slower.')), sent(429, 429)],
  [
    'the contract as text',
    reply => reply.code(503).type('application/json').send(JSON.stringify(contract(503, 'service_unavailable_error', 'Down.'))),
    sent(503, 503)
  ],
  ['the contract of another status', reply => reply.code(404).send(contract(429, 'rate_limit_error', 'Slower.')), sent(404, 404)],
  ['the contract with a key in it', reply => reply.code(401).send(contract(401, 'authentication_error', `bad key ${key}`)), sent(401, 401)],
  ['an object with a key in it', reply => reply.code(400).send({ message: `bad key ${key}` }), sent(400, 400)],
  ['a string with a key in it', reply => reply.code(422).send(`bad key ${key}`), sent(422, 422)],
  ['100 KB of text with 500', reply => reply.code(500).send(secret.repeat(3000)), sent(500, 500)],
  [
    'an object with headers of its content',
    reply => reply.code(404).headers({ etag: '"1"', 'content-disposition': 'attachment', 'content-length': '3' }).send({ message: 'No.' }),
    sent(404, 404)
  ],
  ['bytes that say they are gzip', reply => reply.code(404).header('content-encoding', 'gzip').send(Buffer.from('abc')), sent(404, 404)],
  ['a BigInt', reply => reply.code(400).send({ message: 'Big.', n: 1n }), { is: 'either', codes: [400, 500] }],
  [
    'an object with a trailer',
    reply => reply.trailer('x-sum', (_reply, _payload, done) => { done(null, '1') }).code(404).send({ message: 'No.' }), sent(404, 404)
  ]
]

const big = 'z'.repeat(3 * 1024 * 1024)

const successes: ReadonlyArray<readonly [name: string, send: (reply: FastifyReply) => unknown, expects: Expected]> = [
  ['an object', reply => reply.send({ fine: true }), { is: 'success', status: 200, body: '{"fine":true}' }],
  ['text', reply => reply.send('fine'), { is: 'success', status: 200, body: 'fine' }],
  ['204', reply => reply.code(204).send(), { is: 'success', status: 204, body: '' }],
  ['a redirect', reply => reply.redirect('/good'), { is: 'success', status: 302, body: '' }],
  ['304', reply => reply.code(304).header('etag', '"1"').send(), { is: 'success', status: 304, body: '' }],
  ['3 MiB', reply => reply.send(big), { is: 'success', status: 200, body: big }],
  [
    'with a trailer', reply => reply.trailer('x-sum', (_reply, _payload, done) => { done(null, '1') }).send('fine'),
    { is: 'success', status: 200, body: 'fine' }
  ]
]

export const sentHandlers: readonly Handler[] = [
  ...[...errors, ...successes].flatMap(([name, send, expects]): Handler[] => [
    { name: `sends ${name}`, expects, run: (_request, reply) => { send(reply) } },
    { name: `sends ${name} after a turn`, expects, run: async (_request, reply) => { await setImmediate(); send(reply); return reply } }
  ]),
  {
    name: 'returns an object with 404',
    expects: sent(404, 404),
    run: async (_request, reply) => { reply.code(404); return { message: 'No.' } }
  },
  {
    name: 'sends an object with 404 and goes on for a turn',
    expects: sent(404, 404),
    run: async (_request, reply) => { reply.code(404).send({ message: 'No.' }); await setImmediate() }
  },
  { name: 'returns an object', expects: { is: 'success', status: 200, body: '{"fine":true}' }, run: async () => ({ fine: true }) },
  { name: 'returns a Response', expects: { is: 'success', status: 200, body: 'fine' }, run: async () => new Response('fine') },
  {
    name: 'returns a stream',
    expects: { is: 'success', status: 200, body: 'abc' },
    run: async (_request, _reply, part) => part.stream(inTurns(['a', 'b', 'c']))
  },
  {
    name: 'returns a stream of 3 MiB',
    expects: { is: 'success', status: 200, body: big },
    run: async (_request, _reply, part) => part.stream(Readable.from(big.match(/z{65536}/g)!))
  },
  {
    name: 'returns a stream that breaks',
    expects: { is: 'cut' },
    run: async (_request, _reply, part) => part.stream(inTurns(['a', 'b'], 'error'))
  },
  {
    name: 'returns a stream that is silent',
    expects: { is: 'cut' },
    waits: true,
    run: async (_request, _reply, part) => part.stream(inTurns(['a', 'b'], 'silence'))
  },
  {
    name: 'waits for its client to go',
    expects: { is: 'cut' },
    waits: true,
    run: async (_request, reply, part) => { await part.untilGone; return reply }
  },

  {
    name: 'sends an error twice',
    expects: { is: 'either', codes: [404, 422] },
    run: async (_request, reply) => { reply.code(404).send({ message: 'No.' }); reply.code(409).send({ message: 'Twice.' }) }
  },
  {
    name: 'sends an error, and success behind it',
    expects: { is: 'either', codes: [404, 200] },
    run: (_request, reply) => { reply.code(404).send('No.'); reply.code(200).send('fine') }
  },
  {
    name: 'sends success, and an error behind it',
    expects: { is: 'either', codes: [200, 404] },
    run: (_request, reply) => { reply.send({ fine: true }); reply.code(404).send({ message: 'No.' }) }
  },
  {
    name: 'sends an Error twice',
    expects: { is: 'either', codes: [500] },
    run: async (_request, reply) => { reply.send(new Error(secret)); reply.send(new Error(secret)) }
  },
  {
    name: 'sends an error and throws',
    expects: { is: 'either', codes: [404, 500] },
    run: async (_request, reply) => { reply.code(404).send({ message: 'No.' }); throw new Error(secret) }
  },
  {
    name: 'sends an error and throws a turn later',
    expects: { is: 'either', codes: [404, 500] },
    run: async (_request, reply) => { reply.code(404).send({ message: 'No.' }); await setImmediate(); throw new Error(secret) }
  },
  {
    name: 'sends success and throws',
    expects: { is: 'either', codes: [200, 500] },
    run: async (_request, reply) => { reply.send({ fine: true }); throw new Error(secret) }
  },
  {
    name: 'sends text and throws, no promise',
    expects: { is: 'either', codes: [200, 500] },
    run: (_request, reply) => { reply.send('fine'); throw new Error(secret) }
  },
  {
    name: 'sends an Error and throws',
    expects: { is: 'either', codes: [500] },
    run: async (_request, reply) => { reply.send(new Error(secret)); throw new Error(secret) }
  },
  {
    name: 'sends an Error and returns an object',
    expects: { is: 'either', codes: [200, 500] },
    run: async (_request, reply) => { reply.send(new Error(secret)); return { fine: true } }
  },
  {
    name: 'sends a stream with 500 and throws',
    expects: { is: 'either', codes: [500] },
    run: async (_request, reply, part) => { reply.code(500).send(part.stream(inTurns(['a', 'b']))); throw new Error(secret) }
  },
  {
    name: 'sends a stream with 500, and another error',
    expects: { is: 'either', codes: [500, 404] },
    run: async (_request, reply, part) => {
      reply.code(500).send(part.stream(inTurns(['a', 'b'])))
      await setImmediate()
      reply.code(404).send('No.')
    }
  }
]
