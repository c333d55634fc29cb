/** Clients that ask for a stream, read it, and leave when their plan says so. */
import { once } from 'node:events'
import { Agent, request as requestHttp1, type IncomingMessage } from 'node:http'
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { Readable } from 'node:stream'
import { separatorOf, type Answered } from './stream-frames.js'
import type { Plan } from './stream-plan.js'

/** Milliseconds after which a stream that has not ended never will. */
const longest = 120_000

/** An answer whose body comes. */
interface Coming {
  readonly status: number
  readonly body: Readable
  readonly whole: () => boolean
}

interface Asking {
  readonly answer: Promise<Coming>
  readonly leave: () => void
}

export class Clients {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #sessions: readonly ClientHttp2Session[]
  #calls = 0
  readonly #ports: Readonly<Record<1 | 2, number>>

  constructor (ports: Readonly<Record<1 | 2, number>>) {
    this.#ports = ports
    // the calls tell of what fails
    this.#sessions = Array.from({ length: 8 }, () => connect(`http://127.0.0.1:${ports[2]}`).on('error', ignore))
  }

  /** @returns the answer; 'left' where the client left before it had all of it */
  async ask (plan: Plan): Promise<Answered | 'left'> {
    const { answer, leave } = plan.http === 1 ? this.#http1(plan) : this.#http2(plan)
    let why: 'left' | 'hung' | undefined
    const go = (reason: 'left' | 'hung'): void => {
      why = reason
      leave()
    }
    const { leaves = Infinity, inside } = plan
    const timers = [setTimeout(go, longest, 'hung'), ...leaves < 0 ? [setTimeout(go, -leaves, 'left')] : []]
    try {
      const { status, body, whole } = await answer
      const read = new FrameCount(separatorOf(plan.dialect))
      for await (const chunk of body.setEncoding('utf8')) {
        read.add(chunk)
        if (status === 200 && leaves >= 0 && (read.frames > leaves || (read.frames === leaves && (inside !== true || read.isInside)))) {
          go('left')
        }
        if (why !== undefined) break
      }
      if (why === undefined) return { status, body: read.text, whole: whole() }
    } catch (error) {
      if (why === undefined) throw error
    } finally {
      timers.forEach(clearTimeout)
    }
    if (why === 'hung') throw new Error('it does not end')
    return 'left'
  }

  #http1 (plan: Plan): Asking {
    const body = JSON.stringify(plan)
    const request = requestHttp1({
      agent: this.#agent, host: '127.0.0.1', port: this.#ports[1], method: 'POST', headers: { 'content-type': 'application/json' }
    })
    const answer = once(request, 'response').then(([response]: IncomingMessage[]): Coming => {
      return { status: response!.statusCode!, body: response!, whole: () => response!.complete }
    })
    request.on('error', ignore).end(body) // `once` tells of it, and after it the body
    return { answer, leave: () => { request.destroy() } }
  }

  #http2 (plan: Plan): Asking {
    const session = this.#sessions[this.#calls++ % this.#sessions.length]!
    const call = session.request({ ':method': 'POST', ':path': '/', 'content-type': 'application/json' })
    let ended = false
    const answer = once(call, 'response').then(([headers]: IncomingHttpHeaders[]): Coming => {
      call.once('end', () => { ended = true })
      return { status: Number(headers![':status']), body: call, whole: () => ended && call.rstCode === constants.NGHTTP2_NO_ERROR }
    })
    call.on('error', ignore).end(JSON.stringify(plan))
    // a call that is closed before it has an answer has no error, and no answer either
    const closed = once(call, 'close').then(() => { throw new Error('it was closed without an answer') })
    closed.catch(ignore)
    return { answer: Promise.race([answer, closed]), leave: () => { call.close(constants.NGHTTP2_CANCEL) } }
  }

  /** Closes the connections that were kept. */
  close (): void {
    this.#agent.destroy()
    for (const session of this.#sessions) session.close()
  }
}

/** Counts frames as they come, each byte once. */
class FrameCount {
  text = ''
  frames = 0
  readonly #separator: string
  #from = 0

  constructor (separator: string) {
    this.#separator = separator
  }

  get isInside (): boolean {
    return this.#from < this.text.length
  }

  add (chunk: string): void {
    const seen = Math.max(this.#from, this.text.length - this.#separator.length + 1)
    this.text += chunk
    for (let at = this.text.indexOf(this.#separator, seen); at !== -1; at = this.text.indexOf(this.#separator, this.#from)) {
      this.frames++
      this.#from = at + this.#separator.length
    }
  }
}

function ignore (): void {}
