/** The requests, answers and log lines that the guides show are what the examples above them give. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import swagger from '@fastify/swagger'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { startStandIn } from '../../example/stand-ins/index.js'
import humanloopErrors, { toContractError } from '../../plugin/index.js'
import { checkErrorContract } from '../../plugin/testing/index.js'
import { appWith, envelope, meanings, type Log, type LogLine } from '../support/app.js'
import { blocksOf, moduleOf, pages, root, type Block } from '../support/examples.js'
import { listening } from '../support/transports.js'
import { request as requestText, Wire } from '../support/wire.js'

interface Message { first: string, headers: Record<string, string>, body: string }

interface Exchange { method: string, url: string, asked: Message, answered: Message }

/** An `http` block: requests, and behind each, from its status line on, its answer. */
function exchangesOf ({ text }: Block): Exchange[] {
  return text.split(/^(?=[A-Z]+ \/)/m).map(exchange => {
    const [asked, answered] = exchange.split(/^(?=HTTP\/1\.1 )/m)
    const request = messageOf(asked!)
    const [method, url] = request.first.split(' ')
    return { method: method!, url: url!, asked: request, answered: messageOf(answered!) }
  })
}

function messageOf (text: string): Message {
  const [head, ...rest] = text.split('\n\n')
  const [first, ...fields] = head!.trim().split('\n')
  return {
    first: first!, headers: Object.fromEntries(fields.map(field => field.split(': ') as [string, string])), body: rest.join('\n\n').trim()
  }
}

function parsed (text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text
}

/** What differs from run to run counts as present or not. */
function steady ({ err, ...line }: LogLine): object {
  for (const name of ['time', 'pid', 'hostname', 'upstreamRequestId']) if (name in line) line[name] = '…'
  return err === undefined ? line : { ...line, err: { ...err, stack: '…' } }
}

/** The app of an example, listening. */
async function started (t: Test, example: Block): Promise<{ port: number, log: Log }> {
  const folder = t.testdir()
  const file = join(folder, 'example.ts')
  writeFileSync(file, moduleOf({ where: '', code: example.text }, folder))
  const { app, log } = await import(pathToFileURL(file).href) as { app: FastifyInstance, log: Log }
  t.teardown(async () => app.close())
  return { port: await listening(app), log }
}

async function exchanged (t: Test, port: number, { method, url, asked, answered }: Exchange): Promise<void> {
  const wire = await Wire.to(port)
  const got = await wire.write(requestText(method, url, asked.headers, asked.body)).answer(method)
  wire.close()
  t.equal(got!.statusLine, answered.first, `${method} ${url}`)
  for (const [name, value] of Object.entries(answered.headers)) t.equal(got!.headers[name], value, name)
  t.same(parsed(got!.body.trim()), parsed(answered.body))
}

t.test('what the guides show', async t => {
  const openai = await startStandIn('openai')
  t.teardown(async () => openai.close())
  process.env.OPENAI_BASE_URL = openai.addressFor('gpt-4')
  process.env.OPENAI_API_KEY = 'any-key'

  for (const page of pages.filter(page => page.startsWith('docs'))) {
    const blocks = blocksOf(page)
    const fences = readFileSync(join(root, page), 'utf8').match(/^ *```/gm) ?? []
    t.equal(
      blocks.filter(({ kind }) => ['ts', 'http', 'json log'].includes(kind)).length, fences.length / 2, `${page}: no block that is not run`
    )
    t.ok(blocks.length === 0 || blocks[0]!.kind === 'ts', `${page}: an example comes first`)
    for (const [index, example] of blocks.entries()) {
      if (example.kind !== 'ts') continue
      const ends = blocks.findIndex(({ kind }, at) => at > index && kind === 'ts')
      const below = blocks.slice(index + 1, ends === -1 ? undefined : ends)
      if (below.length === 0) continue
      await t.test(`${page}:${example.line}`, async t => {
        const { port, log } = await started(t, example)
        for (const block of below) {
          if (block.kind === 'http') for (const exchange of exchangesOf(block)) await exchanged(t, port, exchange)
          else {
            t.ok(
              log.all.some(line => JSON.stringify(steady(line)) === JSON.stringify(steady(JSON.parse(block.text)))), `${page}:${block.line}`
            )
          }
        }
      })
    }
  }
})

t.test('migrating: the statuses that change', async t => {
  const rows = [...readFileSync(join(root, 'docs/migrating.md'), 'utf8').matchAll(/^\| ([\d, ]+).* \| (\d{3}) \|$/gm)]
  t.equal(rows.length, 8)
  for (const [row, statuses, code] of rows) {
    const thrown = row.includes('validation') ? { validation: [{ message: 'x' }] } : {}
    for (const status of statuses!.split(',').map(Number).filter(status => status > 0)) {
      t.equal(toContractError({ statusCode: status, message: 'x', ...thrown }).statusCode, Number(code), String(status))
    }
  }
})

t.test('migrating: what an error handler sends is the contract without it knowing, with the message that it has', async t => {
  const { app } = await appWith(t, app => {
    app.register(async routes => {
      routes.setErrorHandler((error, _request, reply) => {
        const { statusCode = 500, message } = error as { statusCode?: number, message: string }
        reply.code(statusCode).send({ ok: false, error: { message } })
      })
      routes.get('/404', async () => { throw Object.assign(new Error('There is no project 7.'), { statusCode: 404 }) })
      routes.get('/500', async () => { throw new Error('Replica db-3 is down.') })
    })
  })
  t.same((await app.inject('/404')).json(), envelope(404, 'There is no project 7.'))
  t.same((await app.inject('/500')).json(), envelope(500, meanings[500]!))
})

t.test('migrating: malformed HTTP is the contract, in whichever scope the plugin is', async t => {
  const app = Fastify()
  t.teardown(async () => app.close())
  await app.register(async v2 => { await v2.register(humanloopErrors) }, { prefix: '/v2' })
  const wire = await Wire.to(await listening(app))
  const answer = await wire.write('GET /v1 HTTP/1.1\r\nbad header\r\n\r\n').answer()
  t.equal(answer!.statusLine, 'HTTP/1.1 400 Bad Request')
  t.match(JSON.parse(answer!.body), { detail: { type: 'bad_request_error' } })
})

/** What a route sends of its own accord. */
const sold = async (_request: unknown, reply: FastifyReply): Promise<unknown> => reply.code(410).send({ problem: 'sold' })

t.test('leaving routes alone: no headers, log line or onError of ours; documented is what the table says', async t => {
  const told: string[] = []
  const { app, log } = await appWith(t, async app => {
    await app.register(swagger, { openapi: {} })
    app.get('/guarded', sold)
    app.get('/declared', { schema: { response: { 410: { type: 'object', properties: { problem: { type: 'string' } } } } } }, sold)
    app.get('/errors-false', { config: { errors: false } }, sold)
    app.register(async off => {
      await off.register(humanloopErrors, { guard: 'off' })
      off.get('/off', sold)
    })
    app.register(async off => {
      await off.register(humanloopErrors, { guard: 'off', document: false })
      off.get('/undocumented', sold)
    })
  }, { onError: (_error, request) => { told.push(request.url) } })
  const nine = ['400', '401', '404', '422', '429', '500', '503', '504', '529']
  for (const [path, documented] of [
    ['/declared', ['400', '401', '404', '410', '422', '429', '500', '503', '504', '529']],
    ['/errors-false', ['200']],
    ['/off', ['200', ...nine]],
    ['/undocumented', ['200']]
  ] as const) {
    const answer = await app.inject(path)
    t.equal(answer.statusCode, 410)
    t.same(answer.json(), { problem: 'sold' })
    t.same(Object.keys(answer.headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
    t.same(Object.keys(app.swagger().paths![path]!.get!.responses!).sort(), documented, path)
  }
  t.same(log.lines, [])
  t.same(told, [])
  await app.inject('/guarded')
  t.same(told, ['/guarded'])
})

t.test('leaving routes alone: what the check says of them', async t => {
  const body = { type: 'object', required: ['name'] }
  const refuse = (status: number) => (_error: unknown, _request: unknown, reply: FastifyReply) => {
    reply.code(status).send({ problem: 'refused' })
  }
  const { app } = await appWith(t, app => {
    app.post(
      '/declared',
      {
        schema: { body, response: { 400: { type: 'object' }, 413: { type: 'object' }, 415: { type: 'object' } } }, errorHandler: refuse(400)
      },
      sold
    )
    app.post('/errors-false', { schema: { body }, config: { errors: false }, errorHandler: refuse(400) }, sold)
    app.post('/rpc', { schema: { body }, errorHandler: refuse(200) }, sold)
  })
  const { unchecked, violations } = await checkErrorContract(app, { skip: ({ method }) => method !== 'POST' })
  for (const route of ['POST /declared', 'POST /errors-false']) {
    t.match(unchecked.find(one => one.route === route)?.reason, /is its own decision/)
    t.notOk(violations.some(one => one.route === route))
  }
  t.match(violations.find(one => one.route === 'POST /rpc'), { status: 200, reason: /an error was thrown, and the answer is 200/ })
})
