/** The body of an answer: the events of a source as text; after a failure, one last frame that says so. */
import { Readable } from 'node:stream'
import type { ErrorDetail } from '../../schemas/envelope.js'
import type { Decoder } from './bytes.js'
import type { Dialect } from './dialects.js'
import { eventOf, type Event } from './event.js'
import type { Reading } from './source.js'

/** Who makes errors of what goes wrong. */
export interface Failures {
  /** For an item that cannot be sent. */
  readonly unfit: (thrown: unknown) => unknown
  /** For an event of the source that is itself an error. */
  readonly told: (event: Event) => unknown
  /** For whatever failed after the first event: called once, for the four fields of the last frame. */
  readonly begun: (thrown: unknown) => Promise<ErrorDetail>
}

export class EventStream extends Readable {
  readonly #reading: Reading
  readonly #dialect: Dialect
  readonly #failures: Failures
  #decoder: Decoder | undefined
  /** What was decoded and is not sent yet. */
  #decoded: unknown[] = []
  #first: Event | undefined
  #last: Event | undefined
  #pumping = false

  constructor (reading: Reading, dialect: Dialect, failures: Failures) {
    super({ objectMode: true, highWaterMark: 1 }) // at most one event ahead of the reader
    this.#reading = reading
    this.#dialect = dialect
    this.#failures = failures
  }

  /**
   * Waits for the first event, or the end.
   *
   * @throws what fails before it
   */
  async begin (): Promise<void> {
    this.#send(await this.#next())
  }

  override _read (): void {
    if (!this.#pumping) this.#pump().catch((error: Error) => this.destroy(error))
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.#reading.release()
    done(error)
  }

  /** Sends what comes for as long as the reader keeps up; then it is called again. */
  async #pump (): Promise<void> {
    this.#pumping = true
    try {
      while (this.#send(await this.#next()));
    } catch (thrown) {
      await this.#fail(thrown)
    } finally {
      this.#pumping = false
    }
  }

  /** @returns undefined at the end */
  async #next (): Promise<Event | undefined> {
    while (this.#decoded.length === 0) {
      const { done, value } = await this.#item()
      if (value instanceof Uint8Array) {
        this.#decoder ??= this.#dialect.decoder()
        this.#decoded = this.#decoder.decode(value)
      } else if (done === true) {
        this.#decoded = this.#decoder?.end() ?? []
        if (this.#decoded.length === 0) return undefined
      } else {
        return this.#event(value)
      }
    }
    return this.#event(this.#decoded.shift())
  }

  async #item (): Promise<IteratorResult<unknown>> {
    try {
      const item = await this.#reading.next()
      if (item.done === true) this.#reading.close()
      return item
    } catch (thrown) {
      this.#reading.close()
      throw thrown
    }
  }

  /** @throws for what is no event, and for an event that is an error */
  #event (item: unknown): Event {
    const event = this.#textual(item)
    if (this.#dialect.fails(event)) throw this.#failures.told(event)
    return event
  }

  #textual (item: unknown): Event {
    try {
      return eventOf(item)
    } catch (thrown) {
      throw this.#failures.unfit(thrown)
    }
  }

  /** @returns whether the reader takes more */
  #send (event: Event | undefined): boolean {
    if (event === undefined || this.destroyed) {
      this.push(null)
      return false
    }
    this.#first ??= event
    this.#last = event
    const more = this.push(this.#dialect.frame(event))
    if (!this.#dialect.ends(event)) return more
    this.#end()
    return false
  }

  async #fail (thrown: unknown): Promise<void> {
    if (this.destroyed) return
    this.#reading.release()
    const detail = await this.#failures.begun(thrown)
    this.push(this.#dialect.error(detail, { first: this.#first, last: this.#last }))
    this.push(null)
  }

  #end (): void {
    this.#reading.release()
    this.push(null)
  }
}
