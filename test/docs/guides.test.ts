/** The requests, answers and log lines that the guides show are what the examples above them give. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { startStandIn } from '../../example/stand-ins/index.js'
import type { Log, LogLine } from '../support/app.js'
import { blocksOf, moduleOf, pages, type Block } from '../support/examples.js'
import { listening } from '../support/transports.js'
import { request as requestText, Wire } from '../support/wire.js'

interface Exchange { method: string, url: string, headers: Record<string, string>, body: string, answer: { statusLine: string, headers: Record<string, string>, body: string } }

/** An `http` block: requests, and behind each, from its status line on, its answer. */
function exchangesOf ({ text }: Block): Exchange[] {
  return text.split(/^(?=[A-Z]+ \/)/m).map(exchange => {
    const [asked, answered] = exchange.split(/^(?=HTTP\/1\.1 )/m)
    const request = messageOf(asked!)
    const [method, url] = request.first.split(' ')
    const { first, headers, body } = messageOf(answered!)
    return { ...request, method: method!, url: url!, answer: { statusLine: first, headers, body } }
  })
}

function messageOf (text: string): { first: string, headers: Record<string, string>, body: string } {
  const [head, ...rest] = text.split('\n\n')
  const [first, ...fields] = head!.trim().split('\n')
  return { first: first!, headers: Object.fromEntries(fields.map(field => field.split(': ') as [string, string])), body: rest.join('\n\n').trim() }
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

async function exchanged (t: Test, port: number, { method, url, headers, body, answer }: Exchange): Promise<void> {
  const wire = await Wire.to(port)
  const got = await wire.write(requestText(method, url, headers, body)).answer(method)
  wire.close()
  t.equal(got!.statusLine, answer.statusLine, `${method} ${url}`)
  for (const [name, value] of Object.entries(answer.headers)) t.equal(got!.headers[name], value, name)
  t.same(parsed(got!.body.trim()), parsed(answer.body))
}

t.test('what the guides show', async t => {
  const openai = await startStandIn('openai')
  t.teardown(async () => openai.close())
  process.env.OPENAI_BASE_URL = openai.addressFor('gpt-4')
  process.env.OPENAI_API_KEY = 'any-key'

  for (const page of pages.filter(page => page.startsWith('docs'))) {
    const shown = blocksOf(page).filter(({ kind }) => ['ts', 'http', 'json log'].includes(kind))
    // the example that the most recent app is of, and those that come back later by its name: the page says so
    for (const [index, example] of shown.entries()) {
      if (example.kind !== 'ts') continue
      const ends = shown.findIndex(({ kind }, at) => at > index && kind === 'ts')
      const below = shown.slice(index + 1, ends === -1 ? undefined : ends)
      if (below.length === 0) continue
      await t.test(`${page}:${example.line}`, async t => {
        const { port, log } = await started(t, example)
        for (const block of below) {
          if (block.kind === 'http') for (const exchange of exchangesOf(block)) await exchanged(t, port, exchange)
          else t.ok(log.all.some(line => JSON.stringify(steady(line)) === JSON.stringify(steady(JSON.parse(block.text)))), `${page}:${block.line}`)
        }
      })
    }
  }
})
