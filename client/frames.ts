/** Splits the text of a stream into its frames: server-sent events by the rules of the HTML standard (§9.2.6), or lines of JSON. */

export interface Frame { event: string, data: string, id: string }

export interface Frames {
  /** @returns the frames that end in this piece of the text */
  push: (piece: string) => Frame[]
  /** How many characters of a frame are there that has not ended; 0 between frames. */
  begun: () => number
}

/** @param isLines whether each line is a frame */
export function framesOf (isLines: boolean): Frames {
  let rest = ''
  let afterReturn = false
  let event = ''
  let data: string[] = []
  let id = ''
  let size = 0

  const take = (line: string): Frame | undefined => {
    if (isLines) return line.trim() ? { event: 'message', data: line, id } : undefined
    if (!line) {
      // without data it is no frame
      const frame = data.length ? { event: event || 'message', data: data.join('\n'), id } : undefined
      event = ''
      data = []
      size = 0
      return frame
    }
    const [, name, value] = /^([^:]*):? ?(.*)/s.exec(line) as unknown as [string, string, string]
    if (name) size += line.length
    if (name === 'data') data.push(value)
    if (name === 'event') event = value
    if (name === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return {
    push: piece => {
      if (!piece) return []
      const lines = (afterReturn && piece[0] === '\n' ? piece.slice(1) : piece).split(/\r\n|[\r\n]/)
      afterReturn = piece.endsWith('\r')
      lines[0] = rest + lines[0]
      rest = lines.pop()!
      return lines.flatMap(line => take(line) ?? [])
    },
    begun: () => size + rest.length
  }
}
