/** What a stranger can do to the server itself: no route is meant. */
import { maxHeaderSize, type Server } from 'node:http'
import type { Check, Subject } from './check.js'
import { unknownPath } from './path-triggers.js'

const subject: Subject = { route: 'server', method: 'GET' }

interface Malformed {
  readonly trigger: string
  /** @param headers lines, with `host`; `tag` has none */
  readonly text: (headers: string, tag: string) => string
  /** Whether nothing follows: our side of the connection is closed. */
  readonly last?: boolean
}

const get = `GET ${unknownPath} HTTP/1.1\r\n`
const post = `POST ${unknownPath} HTTP/1.1\r\ncontent-type: application/json\r\n`

const malformed: readonly Malformed[] = [
  { trigger: 'malformed request line', text: () => 'NONSENSE\r\n\r\n' },
  { trigger: 'unknown protocol version', text: headers => `GET ${unknownPath} HTTP/9.9\r\n${headers}\r\n` },
  { trigger: 'malformed header', text: headers => `${get}${headers}no name: x\r\n\r\n` },
  { trigger: 'missing Host', text: (_headers, tag) => `${get}${tag}connection: close\r\n\r\n` },
  { trigger: 'unknown Expect', text: headers => `${get}${headers}connection: close\r\nexpect: the-unexpected\r\n\r\n` },
  {
    trigger: 'content-length and transfer-encoding',
    text: headers => `${post}${headers}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`
  },
  { trigger: 'content-length that is no number', text: headers => `${post}${headers}content-length: two\r\n\r\n{}` },
  { trigger: 'body shorter than its content-length', text: headers => `${post}${headers}content-length: 9\r\n\r\n{}`, last: true },
  { trigger: 'malformed chunk', text: headers => `${post}${headers}transfer-encoding: chunked\r\n\r\nno length\r\n` },
  { trigger: 'bad URL', text: headers => `GET /%ff HTTP/1.1\r\n${headers}connection: close\r\n\r\n` },
  { trigger: 'headers too large', text: headers => `${get}${headers}x: ${'x'.repeat(maxHeaderSize)}\r\n\r\n` }
]

const slow: Malformed = { trigger: 'slow headers', text: headers => `${get}${headers}` }

export async function checkServer (check: Check, { headersTimeout }: Server): Promise<void> {
  for (const { text, trigger, last } of malformed) await check.attemptText(subject, trigger, text, last)
  if (headersTimeout > 0 && headersTimeout < check.timeout) return check.attemptText(subject, slow.trigger, slow.text)
  check.leave(subject, slow.trigger,
    `headersTimeout of the server is ${headersTimeout} ms, option 'timeout' of the check ${check.timeout} ms`)
}
