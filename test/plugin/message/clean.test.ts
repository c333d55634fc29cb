import t from 'tap'
import { cleanMessage } from '../../../plugin/message/clean.js'

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
  t.equal(cleanMessage("no such file, open '/home/me/model.bin' or C:\\models\\m.bin, see file:///etc/x"), "no such file, open '[path]' or [path], see [path]")
  t.equal(cleanMessage('Route GET:/etc/x not found, see https://a.example/usr/guide'), 'Route GET:/etc/x not found, see https://a.example/usr/guide')
})
