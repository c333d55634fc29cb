/** `npm run bench`: what the plugin costs, beside Fastify's own error handling and that of others. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { measureBoot, measureImport } from './boot.js'
import { measureClassification } from './classify.js'
import { compile } from './compile.js'
import { quote, report } from './report.js'
import { verdicts } from './targets.js'
import { measureThroughput } from './throughput.js'

const folder = compile()
const silent = await measureThroughput(folder, false)
const logging = await measureThroughput(folder, true)
const imports = await measureImport(folder)
const boots = await measureBoot(folder)
const classifications = measureClassification()

const results = report({ silent, logging, imports, boots, classifications, verdicts: verdicts(silent, imports, boots, classifications) })
writeFileSync(fileURLToPath(new URL('results.md', import.meta.url)), results)
quote(results)
console.log(`\n${results}`)
