/** What the numbers were measured on: the machine, and the versions of everything compared. */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { root } from './compile.js'

const packages = [
  'fastify', '@fastify/sensible', 'http-errors', '@fastify/error', 'fastify-http-errors-enhanced', '@fastify/swagger', 'pino',
  'autocannon'
] as const

export function machine (): string {
  const processors = cpus()
  const processor = processors[0]?.model.trim() ?? 'unknown processor'
  return `${processor}, ${processors.length} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`
}

export function versions (): string {
  return packages.map(name => `${name} ${versionOf(name)}`).join(', ')
}

function versionOf (name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
