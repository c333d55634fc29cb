/** Boot time and what an import costs: every case in a fresh process each time, in turn, round after round. */
import { join } from 'node:path'
import { type BootCase, bootCases } from './boot-cases.js'
import type { ImportCosts } from './boot-import-once.js'
import type { BootTimes } from './boot-once.js'
import { messageOf, start } from './child.js'
import { rounds } from './settings.js'
import { turns } from './statistics.js'

/** Milliseconds of one case, one of each for every round. */
export interface Boot {
  readonly bootCase: BootCase
  readonly ready: number[]
  readonly readyWithSwagger: number[]
  readonly document: number[]
  /** Megabytes, with @fastify/swagger: after `ready()`, and after the first `app.swagger()`. */
  readonly resident: number[]
  readonly residentWithDocument: number[]
}

/** @param folder the JavaScript of the servers, see `compile` */
export async function measureBoot (folder: string): Promise<Boot[]> {
  const boots = bootCases.map<Boot>(bootCase => ({
    bootCase, ready: [], readyWithSwagger: [], document: [], resident: [], residentWithDocument: []
  }))
  const runs = boots.flatMap(boot => [{ boot, withSwagger: false }, { boot, withSwagger: true }])
  for (let round = 0; round < rounds; round++) {
    for (const { boot, withSwagger } of turns(runs, round)) {
      const { ready, document, resident, residentWithDocument } = await bootOnce(folder, boots.indexOf(boot), withSwagger)
      boot[withSwagger ? 'readyWithSwagger' : 'ready'].push(ready)
      if (document !== undefined) {
        boot.document.push(document)
        boot.resident.push(resident)
        boot.residentWithDocument.push(residentWithDocument)
      }
      console.log(`round ${round + 1}/${rounds}  boot${withSwagger ? ' with swagger' : ''}  ${boot.bootCase.name}  ${Math.round(ready)} ms`)
    }
  }
  return boots
}

async function bootOnce (folder: string, index: number, withSwagger: boolean): Promise<BootTimes> {
  const child = start(join(folder, 'bench', 'boot-once.js'), [String(index), withSwagger ? 'swagger' : ''])
  return await messageOf<BootTimes>(child)
}

/** @param folder the JavaScript, see `compile` */
export async function measureImport (folder: string): Promise<ImportCosts[]> {
  const costs: ImportCosts[] = []
  for (let round = 0; round < rounds; round++) {
    const cost = await messageOf<ImportCosts>(start(join(folder, 'bench', 'boot-import-once.js'), [], ['--expose-gc']))
    costs.push(cost)
    console.log(`round ${round + 1}/${rounds}  import  ${Math.round(cost.plugin.ms)} ms beside ${Math.round(cost.fastify.ms)} ms`)
  }
  return costs
}
