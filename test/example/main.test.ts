/** `npm start` as it runs: a process that serves, prints where, and stops when told. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const main = fileURLToPath(new URL('../../example/main.ts', import.meta.url))

t.test('the gateway starts, prints four requests that work, and shuts down cleanly', async t => {
  const gateway = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => gateway.kill('SIGKILL'))
  const printed: string[] = []
  for await (const line of createInterface(gateway.stdout)) {
    printed.push(line)
    if (printed.filter(text => text.startsWith('curl')).length === 4) break
  }
  const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed.join('\n'))!
  t.ok(printed.some(line =>
    line === `The gateway answers on ${address}, its documentation on ${address}/docs, its errors on ${address}/errors`))

  const statuses = []
  const bodies = []
  for (const curl of printed.filter(line => line.startsWith('curl'))) {
    const [, url, key, body] = /^curl (?:-N )?-i (\S+) -H "x-api-key: ([^"]+)" -H 'content-type: application\/json' -d '(.+)'$/.exec(curl)!
    const answer = await fetch(url!, { method: 'POST', headers: { 'x-api-key': key!, 'content-type': 'application/json' }, body: body! })
    statuses.push(answer.status)
    bodies.push(await answer.text())
  }
  t.same(statuses, [200, 422, 422, 200])
  t.match(JSON.parse(bodies[0]!), { data: [{ output: 'Tell me a joke.' }] })
  t.match(JSON.parse(bodies[1]!), { detail: { origin: 'OpenAI' } })
  t.match(JSON.parse(bodies[2]!), { detail: { origin: 'Humanloop' } })
  t.match(
    bodies[3],
    /"output":"Tell ".+event: error\ndata: \{"detail":\{"type":"overloaded_error","message":"Overloaded","code":529,"origin":"Anthropic"\}\}\n\n$/s
  )
  t.equal((await fetch(`${address}/docs/json`)).status, 200)
  t.match(await (await fetch(`${address}/errors`)).text(), '<h1>LLM gateway errors</h1>')

  gateway.kill('SIGTERM')
  const [code, signal] = await once(gateway, 'exit')
  t.match({ code, signal }, { code: 0, signal: null })
})

t.test('what keeps it from starting is said in one line', async t => {
  const gateway = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, PORT: 'http' }, stdio: ['ignore', 'ignore', 'pipe']
  })
  const said: string[] = []
  for await (const line of createInterface(gateway.stderr)) said.push(line)
  t.match(said.join('\n'), "The gateway cannot start: PORT must be an integer from 0 to 65535; it is 'http'")
})

t.test('the curl lines name the variable of the key, not the key', async t => {
  const { firstSteps } = await import('../../example/first-steps.js')
  t.match(firstSteps('http://a', 'secret'), '"x-api-key: $HUMANLOOP_API_KEY"')
  t.notMatch(firstSteps('http://a', 'secret'), /secret/)
})
