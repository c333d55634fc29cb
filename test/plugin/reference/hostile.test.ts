/** Whatever names, titles, summaries and paths hold: on the page and in the Markdown it is text. */
import swagger from '@fastify/swagger'
import { marked, type Token } from 'marked'
import t from 'tap'
import { errorReference } from '../../../plugin/index.js'
import { appWith } from '../../support/app.js'
import { chromium } from '../../support/chromium.js'

t.setTimeout(300_000) // a browser may have to be installed first

const html = '</title></style></pre><script>alert(1)</script><img src=x onerror=alert(1)>'
const attribute = '"\' onfocus=alert(1) autofocus x="'
const markdown =
  '](javascript:alert(1)) ![x](http://a.example/x) <b>b</b> `` `code` **bold** | ~~x~~ https://a.example www.a.example a@a.example'
const invisible = 'a\u0000b\u202ec\ud800d\ne'

const titles = [`${html}${attribute}`, `# ${markdown}`, '- list', '1. list', '===', `x${invisible}`]
const path = `/${html}/${attribute}/\`\`/|/${invisible}`

const hostile = async (t: { teardown: (close: () => Promise<void>) => void }, text: string) => appWith(t, async app => {
  await app.register(swagger, { openapi: { info: { title: text, version: '1' } } })
  await app.register(errorReference)
  app.get(path, { schema: { summary: text } as object }, async () => 'x')
}, { origin: text, providers: [{ name: `${text} provider` }] })

/** The tokens of a Markdown text, of all levels. */
function * tokensOf (tokens: Token[]): Generator<Token> {
  for (const token of tokens) {
    yield token
    if (token.type === 'table') for (const cell of [...token.header, ...token.rows.flat()]) yield * tokensOf(cell.tokens)
    yield * tokensOf(('tokens' in token ? token.tokens : 'items' in token ? token.items : []) ?? [])
  }
}

t.test('the Markdown has the same structure as that of harmless names', async t => {
  const structureOf = async (text: string): Promise<string[]> => {
    const { app } = await hostile(t, text)
    return [...tokensOf(marked.lexer((await app.inject('/errors.md')).body))].map(({ type }) => type)
      .filter(type => type !== 'escape' && type !== 'text')
  }
  const plain = await structureOf('Harmless')
  t.ok(plain.includes('link') && plain.includes('table') && !plain.includes('html'))
  const items = (structure: string[]): number => structure.filter(type => type === 'list_item').length
  for (const title of titles) {
    const structure = await structureOf(title)
    t.equal(items(structure), items(plain), 'providers of other apps are not there')
    const withoutItems = (all: string[]): string[] => all.filter(type => type !== 'list_item')
    t.same(withoutItems(structure), withoutItems(plain), JSON.stringify(title))
  }
})

t.test('in the JSON, and so everywhere, nothing is invisible', async t => {
  const { app } = await hostile(t, `x${invisible}`)
  const { title, origins, errors } = (await app.inject('/errors.json')).json()
  t.equal(title, 'xa\ufffdb\ufffdc\ufffdd\ufffde')
  t.same(origins.services, ['xab\ufffdc\ufffdd e'], 'as the answers have it, and without what turns the direction')
  t.match(errors[0].routes[0], { path: /\/a\ufffdb\ufffdc\ufffdd\ufffde$/, summary: title })
})

t.test('a browser adds no element, runs nothing and shows the text', async t => {
  const browser = await chromium(t)
  for (const text of titles) {
    const { app } = await hostile(t, text)
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const page = await browser.newPage({ viewport: { width: 360, height: 780 } })
    const happened: string[] = []
    page.on('dialog', async dialog => { happened.push('dialog'); await dialog.dismiss() })
    page.on('console', message => happened.push(message.text()))
    page.on('request', request => happened.push(new URL(request.url()).pathname))
    await page.goto(`${address}/errors`)
    t.same(happened, ['/errors'], JSON.stringify(text))
    t.same(await page.evaluate("[...new Set([...document.querySelectorAll('*')].map(({ localName }) => localName))].sort()"), [
      'a', 'b', 'body', 'caption', 'code', 'dd', 'details', 'div', 'dl', 'dt', 'figcaption', 'figure', 'h1', 'h2', 'h3', 'head', 'header',
      'html', 'li', 'main', 'meta', 'nav', 'p', 'pre', 'section', 'span', 'style', 'summary', 'table', 'tbody', 'td', 'th', 'thead',
      'title',
      'tr', 'ul'
    ])
    t.same(
      await page.evaluate("[...new Set([...document.querySelectorAll('*')].flatMap(element => element.getAttributeNames()))].sort()"), [
        'aria-label', 'aria-labelledby', 'charset', 'class', 'content', 'href', 'id', 'lang', 'name', 'open', 'role', 'scope', 'tabindex'
      ])
    const shown = text.replace(invisible, 'a\ufffdb\ufffdc\ufffdd\ufffde')
    t.equal(await page.title(), `${shown} errors`.replaceAll(/\s+/g, ' '))
    t.equal(await page.locator('h1').textContent(), `${shown} errors`)
    t.equal(await page.locator('.routes span').first().textContent(), shown)
    t.equal(await page.locator('.routes code').first().textContent(), `GET ${path.replace(invisible, 'a\ufffdb\ufffdc\ufffdd\ufffde')}`)
    t.ok(
      await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'), 'nothing is wider than a phone'
    )
  }
})
