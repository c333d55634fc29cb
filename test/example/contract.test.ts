/** The gateway holds its error contract: everything that a stranger can provoke, as far as it fails before a handler. */
import t from 'tap'
import { buildGateway } from '../../example/gateway.js'
import { environment } from '../../example/environment.js'
import { checkErrorContract } from '../../plugin/testing/index.js'

t.test('every error answer of the gateway is the contract, and documented', async t => {
  const app = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0', HUMANLOOP_API_KEY: 'for-tests' }), { logger: false })
  t.teardown(async () => app.close())
  const report = await checkErrorContract(app, { headers: { 'x-api-key': 'for-tests' } })
  t.same(report.violations, [], String(report))
  for (const route of ['POST /v4/chat', 'POST /v4/completion']) {
    const statuses = Object.fromEntries(report.checked.filter(entry => entry.route === route)
      .map(({ trigger, status }) => [trigger, status]))
    t.match(statuses, {
      'bare request': 401, 'broken JSON': 400, 'wrong media type': 400, 'body too large': 400, 'body: required': 422, 'body: enum': 422
    })
  }
})
