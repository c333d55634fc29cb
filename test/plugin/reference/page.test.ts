/** The page of the error reference in a real browser: its policy, anchors, colours, widths and accessibility. */
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { errorReference } from '../../../plugin/index.js'
import { appWith } from '../../support/app.js'
import { chromium } from '../../support/chromium.js'

t.setTimeout(300_000) // a browser may have to be installed first
const browser = await chromium(t)
const { app } = await appWith(t, async app => {
  await app.register(errorReference, { title: 'LLM gateway' })
  app.post('/v4/chat', { schema: { summary: 'Chat with a model' } as object }, async () => 'x')
  app.post('/v4/completion', { schema: { summary: 'Complete a prompt template' } as object }, async () => 'x')
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })

/** The page, and what the browser had to say against it. */
async function open (options: Parameters<Browser['newPage']>[0], hash = '') {
  const page = await browser.newPage({ reducedMotion: 'reduce', ...options })
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(`${address}/errors${hash}`)
  return { page, complaints }
}

const phone = { width: 360, height: 780 }
const desk = { width: 1280, height: 900 }

/** Where an element is, from the top of the window. */
const topOf = async (page: Page, selector: string): Promise<number> => page.locator(selector).evaluate(element =>
  element.getBoundingClientRect().top)
const styleOf = async (page: Page, selector: string, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`)

for (const viewport of [desk, phone]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    t.test(`${colorScheme}, ${viewport.width} px wide: styled under its policy, nothing overflows, axe finds no violation`, async t => {
      const { page, complaints } = await open({ viewport, colorScheme })
      t.equal(await styleOf(page, 'body', 'background-color'), colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(16, 19, 23)')
      t.ok(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'))
      t.ok((await page.screenshot()).length > 10_000, 'there is something to see')
      t.same(complaints, [])
      const { violations } = await page.evaluate<axe.AxeResults>(`${axe.source}; axe.run()`)
      t.same(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]), [])
    })
  }
}

t.test('an address with an anchor shows and marks its section, and so does each link to it', async t => {
  for (const viewport of [desk, phone]) {
    const { page, complaints } = await open({ viewport }, '#rate_limit_error')
    const underNavigation = viewport === phone ? 60 : 1
    const isShown = async (id: string): Promise<void> => {
      const top = Math.round(await topOf(page, `#${id}`))
      t.ok(top >= 0 && top <= underNavigation, `${id} is at ${top}`)
      t.equal(await page.evaluate("document.querySelector(':target').id"), id)
      t.not(await styleOf(page, `#${id}`, 'background-color'), await styleOf(page, '#bad_request_error', 'background-color'))
    }
    await isShown('rate_limit_error')
    await page.getByRole('navigation').getByRole('link', { name: '503 Service unavailable' }).click()
    await isShown('service_unavailable_error')
    await page.getByRole('table').getByRole('link', { name: 'Overloaded' }).click()
    await isShown('overloaded_error')
    t.equal(await page.getByRole('navigation').getByRole('link').count(), 9)
    t.same(complaints, [])
  }
})

t.test('by keyboard: the first stop skips the navigation, code can be scrolled, and where one is can be seen', async t => {
  const { page } = await open({ viewport: phone })
  t.ok(await topOf(page, '.skip') < 0, 'out of sight at first')
  await page.keyboard.press('Tab')
  t.ok(await topOf(page, '.skip') >= 0)
  t.match(await styleOf(page, '.skip', 'outline'), /solid 3px$/)
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main')
  const code = page.getByRole('region', { name: 'TypeScript for 429' })
  await code.focus()
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction(element => element!.scrollLeft > 0, await code.elementHandle())
  t.match(await styleOf(page, ':focus', 'outline'), /solid 3px$/)
})

t.test('what it is to a screen reader: one heading of the first level, named sections, a captioned table', async t => {
  const { page } = await open({ viewport: desk })
  t.same(await page.getByRole('heading', { level: 1 }).allTextContents(), ['LLM gateway errors'])
  t.equal(await page.locator('html').getAttribute('lang'), 'en')
  t.equal(await page.getByRole('region', { name: '422 Unprocessable entity' }).count(), 1)
  t.equal(await page.getByRole('table', { name: 'The nine answers, and whether waiting may help' }).count(), 1)
  t.equal(await page.getByRole('row', { name: '529 Overloaded' }).getByRole('cell').last().textContent(), 'yes')
})

t.test('the page moves by itself only where that is welcome; printed, it has no navigation', async t => {
  const { page } = await open({ viewport: desk })
  t.equal(await styleOf(page, 'html', 'scroll-behavior'), 'auto')
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  t.equal(await styleOf(page, 'html', 'scroll-behavior'), 'smooth')
  await page.emulateMedia({ media: 'print' })
  t.notOk(await page.getByRole('navigation').isVisible())
})
