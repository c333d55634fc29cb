/** NestJS 11 and 12 over a socket: one line of ours, and a filter that leaves errors to it. */
import t from 'tap'
import type { ArgumentsHost } from '@nestjs/common'
import type { FastifyInstance, FastifyReply } from 'fastify'
import humanloopErrors, { serverOptions } from '../../plugin/index.js'
import { isContract, levels, Log, meanings } from '../support/app.js'
import { asking, json } from './asking.js'
import { nestApp, versions } from './nest-app.js'

const rethrow = { catch (error: unknown) { throw error } }

for (const [version, nest] of Object.entries(versions)) {
  t.test(`NestJS ${version}: what Nest makes of an exception is brought inside the contract`, async t => {
    const log = new Log()
    const app = await nestApp(nest, async app => app.register(humanloopErrors), { logger: log.logger })
    const ask = await asking(t, app)
    isContract(t, await ask('/missing'), 404, 'There is no project 7.')
    isContract(t, await ask('/sold'), 404, 'The house is sold.')
    isContract(t, await ask('/invalid'), 400, 'name must be a string; age must not be less than 0')
    isContract(t, await ask('/unavailable'), 503, meanings[503]!)
    isContract(t, await ask('/bug'), 500, meanings[500]!)
    isContract(t, await ask('/limited'), 500, meanings[500]!)
    isContract(t, await ask('/unknown'), 404, 'Cannot GET /unknown')
    isContract(t, await ask('/missing', 'DELETE'), 404, 'Cannot DELETE /missing')
    t.equal((await ask('/echo', 'POST', json, '{"a":1}')).body, '{"a":1}')
    t.match((await ask('/echo', 'POST', json, '{')).body, /^\{"detail":\{"type":"bad_request_error"/)
    t.match(log.lines.find(line => line.code === 503), { withheld: 'Replica db-3 is down.' })
  })

  t.test(`NestJS ${version}: a filter that throws leaves every error to the plugin`, async t => {
    const log = new Log()
    const ask = await asking(t, await nestApp(nest, async app => {
      app.useGlobalFilters(rethrow)
      await app.register(humanloopErrors)
    }, { logger: log.logger }))
    const limited = await ask('/limited')
    isContract(t, limited, 429, 'Rate limit reached for gpt-4o.', '', 'OpenAI')
    t.equal(limited.headers['retry-after'], '7')
    t.match(log.lines.at(-1), { level: levels.warn, code: 429, origin: 'OpenAI', upstreamStatus: 429 })
    isContract(t, await ask('/bug'), 500, meanings[500]!)
    t.match(log.lines.at(-1), { level: levels.error, code: 500, err: { type: 'TypeError' } })
    t.match((await ask('/echo', 'POST', json, '{')).body, /^\{"detail":\{"type":"bad_request_error"/)
  })

  t.test(`NestJS ${version}: a filter of the app's own goes on working beside it`, async t => {
    class TypeErrors {
      catch (_error: unknown, host: ArgumentsHost): void {
        host.switchToHttp().getResponse<FastifyReply>().code(409).send({ message: 'Filtered.', hint: 'x' })
      }
    }
    nest.Catch(TypeError)(TypeErrors)
    const ask = await asking(t, await nestApp(nest, async app => {
      app.useGlobalFilters(rethrow, new TypeErrors())
      await app.register(humanloopErrors)
    }))
    isContract(t, await ask('/bug'), 422, 'Filtered.')
    isContract(t, await ask('/limited'), 429, 'Rate limit reached for gpt-4o.', '', 'OpenAI')
  })

  t.test(`NestJS ${version}: behind such a filter Nest's own exceptions keep status and message`, async t => {
    const log = new Log()
    const ask = await asking(t, await nestApp(nest, async app => {
      app.useGlobalFilters(rethrow)
      await app.register(humanloopErrors)
    }, { logger: log.logger }))
    isContract(t, await ask('/missing'), 404, 'There is no project 7.')
    t.match(log.lines.at(-1), { level: levels.info, code: 404 })
    t.match((await ask('/invalid')).body, /"message":"name must be a string.{1,2} ?age must not be less than 0","code":400/)
    isContract(t, await ask('/unavailable'), 503, meanings[503]!)
    isContract(t, await ask('/unknown'), 404, 'Cannot GET /unknown')
    isContract(t, await ask('/middleware'), 404, 'Not in the middleware.')
  })

  t.test(`NestJS ${version}: what a middleware throws goes to the raw response; serverOptions() brings it inside the contract`, async t => {
    const ask = await asking(
      t, await nestApp(nest, async app => app.register(humanloopErrors), serverOptions({}, { hijacked: 'contract' }))
    )
    isContract(t, await ask('/middleware'), 404, 'Not in the middleware.')
    isContract(t, await ask('/missing'), 404, 'There is no project 7.')
  })

  t.test(`NestJS ${version}: the plugin on the adapter, before Nest has the app`, async t => {
    const { NestFactory, FastifyAdapter, Module } = nest
    class Empty {}
    Module({})(Empty)
    const adapter = new FastifyAdapter()
    const app = adapter.getInstance() as unknown as FastifyInstance
    await app.register(humanloopErrors)
    await (await NestFactory.create(Empty, adapter, { logger: false, abortOnError: false })).init()
    isContract(t, await (await asking(t, app))('/unknown'), 404, 'Cannot GET /unknown')
  })
}
