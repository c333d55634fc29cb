import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import tseslint from 'typescript-eslint'

// a literal that stands alone on its line, under a key perhaps: prose, bytes of a wire, or a pattern, which a reader
// searches for whole; a line that holds anything beside it is wrapped
const literal = '(?:\'(?:[^\'\\\\]|\\\\.)*\'|"(?:[^"\\\\]|\\\\.)*"|`(?:[^`\\\\]|\\\\.)*`|/(?:[^/\\\\]|\\\\.)+/[a-z]*)'
const aloneOnItsLine = `^\\s*(?:const )?(?:[\\w'-]+(?::| =) )?(?:[?:] )?${literal}[,)]*(?: \\+)?$`

const complexity = 12

// functions that branch more often, each file with the reason; a new name here needs one, too
const branchy = {
  'one decision for each rule of the format, read from the top; parts of it would need each other\'s state': [
    'client/read-events.ts', 'client/with-retry.ts', 'plugin/message/{authorization,named-secret,random-run,wholes}.ts',
    'plugin/message/gap.ts', 'plugin/testing/schema-samples.ts', 'test/hostile/wire.ts', 'test/support/wire.ts'
  ],
  'a table of what may have failed, in the order in which it is asked': [
    'plugin/classify/{call,index,network}.ts', 'plugin/providers/index.ts', 'plugin/response/headers.ts', 'plugin/testing/check.ts'
  ],
  'headers by HTTP version, by hook and by who set them: four rules in one pass over them': ['plugin/exits/send.ts'],
  'one check for each promise to a client, so that a violation names its own': [
    'test/hostile/judge.ts', 'test/soak/stream-{client,frames,plan}.ts'
  ]
}

// folders whose lines are not all wrapped yet
const wide = [
  'plugin/{classify,document,message,providers,reference,testing}/**', 'plugin/{errors,index,options}.ts', 'schemas/**',
  'plugin/exits/{guard,send,server-options}.ts', 'plugin/response/**', 'plugin/stream/error-events.ts',
  'test/hostile/**', 'test/services/**', 'test/schemas/**', 'test/types/**', 'test/plugin/**'
]

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      'max-len': ['error', { code: 140, ignoreUrls: true, ignorePattern: aloneOnItsLine }],
      complexity: ['error', complexity]
    }
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { typed: tseslint.plugin },
    rules: {
      // a schema and its static type share their name, as TypeBox has it; the compiler tells real redeclarations
      '@typescript-eslint/no-redeclare': 'off',
      // a subtest is awaited by tap itself
      'typed/no-floating-promises': ['error', {
        allowForKnownSafePromises: [{ from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' }]
      }],
      'typed/no-misused-promises': 'error',
      // marks a promise that never rejects
      'no-void': ['error', { allowAsStatement: true }]
    }
  },
  ...Object.values(branchy).map(files => ({ files, rules: { complexity: 'off' } })),
  { files: wide, rules: { 'max-len': 'off' } }
]
