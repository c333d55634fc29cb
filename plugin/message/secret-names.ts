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

/** A word of names, with the words before it that make it sure, or harmless. */
interface Word {
  /** The word, as it ends a name. */
  readonly word: string
  /** What makes it the name of a secret beyond doubt. */
  readonly sureAfter?: string
  /** What it is the name of that is none. */
  readonly harmlessAfter?: string
  /** What it is with nothing of both before it. */
  readonly alone: Name | undefined
  /** True if other words end so: nothing of a word may stand before it. */
  readonly isWhole?: true
}

const others = 'primary|foreign|partition|sort|cache|caching|idempotency|public|unique|duplicate|composite|routing|row|range|hash|group|' +
  'object|message|dict|dictionary|json|next|page|continuation|pagination|sync|eos|bos|pad|padding|stop|unk|cls|sep|mask|end|start|begin|' +
  'special|unexpected|unknown|max|min|input|output|prompt|completion|total|cached|reasoning|image|audio|text|first|last|each|per|extra|' +
  'missing|required|property|map|event|lookup|translation|config|top|logprobs?'

const services = 'open_?ai|xai|zai|fal|together|stability|mistral|anthropic|claude|cohere|groq|replicate|voyage|jina|gemini|google|azure|' +
  'deepseek|perplexity|aws|stripe|twilio|sendgrid|github|gitlab|npm|slack|hf|huggingface|databricks|vault|mapbox|telegram|discord'

/** By what all names with the word have in common. */
const words: Readonly<Record<string, readonly Word[]>> = {
  key: [{
    word: 'key',
    sureAfter: 'api|app|application|access|secret|private|account|subscription|shared|signing|signature|encryption|master|auth|' +
      'authentication|storage|admin|service|license|deploy|client|project|hmac|ssh|gpg|pgp|rsa|aes|webhook|server|user|session|jwt|bot|' +
      `consumer|functions?|root|${services}`,
    harmlessAfter: others,
    alone: 'unsure',
    isWhole: true
  }, { word: 'keys', sureAfter: 'api|access|secret|private|account', alone: undefined }],
  token: [{
    word: 'token',
    sureAfter: 'access|refresh|auth|authentication|authorization|bearer|id|session|security|api|personal|csrf|xsrf|client|bot|app|' +
      `oauth2?|jwt|verification|reset|device|sas|user|service|secret|private|deploy|identity|${services}`,
    harmlessAfter: others,
    alone: 'unsure'
  }],
  secret: [{ word: 'secrets?', sureAfter: 'client|app|api|shared|consumer|webhook|signing|jwt|oauth|aws|my|bot|[-_]', alone: 'unsure' }],
  pass: [{ word: 'pass(?:word|wd|phrase|code)s?', alone: 'sure' }, { word: 'pass', alone: 'unsure', isWhole: true }],
  sess: [
    { word: 'sess(?:ion)?[-_ ]?id', alone: 'sure' },
    { word: 'session', harmlessAfter: 'request|no|per|previous|current', alone: 'unsure', isWhole: true }
  ],
  auth: [
    { word: 'authorization|x-auth|proxy-auth', alone: 'authorization' },
    { word: 'auth', alone: 'unsure', isWhole: true }
  ],
  cookie: [{ word: 'cookies?', alone: 'cookie' }],
  sig: [
    { word: 'signature', sureAfter: 'access|[a-z]-', harmlessAfter: 'method|function|type|call', alone: 'unsure' },
    { word: 'sig', alone: 'sure', isWhole: true }
  ],
  cred: [{ word: 'credentials?', sureAfter: '[a-z]-', alone: 'unsure' }, { word: 'creds?', alone: 'unsure', isWhole: true }],
  pwd: [{ word: 'pwd', alone: 'sure' }],
  psw: [{ word: 'psw', alone: 'sure', isWhole: true }],
  sid: [{ word: 'sid', alone: 'sure', isWhole: true }],
  otp: [{ word: 'otp', alone: 'unsure', isWhole: true }],
  nonce: [{ word: 'nonce', alone: 'unsure', isWhole: true }]
}

/** What stands behind the word in a name: `API_KEY_2`, `passwordHash`, `SECRET_PROD`. */
const suffix = '(?:[-_]?(?:value|hash|plain|text|string|base|old|new|current|confirm|confirmation|prod|production|dev|test|staging|live|' +
  'b64|base64|hex|[0-9]{1,2}))?'

/** What all that makes sure or harmless ends with: one look spares most names the others. */
const anyBefore = '(?<=[a-z0-9_-][-_ .]?)'

/** Patterns that end where a search begins: what is harmless, what makes sure, the word, the suffix. */
const patterns = Object.values(words).map(rows => rows.map(row => {
  const { word, sureAfter = '(?!)', harmlessAfter = '(?!)' } = row
  return {
    alone: row.alone,
    isWhole: row.isWhole === true,
    pattern: new RegExp(`(?<=(?:(?:(${harmlessAfter})[-_ ]?|(${sureAfter})[-_ .]?)${anyBefore}|)(${word})(${suffix}))`, 'iy')
  }
}))

/** What a name may be that ends with a word. */
export type Names = typeof patterns[number]

/** The words of names, by their first three letters; most runs of a message have none of them. */
const byStart = new Uint8Array(0x8000)

const starts = Object.keys(words)
starts.forEach((word, index) => {
  const start = [...word.slice(0, 3)].reduce((before, letter) => startBehind(before, letter.charCodeAt(0)), 0)
  byStart[start] = index + 1
})

/** Tells the last three letters, as a number, small ones or capitals. */
export function startBehind (start: number, code: number): number {
  return (start << 5 | (code & 0x1f)) & 0x7fff
}

/** Tells the names with the word whose third letter stands at a place. */
export function namesOfStart (start: number, text: string, at: number): Names | undefined {
  const index = byStart[start]!
  if (index === 0) return undefined
  const word = starts[index - 1]!
  return text.slice(at - 2, at - 2 + word.length).toLowerCase() === word ? patterns[index - 1] : undefined
}

/** Tells how sure the name is that ends at a place; undefined where it is none. */
export function nameBefore (text: string, at: number, names: Names): Name | undefined {
  for (const { pattern, alone, isWhole } of names) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) continue
    if (found[1] !== undefined) return undefined
    if (found[2] !== undefined) return 'sure'
    if (!isWhole || beginsWord(text, at - found[3]!.length - found[4]!.length)) return alone
  }
  return undefined
}

/** True if a word begins at a place: nothing of a word before it, or a capital behind a small letter. */
function beginsWord (text: string, at: number): boolean {
  const previous = at === 0 ? 0 : kindAt(text, at - 1)
  return (previous & letter) === 0 || ((previous & lower) !== 0 && (kindAt(text, at) & upper) !== 0)
}
