/** `npm run bench:soak`: what only shows after many requests. Exits with 1 where something is left over or wrong. */
import { soakErrors } from './errors.js'

const errors = await soakErrors(count('SOAK_REQUESTS', 200_000))
const growth = errors.heapAfter / errors.heapBefore - 1
const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
console.log(`errors: ${errors.requests} requests in ${errors.seconds.toFixed(0)} s, ${errors.wrong.length} wrong; heap ${mib(errors.heapBefore)} after the first tenth, ${mib(errors.heapAfter)} at the end (${(100 * growth).toFixed(1)} %); ${errors.complaints.length} complaints`)
for (const line of [...errors.wrong.slice(0, 20), ...errors.complaints]) console.log(`  ${line}`)
if (errors.wrong.length > 0 || errors.complaints.length > 0 || growth > 0.05) process.exitCode = 1

function count (name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  if (Number.isInteger(value) && value > 0) return value
  throw new RangeError(`${name} must be an integer above 0; it is '${process.env[name]}'`)
}
