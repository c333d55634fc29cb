/** Clients of HTTP/2, in clear text. */
import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { longestMs, patienceMs, type Call, type Client, type Request } from './client.js'
import type { Response } from './wire.js'

interface Script {
  readonly leaves?: boolean
  readonly aborts?: true
  /** How many requests at once. */
  readonly times?: number
  /** Does something about the streams that were opened; where it returns, their ends are waited for, unless the client has left. */
  readonly play?: (streams: readonly ClientHttp2Stream[], session: ClientHttp2Session, call: Call) => Promise<void> | void
}

const reset = (streams: readonly ClientHttp2Stream[]): void => { for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL) }

const heard = async ({ run }: Call): Promise<void> => run.arrived(AbortSignal.timeout(patienceMs))

const scripts: Readonly<Record<string, Script>> = {
  'patient, for one response': {},
  'three requests at once': { times: 3 },
  'resets the stream at once': { leaves: true, play: reset },
  'resets the stream when it was heard': { leaves: true, play: async (streams, _session, call) => { await heard(call); reset(streams) } },
  'resets the stream at the head': { leaves: true, play: async streams => { await headOf(streams[0]!); reset(streams) } },
  'leaves when it was heard': { leaves: true, play: async (_streams, session, call) => { await heard(call); session.destroy() } },
  'leaves at the head': { leaves: true, play: async (streams, session) => { await headOf(streams[0]!); session.destroy() } },
  'resets the stream in its upload': {
    leaves: true, aborts: true, play: async (streams, _session, call) => { await heard(call); reset(streams) }
  },
  'leaves in its upload': { leaves: true, aborts: true, play: async (_streams, session, call) => { await heard(call); session.destroy() } }
}

async function headOf (stream: ClientHttp2Stream): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs)
  await Promise.race([once(stream, 'response', { signal }), once(stream, 'close', { signal })]).catch(() => {}) // one that fails is closed
}

function open (session: ClientHttp2Session, { method, path, contentType, body }: Request, aborts: boolean): ClientHttp2Stream {
  const stream = session.request({
    ':method': method, ':path': path, ...method === 'POST' && { 'content-type': contentType }
  }, { endStream: method !== 'POST' })
  if (method === 'POST' && aborts) stream.write(body.slice(0, 1024))
  else if (method === 'POST') stream.end(body)
  return stream
}

/** What comes of a stream; undefined where there is no head. */
async function responseOf (stream: ClientHttp2Stream, isHead: boolean): Promise<Response | undefined> {
  let fields: (IncomingHttpHeaders & { ':status'?: number | undefined }) | undefined
  const chunks: Buffer[] = []
  let hasEnded = false
  stream.on('response', headers => { fields = headers })
  stream.on('data', chunk => { chunks.push(chunk) })
  stream.on('end', () => { hasEnded = true })
  stream.on('error', () => {}) // 'close' follows
  if (!stream.destroyed) await once(stream, 'close').catch(() => {}) // with its error
  if (fields === undefined) return undefined
  const { ':status': status = 0, ...headers } = fields
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [
    name, Array.isArray(value) ? value.join(', ') : String(value)
  ]))
  const body = Buffer.concat(chunks)
  const isWhole = hasEnded && stream.rstCode === constants.NGHTTP2_NO_ERROR &&
    (isHead || body.length === Number(headers['content-length'] ?? body.length))
  return { status, reason: '', headers: texts, body, isWhole }
}

export const http2Clients: readonly Client[] = Object.entries(scripts).map(([name, { leaves = false, aborts, times = 1, play }]) => ({
  name,
  protocol: 'h2',
  leaves,
  ...aborts && { aborts },
  async call (call) {
    const session = connect(`http://127.0.0.1:${call.port}`)
    session.on('error', () => {}) // of a session that is destroyed
    let isLate = false
    const timer = setTimeout(() => { isLate = true; session.destroy() }, longestMs)
    session.once('connect', (_session, socket) => { call.run.ports.add((socket as Socket).localPort!) })
    const streams = Array.from({ length: times }, () => open(session, call.request, aborts === true))
    const coming = streams.map(async stream => responseOf(stream, call.request.method === 'HEAD'))
    await play?.(streams, session, call)
    const responses = await Promise.all(coming)
    clearTimeout(timer)
    session.destroy()
    const came = responses.filter(response => response !== undefined)
    const text = came.map(({ status, headers, body }) => `${status} ${JSON.stringify(headers)}\n${body.subarray(0, 500).toString()}`)
      .join('\n')
    return { responses: came, asked: streams.map(() => 'target'), violations: [], hasLeft: leaves, isLate, text }
  }
}))
