/** What a stand-in sends with a 200: a completion, whole or piece by piece, as far as it goes. */
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type { Tokens, Wire, WireRequest } from './wire.js'

/** Between two pieces, in milliseconds. */
const pace = 20

/** How many pieces come of a completion that breaks off. */
const piecesBeforeBreak = 3

/** How a completion breaks off: with an error of a type, with its connection, or with silence. */
export interface Break {
  way: 'error' | 'cut' | 'stall'
  type: string
}

/** The break that a model stands for; undefined for one that goes through. */
export function breakOf (model: string): Break | undefined {
  const match = /^error-(?:(cut|stall)|midstream-(\w{1,64}))$/.exec(model)
  if (match === null) return undefined
  const [, way = 'error', type = ''] = match
  return { way: way as Break['way'], type }
}

/** @throws where the connection is to be cut */
export async function sendCompletion (response: ServerResponse, ...what: Parameters<typeof streamed>): Promise<void> {
  const [, { model, stream }] = what
  const { headers, contentType, parts } = stream ? streamed(...what) : whole(...what)
  response.writeHead(200, { 'content-type': contentType, ...headers })
  await pipeline(Readable.from(paced(parts, breakOf(model))), response)
}

interface Sending {
  headers: Record<string, string>
  contentType: string
  parts: Iterable<string>
}

function streamed (wire: Wire, call: WireRequest, output: string, tokens: Tokens): Sending {
  const { headers, begin, piece, end } = wire.stream(call, tokens)
  const breaks = breakOf(call.model)
  function * parts (): Generator<string> { // one by one: events are many times as long as their texts
    yield begin
    for (const text of output.split(/(?<=\s)(?=\S)/).slice(0, breaks === undefined ? undefined : piecesBeforeBreak)) yield piece(text)
    if (breaks === undefined) yield end
    else if (breaks.way === 'error') yield wire.inside(breaks.type).event
  }
  return { headers, contentType: 'text/event-stream', parts: parts() }
}

function whole (wire: Wire, call: WireRequest, output: string, tokens: Tokens): Sending {
  const { headers, body } = wire.completion(call, output, tokens)
  const breaks = breakOf(call.model)
  const text = JSON.stringify(breaks?.way === 'error' ? wire.inside(breaks.type).body : body)
  return {
    headers,
    contentType: 'application/json',
    parts: breaks === undefined || breaks.way === 'error' ? [text] : [text.slice(0, text.length / 2)]
  }
}

async function * paced (parts: Iterable<string>, breaks: Break | undefined): AsyncGenerator<string> {
  for (const part of parts) {
    yield part
    await setTimeout(pace)
  }
  if (breaks?.way === 'cut') throw new Error('The connection is cut here.')
  if (breaks?.way === 'stall') await new Promise(() => {})
}
