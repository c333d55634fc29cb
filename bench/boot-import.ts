/** What importing the plugin costs beside Fastify itself: in a fresh process each time. */
import { join } from 'node:path'
import type { ImportCosts } from './boot-import-once.js'
import { messageOf, start } from './child.js'
import { rounds } from './settings.js'

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
