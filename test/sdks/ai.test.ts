/** The AI SDK: only a call that fails is a provider's failure; a mistake in how it was set up or called is ours. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOpenAI } from '@ai-sdk/openai'
import {
  DownloadError, generateText, InvalidArgumentError, NoSuchToolError, Output, TypeValidationError, UnsupportedFunctionalityError
} from 'ai'
import t from 'tap'
import { z } from 'zod'
import { withOrigin } from '../../plugin/index.js'
import { appWith, envelope, levels, meanings } from '../support/app.js'

const whisper = 'whisper this to the model'

/** A provider whose text is no JSON. */
const provider = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: whisper } }]
  }))
}).listen(0, '127.0.0.1')
await once(provider, 'listening')
t.teardown(() => { provider.close() })
const host = `127.0.0.1:${(provider.address() as AddressInfo).port}`
const model = createOpenAI({ apiKey: 'k', baseURL: `http://${host}` }).chat('m')

const unset = process.env['OPENAI_API_KEY']
delete process.env['OPENAI_API_KEY']
t.teardown(() => { if (unset !== undefined) process.env['OPENAI_API_KEY'] = unset })

const mistakes: Readonly<Record<string, () => Promise<unknown>>> = {
  LoadAPIKeyError: async () => generateText({ model: createOpenAI()('m'), prompt: whisper }),
  InvalidPromptError: async () => generateText({ model, messages: [{ role: 'nobody', content: whisper }] as never }),
  InvalidArgumentError: async () => generateText({ model, prompt: whisper, maxOutputTokens: -1 }),
  UnsupportedModelVersionError: async () => generateText({ model: {} as never, prompt: whisper }),
  NoSuchToolError: async () => { throw new NoSuchToolError({ toolName: 'x' }) },
  UnsupportedFunctionalityError: async () => { throw new UnsupportedFunctionalityError({ functionality: 'x' }) },
  TypeValidationError: async () => { throw new TypeValidationError({ value: whisper, cause: z.string().safeParse(1).error }) },
  wrapped: async () => { throw new Error('x', { cause: new InvalidArgumentError({ parameter: 'x', value: 1, message: 'x timed out' }) }) }
}

const { app, log } = await appWith(t, app => {
  for (const [name, call] of Object.entries(mistakes)) {
    app.get(`/${name}`, call)
    app.get(`/${name}/attributed`, async () => withOrigin('openai', call))
  }
  const objectOf = async () =>
    (await generateText({ model, prompt: whisper, output: Output.object({ schema: z.object({ a: z.string() }) }) })).output
  app.get('/no-object', objectOf)
  app.get('/no-object/attributed', async () => withOrigin('openai', objectOf))
  const download = async (): Promise<never> => {
    throw new DownloadError({ url: 'http://files.internal/x.png', statusCode: 404, statusText: 'Not Found' })
  }
  app.get('/download', async () => withOrigin('openai', download))
})

for (const name of Object.keys(mistakes)) {
  t.test(name, async t => {
    for (const path of [`/${name}`, `/${name}/attributed`]) {
      log.all.length = 0
      t.same((await app.inject(path)).json(), envelope(500, meanings[500]!), path)
      t.match(log.lines, [{ level: levels.error, origin: 'Humanloop' }])
    }
  })
}

t.test('a response without the output that was asked for is a failure of the provider, where it is known', async t => {
  t.same((await app.inject('/no-object')).json(), envelope(500, meanings[500]!))
  t.same((await app.inject('/no-object/attributed')).json(), envelope(500, meanings[500]!, 'OpenAI'))
})

t.test('a file that could not be fetched is none of the provider’s calls, and no statement of ours', async t => {
  t.same((await app.inject('/download')).json(), envelope(500, meanings[500]!))
})
