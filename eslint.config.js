import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    files: ['**/*.ts'],
    rules: {
      // a schema and its static type share their name, as TypeBox has it; the compiler tells real redeclarations
      '@typescript-eslint/no-redeclare': 'off'
    }
  }
]
