/** The labels around the data, the same on the page and in the Markdown. */
import type { ErrorReference, ReferenceError } from './schema.js'

export const labels = {
  glance: 'At a glance',
  advice: 'What to do',
  retry: 'Retry',
  examples: 'Examples',
  handling: 'Handling it',
  routes: 'Routes',
  answer: 'Every error answer',
  fields: 'The fields of detail',
  headers: 'Headers',
  origins: 'Origins',
  services: 'This service',
  providers: 'Model providers'
} as const

export function headline ({ title }: ErrorReference): string {
  return `${title} errors`
}

export const lead = 'Every error answer is one of these. Its body is JSON, always with the same four fields in `detail`.'

export function originsLead ({ origins: { services } }: ErrorReference): string {
  return `\`origin\` tells whose system raised the error: ${services.join(' or ')} itself, or the model provider that it called.`
}

export function routesLead ({ code, routes: { length } }: ReferenceError): string {
  const listed = length === 0 ? 'No route lists it.' : `${length === 1 ? '1 route' : `${length} routes`} may answer with it.`
  return code === 404 ? `${listed} Any other path or method does.` : listed
}
