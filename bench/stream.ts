/** `npm run bench:stream`: what `reply.sendEvents` costs, beside Fastify's own stream reply of the same events. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compile } from './compile.js'
import { streamReport } from './stream-report.js'
import { streams } from './stream-contenders.js'
import { measureThroughput } from './throughput.js'

const results = streamReport(await measureThroughput(compile(), false, streams))
writeFileSync(fileURLToPath(new URL('stream-results.md', import.meta.url)), results)
console.log(`\n${results}`)
