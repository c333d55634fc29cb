/** The error reference as Markdown (CommonMark with GitHub's tables). */
import type { ErrorReference, ReferenceError } from './schema.js'
import { headline, labels, lead, originsLead, routesLead } from './labels.js'

export function markdownOf (reference: ErrorReference): string {
  const { origins, fields, headers, errors } = reference
  return `# ${text(headline(reference))}

${lead}

## ${labels.glance}

${table(['code', 'error', 'type', 'meaning', 'retry'], errors.map(({ code, title, type, meaning, retryable }) =>
  [String(code), `[${title}](#${slug(code, title)})`, `\`${type}\``, meaning, retryable ? 'yes' : 'no']))}

${errors.map(section).join('\n\n')}

## ${labels.answer}

${table([labels.fields, ''], fields.map(({ name, meaning }) => [`\`${name}\``, meaning]))}

${table([labels.headers, ''], headers.map(({ name, meaning }) => [`\`${name}\``, meaning]))}

## ${labels.origins}

${originsLead({ ...reference, origins: { ...origins, services: origins.services.map(text) } })}

### ${labels.services}

${origins.services.map(name => `- ${text(name)}`).join('\n')}

### ${labels.providers}

${origins.providers.map(name => `- ${text(name)}`).join('\n')}
`
}

function section (error: ReferenceError): string {
  const { code, title, type, meaning, advice, retry, examples, curl, typescript, routes } = error
  const listed = routes.map(({ methods, path, summary }) =>
    `- ${inlineCode(`${methods.join(', ')} ${path}`)}${summary === undefined ? '' : `: ${text(summary)}`}`)
  return `## ${code} ${title}

\`${type}\`

${meaning}

**${labels.advice}.** ${advice}

**${labels.retry}.** ${retry}

### ${labels.examples}

${examples.map(example => fenced('json', JSON.stringify(example, null, 2))).join('\n\n')}

### ${labels.handling}

${fenced('sh', curl)}

${fenced('ts', typescript)}

### ${labels.routes}

${[routesLead(error), ...listed.length === 0 ? [] : [listed.join('\n')]].join('\n\n')}`
}

/** The anchor that GitHub gives a heading. */
function slug (code: number, title: string): string {
  return `${code}-${title.toLowerCase().replaceAll(' ', '-')}`
}

function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Foreign text that is no markup: also at the beginning of a line, also with GitHub's tables and automatic links. */
function text (foreign: string): string {
  return foreign.trim()
    .replaceAll(/[\\`*_[\]<>#|~&!:@]/g, '\\$&')
    .replaceAll(/www\./gi, 'www\\.')
    .replace(/^(?:[-+=]|(\d{1,9})(?=[.)]))/, (start, digits?: string) => digits === undefined ? `\\${start}` : `${digits}\\`)
}

/** Between more backticks than there are in it. */
function inlineCode (foreign: string): string {
  const fence = '`'.repeat(longestRun(foreign) + 1)
  return fence.length === 1 ? `\`${foreign}\`` : `${fence} ${foreign} ${fence}`
}

function fenced (language: string, code: string): string {
  const fence = '`'.repeat(Math.max(longestRun(code) + 1, 3))
  return `${fence}${language}\n${code}\n${fence}`
}

function longestRun (code: string): number {
  return Math.max(0, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length))
}
