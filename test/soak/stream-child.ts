/** The child process of the streams' soak, and its answers. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Connections, Memory, Question, Settled } from './stream-server.js'

interface Answers extends Record<Question, unknown> {
  readonly settled: Settled
  readonly memory: Memory
  readonly collected: Memory
  readonly connections: Connections
}

export class StreamServer {
  readonly ports: Readonly<Record<1 | 2, number>>
  readonly #child: ChildProcess
  readonly #gone = new AbortController()

  private constructor (child: ChildProcess, ports: Readonly<Record<1 | 2, number>>) {
    this.#child = child
    this.ports = ports
    child.once('exit', () => this.#gone.abort(new Error('the server has gone')))
  }

  /** @param provider the address of the stand-in */
  static async start (provider: string): Promise<StreamServer> {
    const child = fork(fileURLToPath(new URL('stream-server.ts', import.meta.url)), [provider], {
      execArgv: ['--import', 'tsx', '--expose-gc']
    })
    const [{ ports }] = await once(child, 'message') as [{ ports: Record<1 | 2, number> }]
    return new StreamServer(child, ports)
  }

  /**
   * One question at a time.
   *
   * @throws AbortError where the server has gone
   */
  async ask<Name extends Question> (question: Name): Promise<Answers[Name]> {
    if (this.#child.connected) this.#child.send(question)
    const [answer] = await once(this.#child, 'message', { signal: this.#gone.signal })
    return answer as Answers[Name]
  }

  async stop (): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
