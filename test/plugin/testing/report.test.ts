/** The report as people read it. */
import { inspect } from 'node:util'
import t from 'tap'
import { ErrorContractReport } from '../../../plugin/testing/report.js'

t.test('a table: the violations, then what was not checked', async t => {
  const report = new ErrorContractReport()
  report.checked.push({ route: 'POST /v4/chat', trigger: 'broken JSON', status: 400 }, {
    route: 'GET /', trigger: 'bare request', status: 401
  })
  report.violations.push({ route: 'POST /v4/chat', trigger: 'broken JSON', status: 400, body: 'a\nb', reason: 'the body is no JSON' })
  report.unchecked.push({ route: 'GET /health', reason: 'it reached the handler' }, {
    route: 'server', trigger: 'slow headers', reason: 'too slow'
  })
  t.equal(String(report), [
    '1 violation in 2 error answers from 2 addresses, 2 not checked',
    '',
    'violations',
    '  POST /v4/chat  broken JSON  400  the body is no JSON; the body is "a\\nb"',
    '',
    'not checked',
    '  GET /health                it reached the handler',
    '  server       slow headers  too slow'
  ].join('\n'))
  t.equal(inspect(report), String(report))
})

t.test('long lists and long bodies are cut', async t => {
  const report = new ErrorContractReport()
  for (let index = 0; index < 103; index++) {
    report.violations.push({
      route: `GET /${index}`, trigger: 'bare request', status: 500, body: 'x'.repeat(300), reason: 'the body is no JSON'
    })
  }
  const lines = String(report).split('\n')
  t.equal(lines.length, 1 + 2 + 100 + 1)
  t.equal(lines.at(-1), '  … and 3 more')
  t.equal(lines[3], `  GET /0   bare request  500  the body is no JSON; the body is "${'x'.repeat(200)}"…`)
})

t.test('nothing found, nothing left', async t => {
  t.equal(String(new ErrorContractReport()), '0 violations in 0 error answers from 0 addresses, 0 not checked')
})
