/** The log of requests that no handler sees: with the client's address, and bounded, for anybody can send them by the thousand. */
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

/** How many lines an app has in an interval; the rest is counted. */
const mostLines = 20
const intervalMs = 10_000

interface Interval { lines: number, omitted: number, readonly timer: NodeJS.Timeout }

/** The interval that runs, by the app's server. */
const intervals = new WeakMap<object, Interval>()

/** Logs nothing. */
const silent: LineLog = { info: ignore, warn: ignore, error: ignore }

/** The part of a logger that writes lines about responses. */
export type LineLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

/** Gives the log for one line about one connection, where the interval has room for it. */
export function refusalLog (app: FastifyInstance, { remoteAddress, remotePort }: Socket): LineLog {
  const interval = intervals.get(app.server) ?? begin(app)
  if (++interval.lines <= mostLines) return app.log.child({ remoteAddress, remotePort })
  interval.omitted++
  return silent
}

function begin (app: FastifyInstance): Interval {
  const interval = { lines: 0, omitted: 0, timer: setTimeout(tellOmitted, intervalMs, app).unref() }
  intervals.set(app.server, interval)
  return interval
}

/** Ends the interval with a line about those that had none. */
export function tellOmitted (app: FastifyInstance): void {
  const interval = intervals.get(app.server)
  if (interval === undefined) return
  clearTimeout(interval.timer)
  intervals.delete(app.server)
  const { omitted } = interval
  if (omitted > 0) {
    app.log.warn({ omitted, intervalMs }, 'humanloopErrors: more requests were refused before they had a handler than are logged')
  }
}

function ignore (): void {}
