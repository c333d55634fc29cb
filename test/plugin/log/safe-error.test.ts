/** What a log line holds of an error: named fields without secrets, and nothing of a prompt. */
import { APICallError, generateText, InvalidPromptError, JSONParseError, RetryError, TypeValidationError } from 'ai'
import t from 'tap'
import { NotFoundError } from '../../../plugin/index.js'
import { safeError } from '../../../plugin/log/safe-error.js'
import { shownPath } from '../../../plugin/log/path.js'
import { appWith } from '../../support/app.js'
import { quotedRequests, secrets } from '../message/secrets.js'

const prompt = 'my diagnosis is a secret'

t.test('no shape of a secret is in a message or in a log line', async t => {
  const { app, log } = await appWith(t, app => {
    app.get('/ours/:index', async request => {
      throw new Error([...secrets, ...quotedRequests][Number((request.params as { index: string }).index)]![0])
    })
    app.get('/shown/:index', async request => {
      throw new NotFoundError([...secrets, ...quotedRequests][Number((request.params as { index: string }).index)]![0])
    })
  })
  for (const [index, [, shown]] of [...secrets, ...quotedRequests].entries()) {
    await app.inject(`/ours/${index}`)
    t.equal((log.lines.at(-1)!.err as { message: string }).message, shown)
    const { detail } = (await app.inject(`/shown/${index}`)).json()
    const line = shown.replaceAll(/\s+/g, ' ').replaceAll(/\p{Cc}/gu, '')
    t.equal(detail.message.replaceAll(/\s+/g, ' '), line)
    t.equal(log.lines.at(-1)!.msg, detail.message)
  }
})

t.test('of an error of the AI SDK that is no call’s the log has name and code alone', async t => {
  const cause = new TypeValidationError({
    value: [{ role: 'nobody', content: prompt }], cause: new Error(`expected object, got ${prompt}`)
  })
  const thrown = await generateText({
    model: 'openai/gpt-4o', messages: [{ role: 'nobody', content: prompt }] as never
  }).catch((error: unknown) => error)
  t.match(thrown, { name: 'AI_InvalidPromptError' })
  for (const [error, type] of [
    [thrown, 'AI_InvalidPromptError'],
    [cause, 'AI_TypeValidationError'],
    [new InvalidPromptError({ prompt, message: prompt, cause }), 'AI_InvalidPromptError'],
    [new JSONParseError({ text: prompt, cause: new Error(prompt) }), 'AI_JSONParseError']
  ] as const) {
    const fields = safeError(error)
    t.match(fields, { type, message: '', stack: type })
    t.notMatch(JSON.stringify(fields), prompt)
    const around = safeError(Object.assign(new Error(`It failed: ${(error as Error).message}`, { cause: error }), { code: 'E_CHAT' }))
    t.match(around, { type: 'Error', message: 'It failed: [redacted]', code: 'E_CHAT', cause: { type, message: '' } })
    t.notMatch(JSON.stringify(around), prompt)
  }
  t.match(safeError(Object.assign(Object.create(null), { [Symbol.for('vercel.ai.error')]: true, message: 'x' })), {
    type: 'Error', message: '', stack: 'Error'
  })
})

t.test('a call that failed is told, also behind the retries', async t => {
  const call = new APICallError({ message: 'Too long.', url: 'https://a.example', requestBodyValues: { prompt }, statusCode: 400 })
  t.match(safeError(call), { type: 'AI_APICallError', message: 'Too long.', stack: /Too long/ })
  const retried = new RetryError({ message: 'Failed after 1 attempt.', reason: 'maxRetriesExceeded', errors: [call] })
  t.match(safeError(retried), { type: 'AI_RetryError', message: '', cause: { type: 'AI_APICallError', message: 'Too long.' } })
  t.notMatch(JSON.stringify(safeError(retried)), prompt)
})

t.test('a text is redacted before it is cut', async t => {
  const message = 'x '.repeat(4092) + 'sk-proj-abcDEF1234567890'
  t.equal(safeError(new Error(message)).message, 'x '.repeat(4092) + '[redacted]')
  t.equal(shownPath('/' + 'x/'.repeat(97) + 'sk-proj-abcDEF1234567890'), '/' + 'x/'.repeat(97) + '[reda')
  t.equal(shownPath('/of/sk-proj-abcDEF1234567890?key=1'), '/of/[redacted]')
})

t.test('nothing that a value does when it is read is thrown', async t => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const throws = { get (): never { throw new Error('no') } }
  for (const value of [
    revoked.proxy, new Proxy({}, throws), new Proxy(new Error('x'), throws), Object.create(null), () => 1, Symbol('x'), null, undefined, 1n
  ]) {
    t.type(safeError(value).type, 'string')
  }
  t.equal(safeError(Symbol('x')).message, 'a symbol')
  t.match(safeError(Object.assign(Object.create(null), { [Symbol.for('vercel.ai.error')]: true, code: 'x' })), { message: '', code: 'x' })
})
