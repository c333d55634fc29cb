/** The TypeScript examples of a page or a source as modules, and the requests and answers that a page shows for them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page. */
export interface Block { file: string, line: number, kind: string, text: string }

export interface Example { where: string, code: string }

/** The pages about how to use it. */
export const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter(file => file.endsWith('.md')).map(file => join('docs', file))]

export const sources = ['schemas', 'plugin', 'client'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file)))

/** The fenced blocks of a file; in a docstring, without its margin. */
export function blocksOf (file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^( ?\*? ?)```(\w[\w ]*)\n(.*?)^ ?\*? ?```$/gms)].map(({ index, 1: margin, 2: kind, 3: inside }) => ({
    file,
    line: text.slice(0, index).split('\n').length + 1,
    kind: kind!,
    text: margin === '' ? inside! : inside!.replaceAll(/^ \* ?/gm, '')
  }))
}

export function examplesOf (file: string): Example[] {
  return blocksOf(file).filter(({ kind }) => kind === 'ts').map(({ line, text }) => ({ where: `${file}:${line}`, code: text }))
}

/** What an example may take for granted: an app with the plugin, and the imports that stand in another example. */
const given: ReadonlyArray<readonly [name: string, line: string]> = [
  ['OpenAI', "import OpenAI from 'openai'"],
  ['Fastify', "import Fastify from 'fastify'"],
  ['swagger', "import swagger from '@fastify/swagger'"],
  ['AppModule', "import { AppModule } from '@nestjs/core'"],
  ['rateLimited', "import { rateLimited } from 'rate-limited'"],
  ['humanloopErrors', "import humanloopErrors from 'fastify-humanloop-errors'"],
  ['url', "const url = 'data:text/event-stream,data:%20%7B%22output%22:%22Hello%22%7D%0A%0A'"],
  ['app', "import fastify from 'fastify'\nconst app = fastify({ logger })"]
]

/** What stands in for modules: the sources for the package, and for a plugin that refuses Fastify 5 the same without the refusal. */
const modules: ReadonlyArray<readonly [name: string, file: string]> = [
  ['rate-limited', 'test/frameworks/rate-limited.js'],
  ['@nestjs/core', 'test/frameworks/nest-app.js'],
  ['@nestjs/platform-fastify', 'test/frameworks/nest-app.js'],
  ['fastify-humanloop-errors/schemas', 'schemas/index.js'],
  ['fastify-humanloop-errors/testing', 'plugin/testing/index.js'],
  ['fastify-humanloop-errors/client', 'client/index.js'],
  ['fastify-humanloop-errors', 'plugin/index.js'],
  ['fastify-http-errors-enhanced', 'test/support/http-errors-enhanced.js']
]

/**
 * The example as a module: with what it takes for granted, importing the sources, its `// value` comments checked. An app of
 * its own has the plugin only where it registers it. What it logs is kept.
 */
export function moduleOf ({ code }: Example, folder: string): string {
  const prelude = given.filter(([name]) =>
    new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`(?:import ${name}\\b|const ${name}\\b)`).test(code))
  const checked = code
    .replaceAll('logger: true', 'logger')
    .replaceAll(/^(.+)\n\/\/ (\{.+\})$/gm, 'is($1, $2)')
    .replaceAll(/^(?!const|import|await|app|\}|\/\/)(\S.*?) \/\/ (.+)$/gm, 'is($1, $2)')
  const path = (from: string): string => JSON.stringify(relative(folder, join(root, from)))
  const hasPlugin = !prelude.some(([name]) => name === 'app') || !code.includes('app.') || /register\(humanloopErrors\b/.test(code)
  const lines = [
    "import { deepStrictEqual } from 'node:assert'",
    `import { Log } from ${path('test/support/app.js')}`,
    'function is (actual: unknown, expected: unknown): void { deepStrictEqual({ value: actual }, { value: expected }) }',
    'const log = new Log()',
    'const { logger } = log',
    ...prelude.map(([, line]) => line),
    ...hasPlugin ? [] : ["await app.register((await import('fastify-humanloop-errors')).default)"],
    checked,
    'is(typeof logger, "object")',
    code.includes('app') ? 'await app.ready()\nexport { app, log }' : 'export {}'
  ].join('\n')
  return modules.reduce((text, [name, file]) => text.replaceAll(`'${name}'`, path(file)), lines)
}
