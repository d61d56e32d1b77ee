/** Chromium for the tests that look at pages. Playwright's own download is not used: the system's browser is. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { TestRunner } from 'vitest'
import { takeScreenshot } from './page'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** True when there is a browser. With CI=true a missing one is a failure, elsewhere a visible skip. */
export function haveBrowser(): boolean {
  if (existsSync(executablePath)) return true
  if (process.env['CI'] === 'true') throw new Error(`CI needs a browser: there is none at ${executablePath} (set CHROMIUM_PATH)`)
  console.log(`SKIPPED: no browser at ${executablePath}; set CHROMIUM_PATH to run the tests in a real page`)
  return false
}

export interface TestBrowser {
  /** A window of its own, with nothing remembered, of `width` × `height` CSS pixels. */
  newPage(width: number, height: number, deviceScaleFactor?: number): Promise<Page>
  /** Closes every window; the browser stays. Called after a test that failed, it tells first what was to be seen. */
  closePages(): Promise<void>
  close(): Promise<void>
}

/** What a person would have seen: a picture, and in words for where only the log is kept. */
async function showWhereItFailed(page: Page, name: string): Promise<void> {
  const [focus, words] = await page.evaluate(() => [document.activeElement?.outerHTML.slice(0, 200), document.body.innerText.replace(/\s*\n\s*/g, ' | ').slice(0, 3000)])
  console.log(`When "${name}" failed, ${page.url()} had its focus on ${focus} and said: ${words}`)
  await takeScreenshot(page, `failed-${name.replace(/\W+/g, '-').slice(0, 60)}`)
}

export async function openBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  return {
    async newPage(width, height, deviceScaleFactor = 1) {
      const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor, acceptDownloads: true })
      return context.newPage()
    },
    async closePages() {
      const test = TestRunner.getCurrentTest()
      if (test?.result?.state === 'fail') for (const page of browser.contexts().flatMap((context) => context.pages())) await showWhereItFailed(page, test.name).catch(() => undefined)
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    close: () => browser.close(),
  }
}
