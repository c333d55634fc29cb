/** Handlers that send an error response whose body is a stream, short or long, whole or broken. */
import { PassThrough, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { request as undiciRequest } from 'undici'
import { inTurns, secret, type Expected, type Handler, type Part } from './handler.js'

const piece = 'inner page '.repeat(1000)
const long = Array.from({ length: 12 }, () => piece) // about 130 KB

const sent = (status: number, code: number): Expected => ({ is: 'sent', status, code })

function filled (chunks: readonly string[]): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1 << 20 })
  for (const chunk of chunks) stream.write(chunk)
  return stream.end()
}

function pushedAtOnce (chunks: readonly string[]): Readable {
  return new Readable({
    read () {
      for (const chunk of chunks) this.push(chunk)
      this.push(null)
    }
  })
}

type Row = readonly [name: string, stream: (part: Part) => Readable | ReadableStream, status: number, code: number, needsGuard?: true]

const streams: readonly Row[] = [
  ['a short Readable.from', part => part.stream(Readable.from(['Do', 'wn.'])), 503, 503],
  ['a long Readable.from', part => part.stream(Readable.from(long)), 500, 500],
  ['one long chunk', part => part.stream(Readable.from([Buffer.from(long.join(''))])), 404, 404],
  ['a filled PassThrough', part => part.stream(filled(long)), 502, 503],
  ['a Readable that pushes all at once', part => part.stream(pushedAtOnce(long)), 500, 500],
  ['a Readable that pushes in turns', part => part.stream(inTurns(long)), 418, 400],
  ['an empty stream', part => part.stream(Readable.from([])), 500, 500],
  ['a short web stream', part => part.webStream(['No', 'thing.']), 404, 404],
  ['a long web stream', part => part.webStream(long), 500, 500],
  ['a web stream that breaks', part => part.webStream(['a', 'b'], 'error'), 500, 500, true],
  ['a web stream that is silent', part => part.webStream(['a', 'b'], 'silence'), 500, 500, true],
  ['a stream that breaks at once', part => part.stream(inTurns([], 'error')), 500, 500, true],
  ['a stream that breaks midway', part => part.stream(inTurns(['a', 'b'], 'error')), 502, 503, true],
  ['a long stream that breaks midway', part => part.stream(inTurns(long, 'error')), 500, 500, true],
  ['a stream that is silent', part => part.stream(inTurns(['a'], 'silence')), 503, 503, true],
  ['a stream without an end', part => part.stream(new Readable({ read () { this.push(piece) } })), 500, 500, true]
]

const pages: ReadonlyArray<readonly [name: string, query: string, status: number, code: number, needsGuard?: true]> = [
  ['a small page of 404', 'status=404&bytes=60', 404, 404],
  ['a page of 100 KB of 502', 'status=502&bytes=100000', 502, 503],
  ['a page with headers of its hop', 'status=503&bytes=60&hop', 503, 503],
  ['a long page with headers of its hop', 'status=500&bytes=100000&hop', 500, 500],
  ['a page that is cut', 'status=500&bytes=2000&then=cut', 500, 500, true],
  ['a page that is never done', 'status=500&bytes=100000&then=hold', 500, 500, true]
]

export const streamHandlers: readonly Handler[] = [
  ...streams.flatMap(([name, stream, status, code, needsGuard]): Handler[] => [
    {
      name: `sends ${name} with ${status}`,
      expects: sent(status, code),
      ...needsGuard && { needsGuard },
      run: (_request, reply, part) => { reply.code(status).send(stream(part)) }
    },
    {
      name: `returns ${name} with ${status}, after a turn`,
      expects: sent(status, code),
      ...needsGuard && { needsGuard },
      run: async (_request, reply, part) => { await setImmediate(); return reply.code(status).send(stream(part)) }
    }
  ]),
  ...pages.flatMap(([name, query, status, code, needsGuard]): Handler[] => [
    {
      name: `returns fetch() of ${name}`,
      expects: sent(status, code),
      ...needsGuard && { needsGuard },
      run: async (_request, _reply, part) => fetch(part.page(query))
    },
    {
      name: `sends undici’s body of ${name}`,
      expects: sent(status, code),
      ...needsGuard && { needsGuard },
      run: async (_request, reply, part) => {
        const { statusCode, headers, body } = await undiciRequest(part.page(query))
        part.stream(body)
        return reply.code(statusCode).header('content-type', headers['content-type']).send(body)
      }
    }
  ]),
  {
    name: 'returns a Response whose body was read',
    expects: { is: 'either', codes: [404, 500] },
    run: async () => {
      const response = new Response(secret, { status: 404 })
      await response.text()
      return response
    }
  },
  {
    name: 'sends a stream with 500 that was destroyed',
    expects: sent(500, 500),
    needsGuard: true,
    run: (_request, reply, part) => { reply.code(500).send(part.stream(Readable.from(long)).destroy()) }
  },
  {
    name: 'returns fetch() of a good page',
    needsHttp1: true,
    expects: { is: 'success', status: 200, body: 'y'.repeat(100_000) },
    run: async (_request, _reply, part) => fetch(part.page('bytes=100000'))
  },
  {
    name: 'returns fetch() of a good page that is cut',
    needsHttp1: true,
    expects: { is: 'cut' },
    run: async (_request, _reply, part) => fetch(part.page('bytes=100000&then=cut'))
  }
]
