/** `npm run test:soak`: what only shows after many requests. Exits with 1 where something is left over or wrong. */
import { measureBackPressure } from './back-pressure.js'
import { soakErrors } from './errors.js'
import { soakStreams } from './streams.js'

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

const parts: Readonly<Record<string, () => Promise<void>>> = {
  async errors () {
    const errors = await soakErrors(count('SOAK_REQUESTS', 200_000))
    console.log(
      `errors: ${errors.requests} requests in ${errors.seconds.toFixed(0)} s, ${errors.wrong.length} wrong; ${heap(errors)}; ${errors.complaints.length} complaints`
    )
    tell([...errors.wrong, ...errors.complaints])
  },

  async streams () {
    const seed = count('SOAK_SEED', 1 + Math.floor(Math.random() * 2 ** 31))
    console.log(`streams: SOAK_SEED=${seed}`)
    const streams = await soakStreams(count('SOAK_STREAMS', 10_000), seed)
    const { success, status, frame, left } = streams.endings
    console.log(
      `streams: ${streams.streams} in ${streams.seconds.toFixed(0)} s, ${streams.wrong.length} wrong; ${success} ended well, ${status} in a status, ${frame} in an error frame, ${left} clients left (${streams.leavers} before the end, by the server's log); ${streams.providerCalls} calls to a provider; ${heap(streams)}, compiled code ${mib(streams.codeBefore)} and ${mib(streams.codeAfter)} besides; settled after ${streams.settling.toFixed(1)} s`
    )
    tell(streams.wrong)
  },

  async 'back-pressure' () {
    for (const { source, produced, read, ahead, rss, heap, external, held, wrong } of await measureBackPressure(
      count('SOAK_FLOOD', 256) * 1024 * 1024
    )) {
      console.log(
        `back pressure, ${source}: ${mib(produced)} produced, ${mib(read)} read, at most ${mib(ahead)} ahead; at most rss +${mib(rss)}, heap +${mib(heap)}, external +${mib(external)}; ${mib(held)} held after a collection`
      )
      tell(wrong)
    }
  }
}

const asked = process.argv.slice(2)
for (const part of asked.length > 0 ? asked : Object.keys(parts)) {
  if (parts[part] === undefined) throw new RangeError(`there is ${Object.keys(parts).join(', ')}, and no ${part}`)
  await parts[part]()
}

function heap ({ heapBefore, heapAfter }: { readonly heapBefore: number, readonly heapAfter: number }): string {
  const growth = heapAfter / heapBefore - 1
  if (growth > 0.05) process.exitCode = 1
  return `heap ${mib(heapBefore)} after the first tenth, ${mib(heapAfter)} at the end (${(100 * growth).toFixed(1)} %)`
}

function tell (wrong: readonly string[]): void {
  for (const line of wrong.slice(0, 20)) console.log(`  ${line}`)
  if (wrong.length > 0) process.exitCode = 1
}

function count (name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  if (Number.isInteger(value) && value > 0) return value
  throw new RangeError(`${name} must be an integer above 0; it is '${process.env[name]}'`)
}
