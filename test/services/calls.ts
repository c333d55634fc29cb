/** How the clients of services that are no model providers call them. Retries are off; what a client logs by itself is off. */
import { Client as Elasticsearch } from '@elastic/elasticsearch'
import { Client as Notion, LogLevel as NotionLevel } from '@notionhq/client'
import { Client as OpenSearch } from '@opensearch-project/opensearch'
import { QdrantClient } from '@qdrant/js-client-rest'
import { LogLevel, WebClient } from '@slack/web-api'
import { algoliasearch } from 'algoliasearch'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import Stripe from 'stripe'
import twilio from 'twilio'
import { Agent, interceptors, request } from 'undici'
import { Agent as Agent6, request as request6 } from 'undici-6'

type Call = (url: string, port: number, failure: string) => Promise<unknown>

/** The failure stands in the path, or in a name or id that becomes a part of it. */
export const calls: Readonly<Record<string, Call>> = {
  '@elastic/elasticsearch': async (url, _port, failure) => new Elasticsearch({ node: url, maxRetries: 0 }).search({ index: failure }),
  '@opensearch-project/opensearch': async (url, _port, failure) => new OpenSearch({ node: url, maxRetries: 0 }).search({ index: failure }),
  stripe: async (_url, port, failure) =>
    new Stripe('sk_test_x', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 }).customers.retrieve(failure),
  '@slack/web-api': async (url, _port, failure) => new WebClient('xoxb-x', {
    slackApiUrl: `${url}/${failure}/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logLevel: LogLevel.ERROR
  }).chat.postMessage({ channel: 'c', text: 't' }),
  '@notionhq/client': async (url, _port, failure) =>
    new Notion({ auth: 'x', baseUrl: `${url}/${failure}`, retry: false, logLevel: NotionLevel.ERROR }).pages.retrieve({ page_id: 'p' }),
  algoliasearch: async (_url, port, failure) =>
    algoliasearch('id', 'key', {
      hosts: [{ url: `127.0.0.1:${port}`, accept: 'readWrite', protocol: 'http' }]
    }).getSettings({ indexName: failure }),
  twilio: async (url, _port, failure) => {
    const httpClient = new twilio.RequestClient()
    const send = httpClient.request.bind(httpClient)
    httpClient.request = async options => send({ ...options, uri: `${url}/${failure}` })
    return twilio(`AC${'0'.repeat(32)}`, 'token', { httpClient }).messages(`SM${'0'.repeat(32)}`).fetch()
  },
  '@qdrant/js-client-rest': async (url, _port, failure) => new QdrantClient({ url, checkCompatibility: false }).getCollection(failure),
  'undici 6, throwOnError': async (url, _port, failure) => request6(`${url}/${failure}`, { throwOnError: true, dispatcher: new Agent6() }),
  'undici 7, responseError': async (url, _port, failure) =>
    request(`${url}/${failure}`, { dispatcher: new Agent().compose(interceptors.responseError()) }),
  axios: async (url, _port, failure) => axios.get(`${url}/${failure}`),
  got: async (url, _port, failure) => got(`${url}/${failure}`, { retry: { limit: 0 } }).json(),
  ky: async (url, _port, failure) => ky(`${url}/${failure}`, { retry: 0 }).json(),
  'a Response, thrown': async (url, _port, failure) => {
    const response = await fetch(`${url}/${failure}`)
    if (!response.ok) throw response
  }
}
