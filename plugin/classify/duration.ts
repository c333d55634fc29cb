/** Durations as providers write them. */
import { read } from './read.js'

/** Seconds in one of each unit; `m` is a minute. */
const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Seconds from `7`, `"7"`, `"12ms"`, `"34.4s"`, `"6m0s"`, `"1h2m3.5s"`, or Google's `{ seconds }`.
 *
 * @returns a number of at least 0; undefined for what is no duration
 */
export function seconds (value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 ? value : undefined
  if (typeof value === 'string') return fromText(value.trim())
  const whole = read(value, 'seconds')
  return typeof whole === 'number' || typeof whole === 'string' ? seconds(whole) : undefined
}

function fromText (text: string): number | undefined {
  if (/^\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text)
  if (!/^(?:\d{1,15}(?:\.\d{1,15})?(?:ms|[smhd])){1,5}$/.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) sum += Number(amount) * units[unit!]!
  return sum
}
