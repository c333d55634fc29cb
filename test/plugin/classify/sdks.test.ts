/** SDKs' errors by their structure alone: older majors, second copies, minified bundles. */
import t from 'tap'
import { toContractError } from '../../../plugin/index.js'
import { meanings } from '../../support/app.js'

class A extends Error {}

const minified = (fields: object): Error => Object.assign(new A('429 x'), fields)

t.test('each family is told apart without names', async t => {
  for (const [error, origin, message] of [
    [minified({ status: 429, headers: {}, error: { message: 'Said.' }, code: null, param: null, type: null }), 'OpenAI', 'Said.'],
    [
      minified({ status: 429, headers: {}, error: { type: 'error', error: { type: 'rate_limit_error', message: 'Said.' } } }), 'Anthropic',
      'Said.'
    ],
    [minified({ status: 429, headers: {}, error: undefined, workspaceID: null }), 'Anthropic', 'x'],
    [minified({ status: 429, headers: {}, error: undefined, apiMessage: null }), 'Anthropic', 'x'],
    [minified({ statusCode: 429, body: { message: 'Said.' }, rawResponse: {} }), 'Cohere', 'Said.'],
    [
      minified({
        statusCode: 429, body: 'Said.', rawResponse: { url: 'https://api.mistral.ai/v1' }, contentType: 'x', headers: new Headers()
      }),
      'Mistral',
      'Said.'
    ]
  ] as const) {
    t.match(toContractError(error).detail, { code: 429, origin, message })
  }
})

t.test('where the structure does not tell, the chain of classes does', async t => {
  class AnthropicError extends Error {}
  class APIConnectionError extends AnthropicError {}
  t.match(
    toContractError(Object.assign(new APIConnectionError('Connection error.'), {
      status: undefined, headers: undefined, error: undefined
    })).detail,
    { code: 503, origin: 'Anthropic', message: 'Anthropic could not be reached.' })
  class CohereTimeoutError extends Error {}
  t.match(toContractError(new CohereTimeoutError('"timeout"')).detail, {
    code: 504, origin: 'Cohere', message: 'Cohere did not respond in time.'
  })
})

t.test('what a client says of its connection is no sentence of the provider', async t => {
  const cut = Object.assign(new Error('429 terminated'), { status: 429, headers: {}, error: undefined, param: null, code: null })
  t.match(toContractError(cut).detail, { code: 429, message: meanings[429], origin: 'OpenAI' })
  for (const message of ['Request to x failed with status 500', 'Request to x broke: no']) {
    t.match(toContractError({ request: {}, response: { status: 500 }, message }).detail, {
      code: 500, message: meanings[500], origin: 'Replicate'
    })
  }
  t.match(toContractError({ name: 'ApiError', status: 404 }).detail, { code: 404, message: meanings[404], origin: 'Humanloop' })
})

t.test('an AWS error of the network is no answer of the service', async t => {
  const reset = Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET', $metadata: { attempts: 1 } })
  t.match(toContractError(reset, { origin: 'bedrock' }).detail, {
    code: 503, origin: 'AWS Bedrock', message: 'The connection to AWS Bedrock was lost before its response was complete.'
  })
})
