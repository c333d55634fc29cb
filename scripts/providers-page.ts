/** docs/providers.md, from the data that the plugin itself works with. */
import { fileURLToPath } from 'node:url'
import { providerStatuses } from '../plugin/classify/status.js'
import { decisiveCodes, exhaustedCodes, indicativeCodes } from '../plugin/providers/codes.js'
import type { Codes, Provider, Sentence } from '../plugin/providers/row.js'
import { providers } from '../plugin/providers/rows.js'
import { errorStatuses, type ErrorCode } from '../schemas/statuses.js'

export const page = fileURLToPath(new URL('../docs/providers.md', import.meta.url))

/** The page, as it should be. */
export function providersPage (): string {
  return `<!-- Generated from plugin/providers and plugin/classify by \`npm run docs\`; a test checks that it is up to date. -->
# Providers

What a failure of each model provider becomes. The first of these that tells something decides:

1. the machine-readable code, wherever the provider puts it (\`error.code\`, \`error.type\`, \`error.status\`, \`__type\`,
   \`x-amzn-errortype\`, numeric codes), where the table of the provider or the common one has it;
2. a fixed sentence of the provider, for what neither code nor status tells;
3. the HTTP status;
4. inside a 200 or a stream, where there is no status: a code that tells something there, else a status inside the body, else 500.

No answer at all: refused, reset, not resolved, TLS, a body that cannot be read → ${answer(503)}; time-outs, an abort while the
client still waits → ${answer(504)}. Upper and lower case, \`_\`, \`-\` and \`.\` make no difference in a code.

## HTTP statuses

${table('status', Object.entries(providerStatuses).map(([code, statuses]) => [statuses.join(', '), Number(code) as ErrorCode]),
  [['any other 4xx', 422], ['any other 5xx', 500]])}

## Codes that mean the same everywhere

${codesTable(decisiveCodes, exhaustedCodes)}

Only where there is no HTTP status:

${codesTable(indicativeCodes)}

${providers.map(section).join('\n\n')}
`
}

function section ({ name, ids = [], hosts = [], codes = {}, exhausted = [], statuses = {}, sentences = [] }: Provider): string {
  const given = [name, ...ids].map(id => `\`${id}\``).join(', ')
  const rows = [
    ...codeRows(codes),
    ...exhaustedRow(exhausted),
    ...Object.entries(statuses).map(([status, code]) => [`HTTP ${status}`, code] as const),
    ...sentences.map(sentence => [
      sentenceText(sentence), sentence.code, sentence.retryable === false ? ', waiting does not cure it' : ''
    ] as const)
  ]
  return `## ${name}

Origin: ${given}. ${hosts.length === 0
  ? 'It has no host of its own: say it with `withOrigin`, or give it one with the option `providers`.'
  : `Hosts: ${hosts.map(host => `\`${host}\``).join(', ')}.`}

${rows.length === 0 ? 'It follows the tables above.' : table('the provider sends', rows)}`
}

type Row = readonly [sent: string, code: ErrorCode, remark?: string]

function codesTable (codes: Codes, exhausted: readonly string[] = []): string {
  return table('code', [...codeRows(codes), ...exhaustedRow(exhausted)])
}

function codeRows (codes: Codes): Row[] {
  return Object.entries(codes).map(([code, names]) => [listed(names), Number(code) as ErrorCode])
}

function exhaustedRow (codes: readonly string[]): Row[] {
  return codes.length === 0 ? [] : [[listed(codes), 429, ', waiting does not cure it; 401 with any other status than 429']]
}

function listed (codes: readonly string[]): string {
  return codes.map(code => `\`${code}\``).join(', ')
}

function sentenceText ({ status, startsWith, includes }: Sentence): string {
  return `${status === undefined ? 'without a status' : `HTTP ${status}`}: “${startsWith}…${includes === undefined ? '' : `${includes}…`}”`
}

function table (title: string, rows: readonly Row[], more: readonly Row[] = []): string {
  return [
    `| ${title} | answer |`, '|---|---|', ...[...rows, ...more].map(([sent, code, remark = '']) => `| ${sent} | ${answer(code)}${remark} |`)
  ].join('\n')
}

function answer (code: ErrorCode): string {
  return `${code} \`${errorStatuses[code].type}\``
}
