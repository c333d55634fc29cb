/** Takes secrets out of a text before it reaches an answer or a log. */

/** One character of a key; `*`, `…` and dots inside because providers quote keys partly masked. */
const keyCharacter = '(?:[A-Za-z0-9_*…-]|\\.(?=[.A-Za-z0-9]))'

/**
 * What a secret looks like, each with what stays of it.
 *
 * Linear by construction: an attempt begins only where a token begins (a look-behind or a fixed word), and the token is
 * one run of one class of characters, so that no character is visited by more than a few attempts.
 */
const secrets: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek (sk-), Cerebras, Groq, Hugging Face, xAI, Replicate, Fireworks, Perplexity,
  // NVIDIA, Google, Databricks, GitHub, Slack
  [new RegExp(`(?<![A-Za-z0-9_*-])(?:sk-(?!learn\\b)|[prs]k_(?:live|test)_|csk-|gsk_|r8_|pplx-|nvapi-|AIza|ya29\\.|dapi(?=[0-9a-f]{8})|gh[opsu]_|github_pat_|xox[abps]-|(?:hf_|xai-)(?=[A-Za-z0-9_*…-]{8}))${keyCharacter}{3,}`, 'g'), '[redacted]'],
  // the same for prefixes that words have, too: as long as a key is, or with a digit or a capital in it
  [new RegExp(`(?<![A-Za-z0-9_*-])(?:fw_|[prs]k[-_])(?=[a-z_-]{0,256}[0-9A-Z*…])${keyCharacter}{12,}`, 'g'), '[redacted]'],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)(?=[A-Z]{0,64}[0-9])[A-Z0-9]{12,}/g, '[redacted]'],
  // JSON Web Tokens
  [/(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_.-]{16,}/g, '[redacted]'],
  // a key of unknown shape, partly masked
  [/(?<![\w*-])[\w-]+\*{3,}[\w*-]*/g, '[redacted]'],
  [/(?<![\w*-])\*{3,}[\w-][\w*-]*/g, '[redacted]'],
  // credentials as a header has them
  [/\b(Bearer\s{1,8})(?!YOUR_|(?:tokens?|authentication|authorization|auth|keys?|scheme|credentials)\b(?![.~+/=*…-]\w))[\w.~+/=*…-]{6,}/gi, '$1[redacted]'],
  [/\b(Basic\s{1,8})(?=[A-Za-z+/]{0,1024}(?:[0-9=]|[a-z][A-Z]))[A-Za-z0-9+/]{8,}={0,2}/g, '$1[redacted]'],
  [/\b((?:set-)?cookie["']?\s{0,4}:\s{0,8})[^\r\n]+/gi, '$1[redacted]'],
  [/\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?)(?!Bearer|Basic|\[redacted)[^\s"',;]{6,}/gi, '$1[redacted]'],
  // what an HTTP client quotes of a header that it refuses
  [/"[^"\r\n]{0,4096}(?:[\r\n][^"]{0,4096})?"( is an invalid header value)/g, '"[redacted]"$1'],
  // a value with the name of what it is
  [/([?&#](?:api[_-]?key|key|(?:access_|auth_)?token|auth|signature|sig|password|secret)=)[^&\s"'<>]+/gi, '$1[redacted]'],
  [/\b(key provided:\s{0,8}["']?)[^\s"',;]*[^\s"',;.]/gi, '$1[redacted]'],
  [/((?:api[ _-]?key|access[ _-]?key|secret[ _-]?key|access_token|auth_token|password|passwd)["']?\s{0,8}(?:=|:(?=\s{0,8}["']?[^\s"',;0-9*]{0,1024}[0-9*]))\s{0,8}["']?)(?!\[redacted)[^\s"',;&]{6,}/gi, '$1[redacted]'],
  [/(\/\/)[^\s/@:]{0,256}:[^\s/@]{1,256}@/g, '$1[redacted]@']
]

/** A text without any of these holds no secret: most messages are let by with one look. */
const suspicious = /[-_*=@…]|eyJ|AIza|ya29|AKIA|ASIA|dapi|bearer|basic|cookie|authorization|pass|header|key/i

/**
 * Replaces API keys, tokens and credentials, also partly masked ones, by `[redacted]`.
 *
 * @param text any text; the time taken is linear in its length
 */
export function redact (text: string): string {
  if (!suspicious.test(text)) return text
  let clean = text
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement)
  return clean
}
