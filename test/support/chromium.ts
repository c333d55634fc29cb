/** A real browser: Debian's Chromium, without a window. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as launcher, type Browser } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** A browser that is closed when the test ends. */
export async function chromium (t: { teardown: (close: () => Promise<void>) => void }): Promise<Browser> {
  install()
  const browser = await launcher.launch({ executablePath, args: ['--no-sandbox'] })
  t.teardown(async () => browser.close())
  return browser
}

function install (): void {
  if (existsSync(executablePath)) return
  if (process.getuid?.() !== 0) {
    throw new Error(`${executablePath} is missing: install it with 'apt-get install chromium', or name another one in CHROMIUM`)
  }
  // test files run at once: one installs, the others wait for it
  execFileSync('flock', [join(tmpdir(), 'install-chromium.lock'), 'sh', '-ec', `
    test -x "$0" && exit
    apt-get update
    apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
  `, executablePath], { stdio: ['ignore', 'ignore', 'inherit'] })
}
