import t from 'tap'
import { cleanMessage } from '../../../plugin/message/clean.js'
import { harmless } from './harmless.js'

t.test('control characters go, whitespace among them becomes a space', async t => {
  t.equal(cleanMessage('a\u0000b\u001bc\u007fd\u0085e'), 'abcde')
  t.equal(cleanMessage(' first\r\n\tsecond\n'), 'first second')
  t.equal(cleanMessage('\u0000 \n'), '')
})

t.test('lone surrogates are replaced', async t => {
  t.equal(cleanMessage('a\ud800b \udc00'), 'a\ufffdb \ufffd')
  t.equal(cleanMessage('whole 😀'), 'whole 😀')
})

t.test('4,096 code units at most, cut on a code point', async t => {
  t.equal(cleanMessage('x'.repeat(4096)), 'x'.repeat(4096))
  t.equal(cleanMessage('x'.repeat(4097)), 'x'.repeat(4095) + '…')
  t.equal(cleanMessage('x'.repeat(4094) + '😀😀'), 'x'.repeat(4094) + '…')
  t.equal(cleanMessage('x'.repeat(4093) + '😀😀'), 'x'.repeat(4093) + '😀…')
  t.equal(cleanMessage('x'.repeat(1_000_000)).length, 4096)
})

t.test('a key at the end of what is shown is not cut in two', async t => {
  t.notMatch(cleanMessage('x '.repeat(2044) + 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789'), /sk-proj/)
})

t.test('a sentence that begins like a frame of a stack stays whole', async t => {
  t.equal(cleanMessage('line one\n at line two'), 'line one  at line two')
})

t.test('stacks and paths of the machine stay out', async t => {
  t.equal(cleanMessage('It failed.\n    at run (/srv/app/run.js:1:2)\n    at main'), 'It failed.')
  t.equal(cleanMessage('It failed.\nTraceback (most recent call last):\n  File "/usr/lib/python3/x.py"'), 'It failed.')
  t.equal(
    cleanMessage("no such file, open '/home/me/model.bin' or C:\\models\\m.bin, see file:///etc/x"),
    "no such file, open '[path]' or [path], see [path]"
  )
  t.equal(
    cleanMessage('Route GET:/etc/x not found, see https://a.example/usr/guide'),
    'Route GET:/etc/x not found, see https://a.example/usr/guide'
  )
})

t.test('stacks of other languages stay out, also in one line or escaped', async t => {
  for (const [text, shown] of [
    ['It failed.\n\tat com.acme.Foo.bar(Foo.java:12)\nCaused by: java.io.IOException: x', 'It failed.'],
    ['It failed.\n   at Acme.Foo.Bar(String s) in C:\\src\\Foo.cs:line 12', 'It failed.'],
    ['panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d', 'panic: boom'],
    ["thread 'main' panicked at src/main.rs:10:5:\nboom\nstack backtrace:\n   0: rust_begin", "thread 'main' panicked at [path]: boom"],
    ['boom\nnote: run with `RUST_BACKTRACE=1` environment variable', 'boom'],
    ['boom\n  File "x.py", line 3, in f\n    x()', 'boom'],
    ['PHP Fatal error: boom in /data/www/x.php:12\nStack trace:\n#0 /data/www/x.php(12): foo()', 'PHP Fatal error: boom in [path]'],
    ["boom (RuntimeError)\n\tfrom app.rb:3:in `main'", 'boom (RuntimeError)'],
    ['boom\nfoo@https://a.example/x.js:1:2', 'boom'],
    ['It failed. at foo (/x/y.js:1:2) at bar', 'It failed.'],
    ['It failed.\\n    at run (/srv/x.js:1:2)', 'It failed.'],
    ['at Object.<anonymous> (node:internal/modules/cjs/loader:1:2)', '']
  ] as const) t.equal(cleanMessage(text), shown)
})

t.test('paths stay out, of any system and in any folder', async t => {
  for (const [text, shown] of [
    ["ENOENT: no such file or directory, open '/data/prompts/my prompt.txt'", "ENOENT: no such file or directory, open '[path]'"],
    ["open 'C:\\Program Files\\Acme\\x y.txt' failed", "open '[path]' failed"],
    ['C:/models/m.bin is missing', '[path] is missing'],
    ['C:\\\\models\\\\m.bin is missing', '[path] is missing'],
    ['\\\\host\\share\\x is missing', '[path] is missing'],
    ['\\\\\\\\host\\\\share\\\\x is missing', '[path] is missing'],
    ['see file://host/x/y', 'see [path]'],
    ['~/.aws/credentials was not read', '[path] was not read'],
    ['in /nix/store/abc-x/y.py', 'in [path]'],
    ["Cannot find module '/code/dist/x.js'", "Cannot find module '[path]'"],
    ['lib/render.ex:12: undefined function', '[path]: undefined function'],
    ['thrown in node:internal/process/task_queues:95:5', 'thrown in [path]']
  ] as const) t.equal(cleanMessage(text), shown)
})

t.test('routes, pointers, addresses and names of files stay', async t => {
  for (const text of [
    ...harmless.filter(text => !text.startsWith('C:')),
    'GET /static/x.js not found',
    'Route GET:/static/x.js not found',
    'see https://a.example/x/y.js and //cdn.example/x.js',
    '/messages/0/role must be string',
    'POST /v1/chat/completions',
    'and/or, 3/4, 10:20:30, 1:2',
    'Stack trace is not available',
    'The file "report.txt" is too large',
    'Invalid file format: report.json',
    'Look at the backtrace at noon (UTC)'
  ]) t.equal(cleanMessage(text), text)
})

t.test('secrets are found before control characters and line breaks go', async t => {
  t.equal(cleanMessage('sk-proj-abcDEFgh12\n34567ijklMNOP is wrong'), '[redacted] is wrong')
  t.equal(cleanMessage('sk-pr\u0000oj-abcDEF123456'), '[redacted]')
})
