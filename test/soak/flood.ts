/** Sources that could give hundreds of megabytes at once, and count what is taken of them. */
import { Readable } from 'node:stream'
import OpenAI from 'openai'
import type { EventSource } from '../../plugin/index.js'
import { piece } from './stream-plan.js'

/** Bytes of text that were taken of the sources of this process. */
export const produced = { bytes: 0 }

function take (): typeof piece {
  produced.bytes += piece.text.length
  // a string of its own each time: what is shared costs nothing to keep
  return { text: Buffer.from(piece.text).toString() }
}

async function * generator (events: number): AsyncGenerator<unknown> {
  for (let n = 0; n < events; n++) yield take()
}

/** @param provider the address of the stand-in */
export function floodsFrom (provider: string): Readonly<Record<string, (events: number) => EventSource>> {
  const openai = new OpenAI({ apiKey: 'key', baseURL: `${provider}/flood`, maxRetries: 0 })
  return {
    generator,
    node: events => {
      let n = 0
      return new Readable({ objectMode: true, read () { this.push(n++ < events ? take() : null) } })
    },
    web: events => {
      let n = 0
      return new ReadableStream({ pull: controller => { n++ < events ? controller.enqueue(take()) : controller.close() } })
    },
    function: events => () => generator(events),
    bytes: events => async signal =>
      (await fetch(`${provider}/flood`, { method: 'POST', body: JSON.stringify({ model: String(events) }), signal })).body!,
    openai: events => async signal => openai.chat.completions.create({
      model: String(events), messages: [], stream: true
    }, { signal }) as PromiseLike<AsyncIterable<unknown>>
  }
}
