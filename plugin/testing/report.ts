/** What was found. */
import { inspect } from 'node:util'

/** An error answer that was looked at. */
export interface CheckedAnswer {
  /** Method and path pattern, `POST /v4/chat`; where no route is meant, the path that was asked for, or `server`. */
  readonly route: string
  /** What was done to get an error. */
  readonly trigger: string
  /** 0 where an error was thrown and nothing was answered, and where what was answered is no HTTP. */
  readonly status: number
}

/** What was not checked, and why. Without a `trigger`: nothing of the route was. */
export interface Unchecked {
  readonly route: string
  readonly trigger?: string
  readonly reason: string
}

/** An error answer outside the contract, or an error that was thrown and is not answered: then `status` is 0 and `body` empty. */
export interface Violation extends CheckedAnswer {
  readonly body: string
  /** What is wrong with it, separated by semicolons. */
  readonly reason: string
}

/** Lines of each list that are printed. */
const printed = 100

/** Characters of a body that are printed. */
const printedOfBody = 200

/** The outcome of `checkErrorContract`. As text, and where it is inspected, it reads as a table. */
export class ErrorContractReport {
  /** Every error answer that was looked at, those that are violations too. */
  readonly checked: CheckedAnswer[] = []
  readonly unchecked: Unchecked[] = []
  readonly violations: Violation[] = []

  toString (): string {
    const routes = new Set(this.checked.map(({ route }) => route)).size
    return [
      `${counted(this.violations.length, 'violation')} in ${counted(this.checked.length, 'error answer')} ` +
        `from ${counted(routes, 'address', 'es')}, ${this.unchecked.length} not checked`,
      ...section('violations', this.violations, ({ route, trigger, status, reason, body }) =>
        [route, trigger, String(status), `${reason}; the body is ${shortened(body)}`]),
      ...section('not checked', this.unchecked, ({ route, trigger = '', reason }) => [route, trigger, reason])
    ].join('\n')
  }

  [inspect.custom] (): string {
    return this.toString()
  }
}

function shortened (body: string): string {
  return `${JSON.stringify(body.slice(0, printedOfBody))}${body.length > printedOfBody ? '…' : ''}`
}

function counted (count: number, noun: string, plural = 's'): string {
  return `${count} ${noun}${count === 1 ? '' : plural}`
}

function section<T> (title: string, entries: readonly T[], cells: (entry: T) => string[]): string[] {
  if (entries.length === 0) return []
  const rows = entries.slice(0, printed).map(cells)
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const more = entries.length - rows.length
  return [
    '', title,
    ...rows.map(row => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd()),
    ...(more === 0 ? [] : [`  … and ${more} more`])
  ]
}
