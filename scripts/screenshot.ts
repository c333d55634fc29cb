/** `npm run docs:screenshot`: writes docs/error-reference.png, the top of the gateway's error reference. */
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { environment } from '../example/environment.js'
import { buildGateway } from '../example/gateway.js'

const gateway = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0' }), { logger: false })
const address = await gateway.listen({ host: '127.0.0.1', port: 0 })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme: 'light' })
await page.goto(`${address}/errors`)
await page.screenshot({ path: fileURLToPath(new URL('../docs/error-reference.png', import.meta.url)) })
await browser.close()
await gateway.close()
