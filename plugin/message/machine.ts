/** Takes out of a message what tells of the machine that wrote it: stacks of any language, paths of any system. */

/** What every stack has; plain sentences are let by with this look. */
const inStacks = /[\n\\([]|backtrace:/i

/** A text without any of these holds no stack. */
const mayHoldStack = /\n|\\n|\bat [^(]{1,160}\(|Traceback|goroutine \d|stack ?(?:back)?trace|#0 /i

/** A text without any of these holds no path. */
const mayHoldPath = /(?<![\w/.:~-])[/~]|(?<![\w/])[A-Za-z]:[\\/]|\\\\|file:|node:|\.\w{1,11}:\d/

/** A line break, also one that was escaped with the text. */
const line = '(?:\\r?\\n|\\\\r?\\\\?n|\\\\n)'

/** Where a stack begins, by language. */
const stackBegins = new RegExp([
  `${line}(?:[ ]{2,16}|\\t{1,4}|\\\\t)at `, // V8, Java, .NET
  '(?:^|\\s{1,16})at [\\w.$<>/ \\[\\]`]{1,160}\\([^()\\s]{1,512}:\\d{1,6}(?::\\d{1,6})?\\)', // the same in one line
  `(?:${line})?Traceback \\(most recent call last\\)`, // Python
  `${line}[ ]{2,4}File "[^"\\n]{1,512}", line \\d`,
  `(?:${line}){0,2}goroutine \\d{1,9} \\[`, // Go
  `${line}\\t[^\\s:]{1,512}\\.go:\\d`,
  `(?:${line})?\\bstack backtrace:`, // Rust
  `${line}note: run with \`RUST_BACKTRACE`,
  `(?:${line})?\\bStack ?trace:?\\s{0,4}${line}`, // PHP, .NET
  `(?:${line}|\\s)#0 [^\\s(]{1,512}\\(\\d{1,6}\\)`,
  `${line}\\s{0,8}(?:from )?[^\\s:]{1,512}\\.(?:rb|ex|exs|erl):\\d{1,6}:in `, // Ruby
  `${line}(?:Caused by|Suppressed): [\\w.$]{1,160}(?:Exception|Error)\\b`, // Java
  `${line}[^\\s@]{0,160}@[^\\s]{1,512}:\\d{1,6}:\\d{1,6}` // Firefox, Safari
].join('|'))

/** Drops a stack that was appended to a message. */
export function withoutStack (text: string): string {
  if (!inStacks.test(text) || !mayHoldStack.test(text)) return text
  const stack = text.search(stackBegins)
  return stack === -1 ? text : text.slice(0, stack)
}

/** What ends a file of code, data or settings. */
const ending = '(?:[cm]?[jt]sx?|py|pyc|rb|go|rs|java|kt|scala|cs|vb|php|ex|exs|erl|pl|lua|swift|' +
  'c|cc|cpp|h|hpp|so|dll|dylib|exe|jar|sh|ps1|env|ya?ml|toml|ini|cfg|conf|' +
  'config|properties|log|db|sqlite3?|pem|crt|key|sock|pid|lock|bin|pt|pth|onnx|gguf|safetensors|npz?|pkl|parquet|txt|json|jsonl|csv|xml)'

/** The folders that a machine's root has, whatever lies in them. */
const root = '(?:home|usr|var|root|opt|tmp|etc|srv|mnt|app|workspace|workspaces|Users|private|' +
  'Library|System|Applications|Volumes|nix|proc|snap|boot|sbin|lib64|node_modules)'

/** A part of a path, or several. */
const rest = '[^\\s\'"`,;()<>|]'

const paths = new RegExp([
  // in quotes, spaces and all: of Windows, or in a folder of the root
  `(?<=(["'\`]))(?:[A-Za-z]:[\\\\/]|\\\\\\\\[\\w.$-]{1,64}\\\\|/${root}/)[^"'\`\\n]{1,1024}(?=\\1)`,
  // in quotes, behind the name of a call to the system
  '(?<=\\b(?:open|stat|lstat|scandir|opendir|mkdir|rmdir|unlink|access|read|write|rename|copyfile|readlink|chmod|watch|exec|' +
    'spawn) ([\'"`]))/[^"\'`\\n]{1,1024}(?=\\2)',
  '(?<![\\w/.-])file:/{1,3}[^\\s\'"`,;)]{1,1024}',
  // Windows: a drive, a share
  `(?<![\\w/])[A-Za-z]:(?:\\\\{1,4}|/(?!/))${rest}{1,1024}`,
  `(?<![\\w\\\\])\\\\{2,4}[\\w.$-]{1,64}\\\\{1,2}[\\w$]${rest}{0,1024}`,
  `(?<![\\w/.:~-])(?:~|/${root})/${rest}{1,1024}`,
  // anywhere, by its ending: not behind a method or a host, where it is a route
  '(?<![\\w/.:~-]|(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )/(?:[\\w.@+-]{1,128}/){0,24}' +
    `[\\w.@+-]{1,128}\\.${ending}(?![\\w/])(?::\\d{1,6}){0,2}`,
  // relative, with the line
  `(?<![\\w/.:@+-])(?:[\\w.@+-]{1,128}/){1,24}[\\w.@+-]{1,128}\\.${ending}(?::\\d{1,6}){1,2}(?!\\w)`,
  '(?<![\\w/])node:internal/[\\w/]{1,128}(?::\\d{1,6}){0,2}'
].join('|'), 'g')

/** Replaces paths by `[path]`. */
export function withoutPaths (text: string): string {
  return (text.includes('/') || text.includes('\\')) && mayHoldPath.test(text) ? text.replace(paths, '[path]') : text
}
