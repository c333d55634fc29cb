/** Bytes of a provider's own stream, cut anywhere, as the events that are in them. */
import type { ServerSentEvent } from './event.js'

/** The longest event, in UTF-16 code units: no provider's comes near, and a line that never ends shall not fill the memory. */
const longestEvent = 16 * 1024 * 1024

/** Turns bytes into items. */
export interface Decoder {
  /** The items that are complete with these bytes. */
  readonly decode: (bytes: Uint8Array) => unknown[]
  /** What is left when the bytes end. */
  readonly end: () => unknown[]
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 * Comments are no events; one that was cut is none either.
 */
export function serverSentEvents (): Decoder {
  let event: { data: string[], event?: string, id?: string } = { data: [] }
  let length = 0

  function take (line: string): ServerSentEvent | undefined {
    if (line === '') {
      const { data, ...named } = event
      event = { data: [] }
      length = 0
      return data.length === 0 ? undefined : { ...named, data: data.join('\n') }
    }
    const [, name, value = ''] = /^(data|event|id)(?::[ ]?(.*))?$/s.exec(line) ?? []
    if (name === 'data') {
      length = bounded(length + value.length)
      event.data.push(value)
    } else if (name !== undefined) {
      event[name as 'event' | 'id'] = value
    }
    return undefined
  }

  const lines = lineReader()
  return {
    decode: bytes => lines.take(bytes).map(take).filter(item => item !== undefined),
    end: () => []
  }
}

/** Lines of JSON; the last one may lack its end. */
export function jsonLines (): Decoder {
  const lines = lineReader()
  const notBlank = (line: string): boolean => line.trim() !== ''
  return {
    decode: bytes => lines.take(bytes).filter(notBlank),
    end: () => [lines.rest()].filter(notBlank)
  }
}

/** Lines that end with CR LF, LF or CR; a CR at the end of a piece may be half of one. */
function lineReader (): { take: (bytes: Uint8Array) => string[], rest: () => string } {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    take (bytes) {
      const text = decoder.decode(bytes, { stream: true })
      bounded(rest.length + text.length)
      // a line in many pieces is looked at once, when it is whole
      if (!/[\r\n]/.test(text) && !rest.endsWith('\r')) {
        rest += text
        return []
      }
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop()!
      return lines
    },
    rest: () => rest + decoder.decode()
  }
}

/** @throws RangeError for what would fill the memory */
function bounded (length: number): number {
  if (length > longestEvent) throw new RangeError('reply.sendEvents: an event of the source is too long')
  return length
}
