/** Two copies of the package in one app, as a workspace or a plugin's own dependency brings them: the second leaves what is there. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import * as first from '../../plugin/index.js'
import { errorCodes } from '../../schemas/index.js'
import { envelope, levels, Log } from '../support/app.js'
import { problemsOf } from '../support/documents.js'
import { ask, listening } from '../support/socket.js'

type Copy = typeof first

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = t.testdir()
for (const name of ['schemas', 'plugin']) cpSync(join(root, name), join(folder, name), { recursive: true })
const second = await import(pathToFileURL(join(folder, 'plugin', 'index.ts')).href) as Copy

const copies: Array<readonly [string, Copy, Copy]> = [
  ['the first and the second', first, second], ['the second and the first', second, first]
]

function appOf (t: { teardown: (close: () => Promise<void>) => void }, server: object = {}): { app: FastifyInstance, log: Log } {
  const log = new Log()
  const app: FastifyInstance = Fastify({ logger: log.logger, ...server })
  t.teardown(async () => app.close())
  return { app, log }
}

/** Routes that fail in all ways, by errors of one copy. */
function failing (app: FastifyInstance, { NotFoundError, RateLimitError, withOrigin }: Copy): void {
  app.get('/thrown', async () => { throw new NotFoundError('No such project.') })
  app.get('/provider', async () => { throw new RateLimitError('Slower.', { origin: 'groq', retryAfter: 7 }) })
  app.get('/within', async () => withOrigin('openai', async () => { throw Object.assign(new Error('Refused.'), { status: 400 }) }))
  app.get('/sent', (_request, reply) => { reply.code(404).send({ message: 'Sent.' }) })
  app.get('/events', async (_request, reply) => reply.sendEvents((async function * () {
    yield 1
    throw new RateLimitError('Midway.')
  })(), { dialect: 'humanloop' }))
}

async function fail (t: Test, app: FastifyInstance, log: Log, prefix: string, origin: string): Promise<void> {
  const port = app.server.listening ? Number(new URL(app.listeningOrigin).port) : await listening(app)
  for (const [path, code, message, whose, level] of [
    ['/thrown', 404, 'No such project.', origin, levels.info],
    ['/provider', 429, 'Slower.', 'Groq', levels.warn],
    ['/within', 422, 'Refused.', 'OpenAI', levels.warn],
    ['/sent', 404, 'Sent.', origin, levels.warn]
  ] as const) {
    const before = log.lines.length
    const { status, headers, body } = await ask(port, prefix + path)
    t.match(status, ` ${code} `, path)
    t.same(JSON.parse(body), envelope(code, message, whose))
    t.equal(headers['retry-after'], code === 429 ? '7' : undefined)
    t.same(log.lines.slice(before).map(line => [line.level, line['code']]), [[level, code]], `${path}: one line in the log`)
  }
  const { body } = await ask(port, `${prefix}/events`)
  t.equal(body, `data: 1\n\nevent: error\ndata: ${JSON.stringify(envelope(429, 'Midway.', origin))}\n\n`)
}

for (const [name, one, other] of copies) {
  t.test(`${name} in one scope`, async t => {
    const { app, log } = appOf(t)
    await app.register(one.default)
    await app.register(other.default)
    t.match(log.all.at(-1), { msg: 'humanloopErrors: registered a second time in one scope; the first registration stands' })
    failing(app, other)
    await fail(t, app, log, '', 'Humanloop')

    const { app: twice } = appOf(t)
    await twice.register(one.default)
    await t.rejects(async () => twice.register(other.default, { origin: 'Acme' }),
      new Error('humanloopErrors: registered twice in one scope with different options; keep one registration'))
  })

  t.test(`${name} in parent and child, and beside each other`, async t => {
    const { app, log } = appOf(t)
    await app.register(one.default, { origin: 'Parent' })
    await app.register(async child => {
      await child.register(other.default, { origin: 'Child' })
      failing(child, one)
    }, { prefix: '/child' })
    failing(app, other)
    await fail(t, app, log, '', 'Parent')
    await fail(t, app, log, '/child', 'Child')

    const beside = appOf(t)
    for (const [prefix, copy] of [['/one', one], ['/other', other]] as const) {
      await beside.app.register(async child => {
        await child.register(copy.default, { origin: prefix })
        failing(child, copy === one ? other : one)
      }, { prefix })
    }
    await fail(t, beside.app, beside.log, '/one', '/one')
    await fail(t, beside.app, beside.log, '/other', '/other')
  })

  t.test(`${name}: the errors of one in the app of the other`, async t => {
    const { app, log } = appOf(t)
    await app.register(one.default)
    failing(app, other)
    await fail(t, app, log, '', 'Humanloop')
  })

  t.test(`${name}: documents, reference and server options`, async t => {
    const { app } = appOf(t, other.serverOptions())
    await app.register(one.default)
    await app.register(other.default)
    await app.register(swagger, { openapi: { info: { title: 'x', version: '1' } }, transformObject: other.openapi() })
    await app.register(other.errorReference)
    app.addSchema({ $id: 'Failure', type: 'object', properties: { of: { $ref: 'HumanloopError#' } } })
    app.get('/', { schema: { response: { 200: { type: 'string' }, 409: { $ref: 'Failure#' } } } }, async () => 'x')
    await app.register(async child => {
      await child.register(other.default, { origin: 'Child' })
      child.get('/child', { schema: { response: { 200: { type: 'string' }, 409: { $ref: 'Failure#' } } } }, async () => 'x')
    })
    const port = await listening(app)
    const document = app.swagger() as any
    t.same((await problemsOf(document)).filter(problem => problem.startsWith('parser')), [])
    const listed = ['200', ...errorCodes, '409'].map(String).sort()
    for (const path of ['/', '/child']) t.same(Object.keys(document.paths[path].get.responses), listed, path)
    const page = await ask(port, '/errors.json')
    t.match(JSON.parse(page.body).errors[0].routes, [{ path: '/' }, { path: '/child' }])
    const bad = await ask(port, '/%ff')
    t.match(bad.status, ' 400 ')
    t.same(JSON.parse(bad.body), envelope(400, "'/%ff' is not a valid url component"))
  })
}
