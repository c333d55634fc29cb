/** Starts the gateway: `npm start`. */
import closeWithGrace from 'close-with-grace'
import { buildGateway } from './gateway.js'
import { environment } from './environment.js'
import { firstSteps } from './first-steps.js'

try {
  const env = environment(process.env)
  const gateway = await buildGateway(env)
  closeWithGrace({ delay: 10_000, logger: gateway.log }, async () => gateway.close())
  const address = await gateway.listen({ host: env.host, port: env.port })
  process.stdout.write(firstSteps(address, env.apiKey))
} catch (error) {
  process.stderr.write(`The gateway cannot start: ${(error as Error).message}\n`)
  process.exit(1)
}
