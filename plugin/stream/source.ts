/** What events come from: anything that can be iterated, read item by item, given up on silence, released once. */
import { isObject, read } from '../classify/read.js'

type Events = AsyncIterable<unknown> | Iterable<unknown> | NodeJS.ReadableStream | ReadableStream

/**
 * An iterable, async as a rule (such as the stream of an SDK), a Node stream, a web `ReadableStream`; or a function that
 * gives one, called with a signal that is aborted as soon as nobody waits for its events any more.
 */
export type Source = Events | ((signal: AbortSignal) => Events | PromiseLike<Events>)

/** A source that was opened. */
interface Opened {
  readonly next: () => Promise<IteratorResult<unknown>>
  readonly cancel: () => unknown
}

/** The longest time that Node's timers take, in milliseconds; a longer one would fire at once. */
const longestTimeout = 2 ** 31 - 1

/** A source that is being read. */
export class Reading {
  /** Whether somebody waits for an event; the reader says when one has come. What is none, such as a comment, changes nothing. */
  waits = false
  readonly #source: Source
  readonly #idleTimeout: number | undefined
  readonly #onSilence: (silence: DOMException) => void
  #abort: AbortController | undefined
  #events: unknown
  #opened: Opened | undefined
  #over = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param idleTimeout milliseconds that an event may take
   * @param onSilence called where it takes longer; the source is released then
   */
  constructor (source: Source, idleTimeout: number | undefined, onSilence: (silence: DOMException) => void) {
    this.#source = source
    this.#idleTimeout = idleTimeout
    this.#onSilence = onSilence
  }

  /**
   * The next item.
   *
   * @throws what the source throws
   */
  next (): Promise<IteratorResult<unknown>> {
    if (!this.waits) {
      this.waits = true
      if (this.#timer !== undefined) this.#timer.refresh()
      else if (this.#idleTimeout !== undefined) this.#listen(this.#idleTimeout)
    }
    return this.#opened === undefined ? this.#first() : this.#opened.next()
  }

  /** The source is done: it ended or threw, and has released itself. */
  close (): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  /** Releases a source that is not done. What fails in it from now on concerns nobody, and it is not waited for. */
  release (): void {
    if (this.#over) return
    this.close()
    this.#abort?.abort()
    if (this.#opened === undefined) discard(this.#source)
    else cancel(this.#opened)
  }

  /** Whether the call behind the source was aborted by somebody else: streams of openai and others then end as if all were well. */
  get wasAborted (): boolean {
    return read(read(read(this.#events, 'controller'), 'signal'), 'aborted') === true
  }

  async #first (): Promise<IteratorResult<unknown>> {
    this.#events = typeof this.#source === 'function' ? await this.#source(this.#signal()) : this.#source
    this.#opened = open(this.#events)
    if (!this.#over) return this.#opened.next()
    cancel(this.#opened) // given up while the function was at work
    return { done: true, value: undefined }
  }

  #signal (): AbortSignal {
    this.#abort = new AbortController()
    return this.#abort.signal
  }

  /** One timer for all: each event winds it up, and where it fires while nobody waits, nothing is late. */
  #listen (idleTimeout: number): void {
    this.#timer = setTimeout(() => {
      if (!this.waits) return
      this.release()
      this.#onSilence(new DOMException(`No event came within ${idleTimeout} ms.`, 'TimeoutError'))
    }, Math.min(idleTimeout, longestTimeout))
  }
}

/** Releases a source that was never read. */
export function discard (source: Source): void {
  if (typeof source !== 'function') cancel({ cancel: () => open(source).cancel() })
}

/** @throws TypeError for what is no source */
function open (events: unknown): Opened {
  if (isObject(events)) {
    // before the iterator: return() of a stream's iterator waits for the item that does not come
    if (isWebStream(events)) return ofWebStream(events)
    if (isNodeStream(events)) return ofNodeStream(events)
    const [asyncIterator, iterator] = [read(events, Symbol.asyncIterator), read(events, Symbol.iterator)]
    if (typeof asyncIterator === 'function') return ofIterator(events as AsyncIterable<unknown>)
    if (typeof iterator === 'function') return ofIterator(asynchronous(events as Iterable<unknown>))
  }
  const wanted = 'an async iterable, a Node stream, a web ReadableStream, or a function that gives one'
  throw new TypeError(`reply.sendEvents: source must be ${wanted}; it is ${events === null ? 'null' : typeof events}`)
}

function isWebStream (events: object): events is ReadableStream {
  return typeof read(events, 'getReader') === 'function'
}

function isNodeStream (events: object): events is NodeJS.ReadableStream & { destroy: () => void } {
  return ['pipe', 'on', 'destroy', Symbol.asyncIterator].every(name => typeof read(events, name) === 'function')
}

function ofWebStream (stream: ReadableStream): Opened {
  const reader = stream.getReader()
  return { next: async () => reader.read() as Promise<IteratorResult<unknown>>, cancel: () => reader.cancel() }
}

function ofNodeStream (stream: NodeJS.ReadableStream & { destroy: () => void }): Opened {
  const iterator = stream[Symbol.asyncIterator]()
  stream.on('error', ignore) // the iterator tells of it; one after the end has no listener
  return { next: () => iterator.next(), cancel: () => stream.destroy() }
}

function ofIterator (events: AsyncIterable<unknown>): Opened {
  const iterator = events[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    cancel: () => {
      // streams of SDKs: return() alone waits for the item that does not come
      for (const abortable of [read(events, 'controller'), events]) { // of openai, @anthropic-ai/sdk and others; of ollama
        if (typeof read(abortable, 'abort') === 'function') (abortable as AbortController).abort()
      }
      return iterator.return?.()
    }
  }
}

async function * asynchronous (events: Iterable<unknown>): AsyncGenerator<unknown> {
  yield * events
}

/** A release that fails has nobody to tell, and one that hangs nobody who waits: the answer is at its end. */
function cancel (opened: Pick<Opened, 'cancel'>): void {
  try {
    Promise.resolve(opened.cancel()).catch(ignore)
  } catch {
    ignore()
  }
}

/** For failures that nobody is left to be told of. */
export function ignore (): void {}
