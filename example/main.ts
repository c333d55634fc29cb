/** Starts the gateway: `npm start`. */
import closeWithGrace from 'close-with-grace'
import { buildGateway } from './gateway.js'
import { environment } from './environment.js'
import { firstSteps } from './first-steps.js'

const env = environment(process.env)
const gateway = await buildGateway(env)
closeWithGrace({ delay: 10_000, logger: gateway.log }, () => gateway.close())
const address = await gateway.listen({ host: env.host, port: env.port })
process.stdout.write(firstSteps(address, env.apiKey))
