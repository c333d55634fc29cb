/** What the plugin is to reach, and whether it does. */
import { documentation } from './boot-cases.js'
import type { Boot } from './boot.js'
import type { ImportCosts } from './boot-import-once.js'
import type { Classification } from './classify.js'
import { difference, ratio, spread, type Spread } from './statistics.js'
import type { Throughput } from './throughput.js'

export interface Verdict {
  readonly target: string
  readonly measured: Spread
  readonly met: boolean
}

interface Target {
  /** Which of the contenders, against which other. */
  readonly of: readonly [contender: string, base: string]
  readonly says: string
  readonly holds: (measured: Spread) => boolean
}

/** Without logging: where the log is written, the disk is measured, too. */
const rates: readonly Target[] = [
  { of: ['plugin', '200'], says: 'at least 0.60', holds: ({ median }) => median >= 0.60 },
  { of: ['plugin', 'fastify'], says: 'at least 1.25', holds: ({ median }) => median >= 1.25 },
  { of: ['plugin', '@fastify/sensible'], says: 'at least 1.7', holds: ({ median }) => median >= 1.7 },
  ...['200 + plugin', '200 + everything'].map((name): Target => ({
    of: [name, '200'],
    says: 'at least 0.97, or a spread that includes 1',
    holds: ({ median, min, max }) => median >= 0.97 || (min <= 1 && max >= 1)
  }))
]

/** Milliseconds, and megabytes of the heap, above Fastify's own. */
const longestImport = 20
const mostImportedMemory = 4
const longestBoot = 1.25
const longestDocumentedBoot = 1.15
/** Megabytes. */
const mostDocumentedMemory = 12
const longestClassification = 2

/** The ratio of the rates of two contenders, round by round. */
export function rateRatio (results: readonly Throughput[], name: string, base: string): Spread {
  const ratesOf = (wanted: string): number[] => {
    const found = results.find(({ contender }) => contender.name === wanted)
    if (found === undefined) throw new RangeError(`there is no contender '${wanted}'`)
    return found.samples.map(({ rate }) => rate)
  }
  return ratio(ratesOf(name), ratesOf(base))
}

/** @param results without logging */
export function verdicts (
  results: readonly Throughput[],
  imports: readonly ImportCosts[],
  [bare, ...others]: readonly Boot[],
  classifications: readonly Classification[]
): Verdict[] {
  const ofRates = rates.map(({ of: [name, base], says, holds }) => {
    const measured = rateRatio(results, name, base)
    return { target: `requests a second, \`${name}\` : \`${base}\`: ${says}`, measured, met: holds(measured) }
  })
  const ofBoots = others.flatMap(({ bootCase, ready, readyWithSwagger }) => [
    { what: `boot, ${bootCase.name} : bare`, measured: ratio(ready, bare!.ready) },
    { what: `boot with @fastify/swagger, ${bootCase.name} : bare`, measured: ratio(readyWithSwagger, bare!.readyWithSwagger) }
  ])
  const [off, on] = [documentation.off, documentation.on].map(name => others.find(({ bootCase }) =>
    bootCase.name === name)!) as [Boot, Boot]
  const importTime = spread(imports.map(({ plugin }) => plugin.ms))
  const importMemory = spread(imports.map(({ plugin }) => plugin.heap))
  const documentedBoot = ratio(on.readyWithSwagger, off.readyWithSwagger)
  const documentedMemory = difference(on.resident, off.resident)
  return [
    ...ofRates,
    { target: `import beside Fastify, in ms: at most ${longestImport}`, measured: importTime, met: importTime.median <= longestImport },
    {
      target: `heap after that, the difference in MB: at most ${mostImportedMemory}`,
      measured: importMemory,
      met: importMemory.median <= mostImportedMemory
    },
    ...ofBoots.map(({ what, measured }) => ({ target: `${what}: at most ${longestBoot}`, measured, met: measured.median <= longestBoot })),
    {
      target: `boot with @fastify/swagger, ${on.bootCase.name} : \`document: false\`: at most ${longestDocumentedBoot}`,
      measured: documentedBoot,
      met: documentedBoot.median <= longestDocumentedBoot
    },
    {
      target: `resident memory after that, the difference in MB: at most ${mostDocumentedMemory}`,
      measured: documentedMemory,
      met: documentedMemory.median <= mostDocumentedMemory
    },
    ...classifications.flatMap(({ text, parse, fromResponse, toContractError }) => [
      { what: `\`fromResponse\` of ${text} : \`JSON.parse\``, measured: ratio(fromResponse, parse) },
      { what: `\`toContractError\` of ${text} : \`JSON.parse\``, measured: ratio(toContractError, parse) }
    ]).map(({ what, measured }) => ({
      target: `${what}: at most ${longestClassification}`, measured, met: measured.median <= longestClassification
    }))
  ]
}
