/** The body of an answer: the events of a source as text; after a failure, one last frame that says so. */
import { Readable } from 'node:stream'
import type { ErrorDetail } from '../../schemas/envelope.js'
import { safeError } from '../log/safe-error.js'
import { providerEvents, type Decoder } from './bytes.js'
import type { Dialect } from './dialects.js'
import { eventOf, isTerminal, type Event } from './event.js'
import { Reading, type Source } from './source.js'

/** Who makes errors of what goes wrong. */
export interface Failures {
  /** For an item that cannot be sent. */
  readonly unfit: (thrown: unknown) => unknown
  /** For an event of the source; undefined where it is not itself an error. */
  readonly told: (event: Event) => Error | undefined
  /** For bytes that end within an event. */
  readonly cut: () => Error
  /** For whatever failed after the first event: called once, for the four fields of the last frame. */
  readonly begun: (thrown: unknown) => Promise<ErrorDetail>
}

/** What is collected at most before it is handed on, in UTF-16 code units: as much as a socket takes. */
const mostText = 16 * 1024

export class EventStream extends Readable {
  readonly #reading: Reading
  readonly #dialect: Dialect
  readonly #failures: Failures
  #decoder: Decoder | undefined
  /** What is in the bytes that came last and has not been sent. */
  #items: Iterator<unknown> | undefined
  #first: Event | undefined
  #last: Event | undefined
  /**
   * Frames that go out with this turn of the event loop, together: Node sends nothing before its end anyway, and one chunk
   * costs a tenth of ten.
   */
  #text = ''
  /** Tells that the first event is there, or what failed before it; undefined from then on. */
  #begun: { readonly resolve: () => void, readonly reject: (thrown: unknown) => void } | undefined
  #pumping = false
  /** The reader takes no more for now. */
  #full = false
  /** The last of it was handed on, or something failed. */
  #over = false

  /** @param idleTimeout milliseconds that the source may be silent */
  constructor (source: Source, idleTimeout: number | undefined, dialect: Dialect, failures: Failures) {
    super({ objectMode: true, highWaterMark: 1 })
    this.#reading = new Reading(source, idleTimeout, silence => this.#fail(silence))
    this.#dialect = dialect
    this.#failures = failures
  }

  /**
   * Waits for the first event, or the end.
   *
   * @throws what fails before it
   */
  async begin (): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#begun = { resolve, reject }
      this.#pump().catch(this.#cut)
    })
  }

  override _read (): void {
    this.#full = false
    if (!this.#pumping) this.#pump().catch(this.#cut)
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.#over = true
    this.#reading.release()
    done(error)
  }

  /** Takes what comes for as long as the reader keeps up; then it is called again. */
  async #pump (): Promise<void> {
    this.#pumping = true
    try {
      while (!this.#full && !this.#over) {
        if (this.#items === undefined) {
          const { done, value } = await this.#reading.next()
          if (this.#over) return
          if (done === true) this.#finish()
          else this.#take(value)
        } else {
          this.#sendItems(this.#items)
        }
      }
    } catch (thrown) {
      this.#fail(thrown)
    }
    this.#pumping = false
    this.#reading.waits = false
  }

  #take (item: unknown): void {
    this.#releasing(() => {
      if (!(item instanceof Uint8Array)) return this.#send(item)
      this.#decoder ??= providerEvents()
      this.#items = this.#decoder.decode(item)[Symbol.iterator]()
    })
  }

  /** One piece of bytes may hold more than the reader takes. */
  #sendItems (items: Iterator<unknown>): void {
    this.#releasing(() => {
      while (!this.#full && !this.#over) {
        const { done, value } = items.next()
        if (done === true) {
          this.#items = undefined
          return
        }
        this.#send(value)
      }
    })
  }

  /** Does something with what the source gave; where that fails, the source itself has not, and is released. */
  #releasing (work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.#reading.release()
      throw thrown
    }
  }

  #send (item: unknown): void {
    const event = this.#eventOf(item)
    this.#reading.waits = false
    this.#first ??= event
    this.#last = event
    if (this.#text === '') process.nextTick(flush, this)
    this.#text += this.#dialect.frame(event)
    if (this.#text.length >= mostText) this.flush()
    this.#begun?.resolve()
    this.#begun = undefined
    if (!this.#dialect.ends(event)) return
    this.#reading.release()
    this.#end()
  }

  /** @throws what the event says where it is an error */
  #eventOf (item: unknown): Event {
    let event
    try {
      event = eventOf(item)
    } catch (thrown) {
      throw this.#failures.unfit(thrown)
    }
    const error = this.#failures.told(event)
    if (error !== undefined) throw error
    return event
  }

  /** Hands on what was collected. */
  flush (): void {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#full = !this.push(text)
  }

  /** The source has ended by itself. */
  #finish (): void {
    this.#reading.close()
    if (this.#reading.wasAborted) throw new DOMException('The call was aborted.', 'AbortError')
    const rest = this.#last !== undefined && isTerminal(this.#last) ? undefined : this.#decoder?.rest()
    if (rest !== undefined) {
      if (!rest.isWhole(this.#eventOf(rest.item))) throw this.#failures.cut()
      this.#send(rest.item)
    }
    this.#begun?.resolve()
    this.#begun = undefined
    this.#end()
  }

  #end (): void {
    this.#over = true
    this.flush()
    this.push(null)
  }

  #fail (thrown: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#reading.close()
    if (this.#begun !== undefined) return this.#begun.reject(thrown)
    this.#failures.begun(thrown).then(detail => {
      this.#text += this.#dialect.error(detail, { first: this.#first!, last: this.#last! })
      this.#end()
    }).catch(this.#cut)
  }

  /**
   * Ends without a last frame, where none can be made: that the response is cut tells. Fastify logs what it is given as it
   * stands, with all that hangs on it.
   */
  readonly #cut = (thrown: unknown): void => {
    this.destroy(new Error(`reply.sendEvents: no last frame could be made: ${safeError(thrown).message}`))
  }
}

function flush (stream: EventStream): void {
  stream.flush()
}
