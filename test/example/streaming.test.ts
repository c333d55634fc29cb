/** The gateway's streams as their readers see them: real SDKs over loopback, the stand-ins' true wire formats. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import { buildGateway } from '../../example/gateway.js'
import { environment } from '../../example/environment.js'
import { envelope, isContract, levels, Log, meanings } from '../support/app.js'
import { listening, request as begin, until } from '../support/socket.js'
import { request, Wire, type Answer } from '../support/wire.js'

const joke = 'Tell me a joke.'
const words = ['Tell ', 'me ', 'a ', 'joke.']

/** Each provider's wording of a failure in the middle of a stream, and what becomes of it. */
const providers = {
  openai: {
    origin: 'OpenAI',
    model: 'gpt-3.5-turbo',
    path: '/v1/chat/completions',
    midstream: {
      bad_request_error: [422, 'We could not parse the JSON body of your request.'],
      authentication_error: [401, 'The stream failed: invalid_api_key.'],
      not_found_error: [404, 'The stream failed: model_not_found.'],
      unprocessable_entity_error: [422, 'We could not parse the JSON body of your request.'],
      rate_limit_error: [
        429, 'Rate limit reached for gpt-3.5-turbo on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 7s.'
      ],
      unknown_error: [500, 'The server had an error while processing your request. Sorry about that!'],
      service_unavailable_error: [500, 'The server had an error while processing your request. Sorry about that!'],
      timeout_error: [504, 'Request timed out.'],
      overloaded_error: [529, 'The engine is overloaded.'],
      rate_limit_exceeded: [
        429, 'Rate limit reached for gpt-3.5-turbo on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 7s.'
      ],
      insufficient_quota: [429, 'The stream failed: insufficient_quota.']
    }
  },
  anthropic: {
    origin: 'Anthropic',
    model: 'claude-3-5-sonnet-20241022',
    path: '/v1/messages',
    midstream: {
      bad_request_error: [422, 'messages: at least one message is required'],
      authentication_error: [401, 'invalid x-api-key'],
      not_found_error: [404, 'The requested resource could not be found.'],
      unprocessable_entity_error: [422, 'messages: at least one message is required'],
      rate_limit_error: [429, 'This request would exceed your organization’s rate limit of 50 requests per minute.'],
      unknown_error: [500, 'Internal server error'],
      service_unavailable_error: [500, 'Internal server error'],
      timeout_error: [504, 'The request timed out.'],
      overloaded_error: [529, 'Overloaded'],
      permission_error: [401, 'Your API key does not have permission to use the specified resource.'],
      brand_new_error: [500, 'The stream failed: brand_new_error.']
    }
  },
  cohere: {
    origin: 'Cohere',
    model: 'command-r',
    path: '/v2/chat',
    midstream: {
      bad_request_error: [500, 'internal server error, this has been reported to our developers.'],
      overloaded_error: [500, 'internal server error, this has been reported to our developers.'],
      timeout_error: [504, 'gateway timeout'],
      ERROR: [500, 'internal server error, this has been reported to our developers.'],
      ERROR_TOXIC: [422, 'internal server error, this has been reported to our developers.'],
      TIMEOUT: [504, 'gateway timeout']
    }
  }
} as const

const bodies = {
  '/v4/chat': (config: object) => ({ messages: [{ role: 'user', content: joke }], model_config: config }),
  '/v4/completion': (config: object) => ({ inputs: { what: 'joke' }, model_config: { ...config, prompt_template: 'Tell me a {{what}}.' } })
}
const endpoints = ['/v4/chat', '/v4/completion'] as const
type Endpoint = (typeof endpoints)[number]

async function gateway (t: Test) {
  const log = new Log()
  const app = await buildGateway(environment({ MAX_EVENT_LOOP_DELAY: '0', PROVIDER_TIMEOUT: '20' }), { logger: log.logger })
  t.teardown(async () => app.close())
  const port = await listening(app)
  const headers = { 'x-api-key': 'caller', 'content-type': 'application/json' }
  const bodyOf = (endpoint: Endpoint, config: object, more: object): string => JSON.stringify({
    ...bodies[endpoint](config), stream: true, ...more
  })
  return {
    log,
    /** The whole answer, byte by byte. */
    ask: async (endpoint: Endpoint, config: object, more: object = {}): Promise<Answer> => {
      const wire = await Wire.to(port)
      const answer = await wire.write(request('POST', endpoint, headers, bodyOf(endpoint, config, more))).answer('POST')
      wire.close()
      return answer!
    },
    /** A connection on which an answer may come. */
    open: async (endpoint: Endpoint, config: object): Promise<Socket> => {
      const body = bodyOf(endpoint, config, {})
      const fields = { ...headers, 'content-length': body.length }
      const socket = await begin(port, endpoint, {
        method: 'POST', headers: Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')
      })
      socket.write(body)
      return socket
    }
  }
}

/** The frames of a stream as they stand on the wire; ids are read from its first one. */
function framesOf (body: string, outputs: readonly string[], finished: boolean): string {
  const [, id, config] = /^data: \{"id":"(data_[0-9a-f-]{36})".+?"model_config_id":"(config_[0-9a-f]{16})"\}/.exec(body) ?? []
  const frame = (output: string, finishReason: string | null): string =>
    `data: ${JSON.stringify({ id, index: 0, output, finish_reason: finishReason, model_config_id: config })}\n\n`
  return outputs.map(output => frame(output, null)).join('') + (finished ? frame('', 'stop') : '')
}

function isStream (t: Test, { statusLine, headers }: Answer, what: string): void {
  t.equal(statusLine, 'HTTP/1.1 200 OK', what)
  t.match(headers, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': /^req-/ })
}

t.jobs = 3

for (const [provider, { origin, model, path, midstream }] of Object.entries(providers)) {
  t.test(origin, async t => {
    t.test('a stream that succeeds comes word by word, and ends with its reason', async t => {
      const { ask, log } = await gateway(t)
      for (const endpoint of endpoints) {
        const answer = await ask(endpoint, { model })
        isStream(t, answer, endpoint)
        t.equal(answer.body, framesOf(answer.body, words, true))
      }
      t.same(log.lines, [])
    })

    t.test('what fails before the first event has its status', async t => {
      const { ask, log } = await gateway(t)
      const answers: Record<string, number> = {
        'error-400': 422,
        'error-401': 401,
        'error-403': 401,
        'error-404': 404,
        'error-408': 504,
        'error-413': 422,
        'error-422': 422,
        'error-429': 429,
        'error-500': 500,
        'error-502': 503,
        'error-503': 503,
        'error-504': 504,
        'error-529': 529,
        'error-refused': 503,
        'error-reset': 503,
        'error-timeout': 504,
        'unknown-model': 404
      }
      await Promise.all(endpoints.flatMap(endpoint => Object.entries(answers).map(async ([model, code]) => {
        const answer = await ask(endpoint, { model, provider })
        const { message } = JSON.parse(answer.body).detail
        isContract(t, answer, code, message, `${endpoint} ${model}`, origin)
        t.notMatch(message, /^\d{3} |[{<]|Status code/, 'a sentence, without the SDK’s decoration')
        t.equal(answer.headers['retry-after'], code === 429 ? '7' : undefined)
        t.match(log.lines.filter(({ reqId }) => reqId === answer.headers['x-request-id']), [{
          level: levels.warn, origin, code, begun: undefined, msg: message
        }])
      })))
    })

    t.test('what fails midway ends the stream with an error of the provider', async t => {
      const { ask, log } = await gateway(t)
      const failures: ReadonlyArray<readonly [model: string, code: number, message: string]> = [
        ...Object.entries(midstream).map(([type, [code, message]]) => [`error-midstream-${type}`, code, message] as const),
        ['error-cut', 503, `The connection to ${origin} was lost before its response was complete.`],
        ['error-stall', 504, `${origin} did not respond in time.`]
      ]
      await Promise.all(endpoints.flatMap(endpoint => failures.map(async ([model, code, message]) => {
        const answer = await ask(endpoint, { model, provider })
        isStream(t, answer, `${endpoint} ${model}`)
        const error = envelope(code, message, origin)
        t.equal(answer.body, `${framesOf(answer.body, words.slice(0, 3), false)}event: error\ndata: ${JSON.stringify(error)}\n\n`)
        t.match(log.lines.filter(({ reqId }) => reqId === answer.headers['x-request-id']), [{
          level: levels.warn, origin, code, begun: true, msg: message
        }])
      })))
    })

    t.test('a reader that leaves ends the provider’s call', async t => {
      const { open, log } = await gateway(t)
      for (const endpoint of endpoints) {
        for (const [model, begun] of [['error-stall', true], ['error-timeout', false]] as const) {
          const called = callTo(path)
          const left = log.next('the client left before it had an answer')
          const socket = await open(endpoint, { model, provider })
          const closed = once((await called).socket, 'close')
          if (begun) {
            t.match(await until(socket, `"${words[2]}"`), /^HTTP\/1.1 200 OK\r\n/, 'words come while the provider has not finished')
          }
          socket.destroy()
          await closed
          t.match(await left, { level: levels.info, origin, begun }, `${endpoint} ${model}`)
        }
      }
      t.ok(log.all.every(({ level }) => level === levels.info), 'and is no failure')
    })

    t.test('without a stream, the same models fail inside a 200 as well', async t => {
      const { ask, log } = await gateway(t)
      const said = provider === 'cohere' ? { code: 500, message: meanings[500]! } : { code: 529, message: midstream.overloaded_error[1] }
      await Promise.all(endpoints.map(async endpoint => {
        const [told, cut, stalled] = await Promise.all(['error-midstream-overloaded_error', 'error-cut', 'error-stall'].map(
          async model => ask(endpoint, { model, provider }, { stream: false })
        ))
        isContract(t, told, said.code, said.message, `${endpoint} midstream`, origin)
        isContract(t, cut, 503, `The connection to ${origin} was lost before its response was complete.`, `${endpoint} cut`, origin)
        isContract(t, stalled, 504, JSON.parse(stalled!.body).detail.message, `${endpoint} stall`, origin)
      }))
      t.same(log.lines.map(({ level }) => level), Array(6).fill(levels.warn))
    })
  })
}

t.test('what this service refuses is refused with a status', async t => {
  const { ask } = await gateway(t)
  isContract(t, await ask('/v4/chat', { model: 'llama' }), 422,
    'body/model_config/provider must be one of openai, anthropic, cohere: it does not follow from the name of the model')
  isContract(
    t,
    await ask('/v4/completion', { model: 'gpt-4o' }, { inputs: {} }),
    422,
    "body/inputs must have property 'what': the prompt template names it"
  )
  isContract(t, await ask('/v4/chat', { model: 'gpt-4o' }, { stream: 'yes' }), 422, 'body/stream must be boolean')
})

/** The next request that a stand-in gets at this path. */
async function callTo (path: string): Promise<IncomingMessage> {
  return new Promise(resolve => {
    const listener = (message: unknown): void => {
      const { request } = message as { request: IncomingMessage }
      if (request.url !== path) return
      unsubscribe('http.server.request.start', listener)
      resolve(request)
    }
    subscribe('http.server.request.start', listener)
  })
}
