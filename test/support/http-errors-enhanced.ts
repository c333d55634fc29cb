/** `fastify-http-errors-enhanced` as it would be if it did not refuse Fastify 5: it declares Fastify 4. */
import fp from 'fastify-plugin'
import enhanced from 'fastify-http-errors-enhanced'

export default fp<{ hideUnhandledErrors?: boolean }>((app, options, done) => enhanced(app, options, done), {
  name: 'fastify-http-errors-enhanced'
})
