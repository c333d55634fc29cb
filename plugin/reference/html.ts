/** HTML in which every text is escaped, whoever wrote it. */

/** Markup that is safe to be part of other markup. */
export interface Html { readonly markup: string }

type Part = Html | string | number | readonly Part[]

/**
 * A template whose values are texts, escaped, or other templates' markup, or lists of both.
 *
 * Attributes' values need quotation marks around them: what is escaped cannot leave these.
 */
export function html (literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: String.raw({ raw: literals }, ...parts.map(markupOf)) }
}

function markupOf (part: Part): string {
  if (Array.isArray(part)) return part.map(markupOf).join('')
  return typeof part === 'object' ? (part as Html).markup : escaped(String(part))
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' }

function escaped (text: string): string {
  return text.replaceAll(/[&<>"'`]/g, character => entities[character]!)
}
