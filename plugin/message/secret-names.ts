/** Names that say that what stands behind them is a secret. */
import { kindAt, letter, lower, upper } from './characters.js'

/** How sure a name is. */
export type Name =
  /** It names nothing but secrets: `api_key`, `password`. */
  | 'sure'
  /** It names other things as well: `key`, `token`, `session`. The value has to look like a secret. */
  | 'unsure'
  /** A header whose value is a scheme and a credential. */
  | 'authorization'
  /** A header whose value is a list of pairs. */
  | 'cookie'

/** What a key opens, where it is a secret. */
const keyOf = 'api|app|application|access|secret|private|account|subscription|shared|signing|signature|encryption|master|auth|' +
  'authentication|storage|admin|service|license|deploy|client|project|hmac|ssh|gpg|pgp|rsa|aes|webhook|server|user|session|jwt|bot|' +
  'consumer|functions?|root|open_?ai|xai|zai|fal|together|stability|mistral|anthropic|claude|cohere|groq|replicate|voyage|jina|gemini|' +
  'google|azure|deepseek|perplexity|aws|stripe|twilio|sendgrid'

/** What a token is, where it is a secret. */
const tokenOf = 'access|refresh|auth|authentication|authorization|bearer|id|session|security|api|personal|csrf|xsrf|client|bot|app|' +
  'oauth2?|jwt|verification|reset|device|sas|user|service|secret|private|deploy|identity|github|gitlab|npm|slack|hf|huggingface|' +
  'replicate|databricks|vault|mapbox|telegram|discord'

/** What stands behind the word in a name: `API_KEY_2`, `passwordHash`, `SECRET_PROD`. */
const suffix = '((?:[-_]?(?:value|hash|plain|text|string|old|new|current|confirm|confirmation|prod|production|dev|test|staging|live|' +
  'b64|base64|hex|[0-9]{1,2}))?)'

/** A pattern that ends where a search begins; its groups are the name and the suffix. */
function ending (names: string): RegExp {
  return new RegExp(`(?<=(${names})${suffix})`, 'iy')
}

/** What other things have keys, tokens and sessions, too: no secrets. */
const harmless = ending('(?:primary|foreign|partition|sort|cache|caching|idempotency|public|unique|duplicate|composite|routing|row|' +
  'range|hash|group|object|message|dict|dictionary|json|next|page|continuation|pagination|sync|eos|bos|pad|padding|stop|unk|cls|sep|' +
  'mask|end|start|begin|special|unexpected|unknown|max|min|input|output|prompt|completion|total|cached|reasoning|image|audio|text|' +
  'first|last|each|per|extra|missing|required|property|map|event|lookup|translation|config|top|logprobs?)[-_ ]?(?:key|token)|' +
  '(?:request|no|per|previous|current)[-_ ]session|(?:method|function|type|call)[-_ ]signature|(?:by|for|with|a|same|column|field|index) key')

const names: ReadonlyArray<readonly [pattern: RegExp, name: Name | undefined, isWord: boolean]> = [
  [ending('cookies?'), 'cookie', false],
  [ending('authorization|x-auth|proxy-auth'), 'authorization', false],
  [harmless, undefined, true],
  [ending(`pass(?:word|wd|phrase|code)s?|pwd|(?:${keyOf})[-_ .]?keys?|(?:${tokenOf})[-_ .]?token|` +
    '(?:client|app|api|shared|consumer|webhook|signing|jwt|oauth|aws|my|bot)[-_ ]?secret|[-_]secrets?|sess(?:ion)?[-_ ]?id|' +
    'access[-_ ]?signature|key[-_ ]?material|[a-z]-(?:signature|credential)'), 'sure', false],
  [ending('psw|sid|sig'), 'sure', true],
  [ending('key|auth|pass|session|creds?|otp|nonce'), 'unsure', true],
  [ending('token|secrets?|credentials?|signature'), 'unsure', false]
]

/** What the names have in common: most words of a sentence have none of it. */
const common = /key|token|secret|pass|pwd|psw|auth|cookie|sess|sid|sig|cred|otp|nonce/i

/** How much of a run is looked at for a name. */
const longestName = 40

/** True if a run may end in a name. */
export function mayBeName (text: string, begins: number, ends: number): boolean {
  return ends - begins >= 3 && common.test(text.slice(Math.max(begins, ends - longestName), ends))
}

/** Tells if a name ends at a place, and how sure it is. */
export function nameBefore (text: string, at: number): Name | undefined {
  for (const [pattern, name, isWord] of names) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null && (!isWord || beginsWord(text, at - found[1]!.length - found[2]!.length))) return name
  }
  return undefined
}

/** True if a word begins at a place: nothing of a word before it, or a capital behind a small letter. */
function beginsWord (text: string, at: number): boolean {
  const previous = at === 0 ? 0 : kindAt(text, at - 1)
  return (previous & letter) === 0 || ((previous & lower) !== 0 && (kindAt(text, at) & upper) !== 0)
}
