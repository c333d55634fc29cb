/** What the README shows of the results, between its two marks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const readme = fileURLToPath(new URL('../README.md', import.meta.url))

/** The parts of the results that are quoted, by their headings. */
const quoted = ['Thrown errors, without logging', 'Thrown errors, with the log', 'Boot, 1,000 routes', 'Documentation of 1,000 routes']

/** Puts the tables of the results into the README. */
export function quote (results: string): void {
  const [, , machine = ''] = results.split('\n\n')
  const sections = results.split('\n## ')
  const tables = quoted.map(title => `#### ${sections.find(section => section.startsWith(title))!.trim()}`)
  const text = [
    '### Measured',
    `\`npm run bench\`; ${machine.replace(/\.$/, '')}. Medians of interleaved rounds, least and greatest in brackets. [bench/results.md](bench/results.md) has all of it.`,
    ...tables
  ].join('\n\n')
  writeFileSync(
    readme, readFileSync(readme, 'utf8').replace(/<!-- bench -->.*<!-- \/bench -->/s, () => `<!-- bench -->\n\n${text}\n\n<!-- /bench -->`)
  )
}
