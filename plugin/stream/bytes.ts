/** Bytes of a provider's own stream, cut anywhere, as the events that are in them. */
import { isObject } from '../classify/read.js'
import { dataOf, isTerminal, type Event, type ServerSentEvent } from './event.js'

/**
 * The longest event, in UTF-16 code units: no provider's comes near. All that arrives between the first field of an event and
 * its end counts, lines that are empty or ignored as well, so that no kind of line fills the memory.
 */
const longestEvent = 16 * 1024 * 1024

/** How much is decoded at once, in bytes: as much as a socket gives. A source in memory may come as one piece of any size. */
const mostBytes = 64 * 1024

/** What a short string costs beside its text, in bytes. */
const stringCost = 32

/** Turns bytes into items. */
export interface Decoder {
  /**
   * The items that are complete with these bytes, as they are asked for.
   *
   * @throws RangeError for an event that would fill the memory
   */
  readonly decode: (bytes: Uint8Array) => Iterable<unknown>
  /** The item that had begun when the bytes ended; undefined between two items. */
  readonly rest: () => Rest | undefined
}

/** An item whose end is missing. */
interface Rest {
  readonly item: unknown
  /** True if what is there of it tells that nothing else is missing. */
  readonly isWhole: (event: Event) => boolean
}

/** The first bytes of JSON; no field of an event, and no comment, begins like one. */
const jsonBegins: ReadonlySet<number> = new Set(Buffer.from('{["-0123456789tfn'))

/** Spaces, line breaks, and a byte order mark. */
const blank: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n\uFEFF'))

/** Server-sent events or lines of JSON: which of them a provider sends, its first byte tells, whatever the clients speak. */
export function providerEvents (): Decoder {
  let decoder: Decoder | undefined
  return {
    decode: bytes => {
      if (decoder !== undefined) return decoder.decode(bytes)
      const begin = bytes.findIndex(byte => !blank.has(byte))
      if (begin === -1) return []
      decoder = jsonBegins.has(bytes[begin]!) ? jsonLines() : serverSentEvents()
      return decoder.decode(bytes.subarray(begin))
    },
    rest: () => decoder?.rest()
  }
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 * Comments are no events.
 */
function serverSentEvents (): Decoder {
  const lines = lineReader()
  let data: string[] = []
  let named: { event?: string, id?: string } = {}
  let length = 0

  function ended (): ServerSentEvent | undefined {
    const event = data.length === 0 ? undefined : { ...named, data: data.join('\n') }
    data = []
    named = {}
    length = 0
    return event
  }

  function take (line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1)
    if (name === 'data') data.push(value)
    else if (name === 'event' || name === 'id') named[name] = value
    else if (length === 0) return
    length = bounded(length + line.length + 1)
  }

  return {
    * decode (bytes) {
      for (const line of lines.take(bytes)) {
        if (line !== '') take(line)
        else if (length > 0) {
          const event = ended()
          if (event !== undefined) yield event
        }
      }
    },
    rest: () => {
      const line = lines.rest()
      if (line.trim() === '' && length === 0) return undefined
      take(line)
      // only an event that ends its protocol's stream: servers that leave out the blank line do so behind `[DONE]`, and
      // any other event may be followed by what was cut off
      return { item: ended() ?? { data: '' }, isWhole: isTerminal }
    }
  }
}

/** Lines of JSON. */
function jsonLines (): Decoder {
  const lines = lineReader()
  const isBlank = (line: string): boolean => line.trim() === ''
  return {
    * decode (bytes) {
      for (const line of lines.take(bytes)) if (!isBlank(line)) yield line
    },
    rest: () => {
      const line = lines.rest()
      // many servers leave out the last line break; 12 may be the half of 1234, and an object tells that it is whole
      return isBlank(line) ? undefined : { item: line, isWhole: event => isObject(dataOf(event)) }
    }
  }
}

/** Lines that end with CR LF, LF or CR. One that ends with the CR at the end of a piece is given at once. */
function lineReader (): { take: (bytes: Uint8Array) => Iterable<string>, rest: () => string } {
  const decoder = new TextDecoder()
  const breaks = /[\r\n]/g
  let parts: string[] = []
  let length = 0
  let afterReturn = false

  function begin (text: string): void {
    if (text === '') return
    length = bounded(length + text.length)
    parts.push(text)
    // many short pieces would cost a multiple of their text; put together each time that they have, they are copied seldom
    if (parts.length * stringCost > length) parts = [parts.join('')]
  }

  function ended (text: string): string {
    if (length === 0) return text
    const line = parts.join('') + text
    parts = []
    length = 0
    return line
  }

  return {
    * take (bytes) {
      for (let at = 0; at < bytes.length; at += mostBytes) {
        const text = decoder.decode(bytes.subarray(at, at + mostBytes), { stream: true })
        let from = 0
        for (; breaks.test(text); from = breaks.lastIndex) {
          const to = breaks.lastIndex - 1
          const isHalf = text[to] === '\n' && afterReturn && to === from && length === 0 // of CR LF
          afterReturn = text[to] === '\r'
          if (!isHalf) yield ended(text.slice(from, to))
        }
        begin(text.slice(from))
      }
    },
    rest: () => ended(decoder.decode())
  }
}

/** @throws RangeError for what would fill the memory */
function bounded (length: number): number {
  if (length > longestEvent) throw new RangeError('reply.sendEvents: an event of the source is too long')
  return length
}
