/** Chromium for the tests that look at pages. Playwright's own download is not used: the system's browser is. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

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
  /** Closes every window; the browser stays. */
  closePages(): Promise<void>
  close(): Promise<void>
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
    closePages: async () => void (await Promise.all(browser.contexts().map((context) => context.close()))),
    close: () => browser.close(),
  }
}
