import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import tseslint from 'typescript-eslint'

// a literal that stands alone on its line, under a key perhaps: prose, bytes of a wire, or a pattern, which a reader
// searches for whole; a line that holds anything else is wrapped
const literal = '(?:\'(?:[^\'\\\\]|\\\\.)*\'|"(?:[^"\\\\]|\\\\.)*"|`(?:[^`\\\\]|\\\\.)*`|/(?:[^/\\\\]|\\\\.)+/[a-z]*)'
const aloneOnItsLine = `^\\s*(?:const )?(?:throw new TypeError\\()?(?:[\\w'-]+(?::| =) )?(?:return )?(?:[?:] )?${literal}[,)]*(?: \\+)?$`

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      'max-len': ['error', { code: 140, ignoreUrls: true, ignorePattern: aloneOnItsLine }]
    }
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'typed': tseslint.plugin },
    rules: {
      // a schema and its static type share their name, as TypeBox has it; the compiler tells real redeclarations
      '@typescript-eslint/no-redeclare': 'off',
      'typed/no-floating-promises': 'error',
      'typed/no-misused-promises': 'error',
      complexity: ['error', 12]
    }
  }
]
