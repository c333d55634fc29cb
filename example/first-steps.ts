/** What `npm start` prints: where the gateway is, and four requests to paste. */

/**
 * @param address of the server, `http://127.0.0.1:3000`
 * @param apiKey the only key accepted, where there is one; it is not printed
 */
export function firstSteps (address: string, apiKey: string | undefined): string {
  const key = apiKey === undefined ? 'any-key' : '$HUMANLOOP_API_KEY'
  const chat = (body: object, options = '-i'): string =>
    `curl ${options} ${address}/v4/chat -H "x-api-key: ${key}" -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
  const messages = [{ role: 'user', content: 'Tell me a joke.' }]
  return `
The gateway answers on ${address}, its documentation on ${address}/docs, its errors on ${address}/errors

A success:
${chat({ messages, model_config: { model: 'gpt-3.5-turbo' } })}

A failure of the provider:
${chat({ messages, model_config: { model: 'gpt-3.5-turbo', max_tokens: 10000000 } })}

A failure of validation:
${chat({ messages: [{ role: 'robot', content: 'Tell me a joke.' }], model_config: { model: 'gpt-3.5-turbo' } })}

A stream that fails midway:
${chat({ messages, model_config: { model: 'error-midstream-overloaded_error', provider: 'anthropic' }, stream: true }, '-N -i')}

`
}
