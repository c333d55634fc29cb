/** Sources that give some events and then are silent, and what happens to them. */
import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import type { EventSource } from '../../../plugin/index.js'

/** What happens to a source. */
export class Watch extends EventEmitter {
  readonly seen: string[] = []

  tell (what: string): void {
    this.seen.push(what)
    this.emit(what)
  }
}

/** Sources of every kind that give some items, and then nothing more. */
export const silent: Record<string, (watch: Watch, items: readonly unknown[]) => EventSource> = {
  iterator: (watch, items) => {
    const rest = [...items]
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => rest.length > 0 ? Promise.resolve({ done: false, value: rest.shift() }) : new Promise(() => {}),
        return: async () => {
          watch.tell('released')
          return new Promise(() => {}) // hangs, which is nobody's business
        }
      })
    }
  },
  'iterator whose return() throws': (watch, items) => {
    const rest = [...items]
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => rest.length > 0 ? Promise.resolve({ done: false, value: rest.shift() }) : new Promise(() => {}),
        return: () => {
          watch.tell('released')
          throw new Error('not now')
        }
      })
    }
  },
  'generator of a function that heeds its signal': (watch, items) => signal => (async function * () {
    signal.addEventListener('abort', () => { watch.tell('released') })
    yield * items
    await once(signal, 'abort')
    throw signal.reason
  })(),
  'function that has not given its source yet': (watch, items) => async signal => {
    if (items.length > 0) return silent.iterator!(watch, items) as AsyncIterable<unknown>
    await once(signal, 'abort')
    return silent.iterator!(watch, items) as AsyncIterable<unknown>
  },
  'Node stream': (watch, items) => {
    const rest = [...items]
    return new Readable({
      objectMode: true,
      read () { if (rest.length > 0) this.push(rest.shift()) },
      destroy (_error, done) {
        watch.tell('released')
        done(new Error('not now'))
      }
    })
  },
  'web stream': (watch, items) => new ReadableStream({
    start (controller) { for (const item of items) controller.enqueue(item) },
    cancel () {
      watch.tell('released')
      throw new Error('not now')
    }
  })
}
