import t from 'tap'
import { errorHeaders, headersDocumentedOn } from '../../schemas/headers.js'

t.test('a response has the headers of its status; a provider’s where one may raise it, those of an option where it is set', async t => {
  const names = (...args: Parameters<typeof headersDocumentedOn>): string[] => headersDocumentedOn(...args).map(([name]) => name)
  const everywhere = ['content-type', 'x-request-id', 'cache-control']
  t.same(names(400, {}), everywhere)
  t.same(names(401, {}).sort(), [...everywhere, 'x-provider-request-id'].sort())
  t.same(names(401, { authenticate: 'Bearer' }).sort(), [...everywhere, 'www-authenticate', 'x-provider-request-id'].sort())
  t.same(names(429, { authenticate: 'Bearer' }).sort(), [...everywhere, 'retry-after', 'x-provider-request-id', 'x-should-retry'].sort())
  t.same(names(529, {}).sort(), [...everywhere, 'retry-after', 'x-provider-request-id'].sort())
})

t.test('a value that is always the same is what its schema takes', async t => {
  for (const name of ['content-type', 'cache-control'] as const) t.same(errorHeaders[name].schema.enum, [errorHeaders[name].value])
})
