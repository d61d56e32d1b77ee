/**
 * Whether the window comes and stays quick: fresh starts, from the first paint to the first verdict after a drop; then
 * the tasks on the page's main thread, from a trace of Chromium, while a batch runs and while a table of 20,000 results
 * is read, sorted, searched and scrolled. Needs Chromium (CHROMIUM_PATH).
 *
 *   npm run bench -- batch-ui
 *
 * Tasks are given twice: as time that passed, in which a busy machine has its share, and as processor time of the thread.
 * Frames are counted by requestAnimationFrame. The load average stands at the top and the bottom: above the number of
 * processors, times that passed say more of the machine than of the window.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { phantomDicom } from '../src/engine/phantom/data-set'
import { makePhantom } from '../src/engine/phantom/phantom'
import { haveBrowser } from '../test/e2e/support/browser'
import { acknowledgeNote } from '../test/e2e/support/page'
import { serveApplication } from '../test/e2e/support/served-application'
import { writeBigBatch } from '../test/support/big-batch'

const root = resolve(import.meta.dirname, '..')
const many = 20_000
const phantoms = 300
const limit = 50
/** Each with a new application, an empty data folder and an empty browser. */
const freshStarts = 5
/** Of the dropped scan, on each side; a radiograph after the usual reduction for viewing. */
const droppedSide = 1024

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds. */
  dur?: number
  tdur?: number
  args?: { name?: string }
}

interface Tasks {
  count: number
  /** Milliseconds. */
  longest: number
  longestProcessor: number
  over: number
  overProcessor: number
}

/** The tasks of the page's main thread in a trace. */
function tasksOf(path: string): Tasks {
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] }
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}/${tid}`))
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && mains.has(`${pid}/${tid}`))
  const passed = tasks.map(({ dur }) => (dur ?? 0) / 1000)
  const processor = tasks.map(({ tdur }) => (tdur ?? 0) / 1000)
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), 0)
  const over = (values: number[]): number => values.filter((value) => value > limit).length
  return { count: tasks.length, longest: most(passed), longestProcessor: most(processor), over: over(passed), overProcessor: over(processor) }
}

/** Counts frames from now on; the function that is returned stops and tells. */
async function countFrames(page: Page): Promise<() => Promise<{ frames: number; slow: number; longest: number }>> {
  await page.evaluate((most) => {
    const counted = { frames: 0, slow: 0, longest: 0, stop: false }
    Object.assign(window, { counted })
    let before = performance.now()
    const frame = (now: number): void => {
      const took = now - before
      before = now
      counted.frames++
      if (took > most) counted.slow++
      counted.longest = Math.max(counted.longest, took)
      if (!counted.stop) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }, limit)
  return () =>
    page.evaluate(() => {
      const { counted } = window as unknown as { counted: { frames: number; slow: number; longest: number; stop: boolean } }
      counted.stop = true
      return counted
    })
}

async function measured(browser: Browser, page: Page, folder: string, what: string, work: () => Promise<void>): Promise<void> {
  const path = join(folder, `${what.replace(/\W+/g, '-')}.json`)
  const frames = await countFrames(page)
  await browser.startTracing(page, { path, categories: ['-*', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'] })
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1000
  await browser.stopTracing()
  const { frames: count, slow, longest } = await frames()
  const tasks = tasksOf(path)
  if (tasks.count === 0) throw new Error(`The trace of "${what}" has no tasks of the page in it.`)
  console.log(
    `${what.padEnd(34)} ${seconds.toFixed(1).padStart(6)} s  ${tasks.count} tasks; longest ${tasks.longest.toFixed(1).padStart(6)} ms passed, ${tasks.overProcessor === 0 ? 'none' : tasks.overProcessor} over ${limit} ms of processor time (longest ${tasks.longestProcessor.toFixed(1)}), ${tasks.over} over ${limit} ms passed; ` +
      `${slow} of ${count} frames over ${limit} ms, longest ${longest.toFixed(0)} ms`,
  )
}

/** Milliseconds. */
interface FreshStart {
  /** From the command to an address that answers. */
  served: number
  /** From asking for the page to its first paint, and to the first with words in it. */
  firstPaint: number
  firstWords: number
  /** From the drop to the verdict in the list, and to the one below the three views. */
  listed: number
  verdict: number
}

async function freshStart(browser: Browser, dicom: Buffer): Promise<FreshStart> {
  const began = performance.now()
  const application = await serveApplication()
  const served = performance.now() - began
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  try {
    const page = await context.newPage()
    await page.goto(application.url)
    await acknowledgeNote(page)
    await page.locator('[data-sample]').first().waitFor()
    const [firstPaint = Number.NaN, firstWords = Number.NaN] = await page.evaluate(() => ['first-paint', 'first-contentful-paint'].map((name) => performance.getEntriesByName(name)[0]?.startTime))
    const handed = await page.evaluateHandle((base64) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], 'dropped.dcm'))
      return data
    }, dicom.toString('base64'))
    // The page notes when it happens, so that the way to it and back is not counted.
    await page.evaluate(() => {
      const seen: { listed?: number; verdict?: number; dropped?: number } = {}
      Object.assign(window, { seen })
      addEventListener('drop', () => (seen.dropped = performance.now()), { capture: true })
      new MutationObserver(() => {
        if (document.querySelector('[role="option"][data-status]')) seen.listed ??= performance.now()
        if (document.querySelector('[data-verdict]')) seen.verdict ??= performance.now()
      }).observe(document.body, { subtree: true, childList: true, attributes: true })
    })
    await page.dispatchEvent('body', 'drop', { dataTransfer: handed })
    await page.locator('[data-verdict]').waitFor({ timeout: 120_000 })
    const { dropped, listed, verdict } = await page.evaluate(() => (window as unknown as { seen: { dropped: number; listed: number; verdict: number } }).seen)
    return { served, firstPaint, firstWords, listed: listed - dropped, verdict: verdict - dropped }
  } finally {
    await context.close()
    await application.close()
  }
}

const load = (): string => `load average ${loadavg().map((value) => value.toFixed(1)).join(', ')} on ${cpus().length} processors`

export default async function run(): Promise<void> {
  if (!haveBrowser()) return
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  const made = spawnSync(process.execPath, [join(root, 'bin/assay.mjs'), 'phantoms', '--out', join(folder, 'phantoms'), '--count', String(phantoms)], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  console.log(load())
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  const application = await serveApplication(async (data) => void writeBigBatch(data, '20260102-000000-b16000', many))
  try {
    const dicom = Buffer.from(phantomDicom(makePhantom({ seed: 4711, width: droppedSide, height: droppedSide, kind: 'normal' }), '4711'))
    for (let i = 1; i <= freshStarts; i++) {
      const { served, firstPaint, firstWords, listed, verdict } = await freshStart(browser, dicom)
      console.log(
        `fresh start ${i}: served after ${served.toFixed(0)} ms; first paint ${firstPaint.toFixed(0)} ms after the page was asked for, with words ${firstWords.toFixed(0)} ms; ` +
          `from the drop to the verdict in the list ${listed.toFixed(0)} ms, with its views ${verdict.toFixed(0)} ms`,
      )
    }
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage()
    await page.goto(application.url)
    await acknowledgeNote(page)
    await page.getByRole('link', { name: 'Batch' }).click()
    const shown = (count: number) => page.waitForFunction((n) => document.querySelector('[data-filter="all"] .numbers')?.textContent === n, count.toLocaleString('en'), { timeout: 600_000 })
    const measure = (what: string, work: () => Promise<void>) => measured(browser, page, folder, what, work)
    const pause = () => page.waitForTimeout(400)

    const big = page.locator('[data-batch="20260102-000000-b16000"]')
    await big.waitFor()
    await measure(`${many} results are read`, async () => {
      await big.click()
      await shown(many)
    })
    await measure('scrolled from end to end', async () => {
      await page.mouse.move(700, 500)
      for (let i = 0; i < 60; i++) {
        await page.mouse.wheel(0, 700)
        await page.waitForTimeout(16)
      }
      await page.locator('#batch-table').focus()
      await page.keyboard.press('End')
      await pause()
      await page.keyboard.press('Home')
      await pause()
    })
    await measure('sorted by five columns', async () => {
      for (const column of ['name', 'pValue', 'score', 'changed', 'verdict']) {
        await page.locator(`[data-sort="${column}"]`).click()
        await pause()
      }
    })
    await measure('searched and grouped', async () => {
      await page.keyboard.press('/')
      await page.keyboard.type('ward-7 scan-19', { delay: 60 })
      await pause()
      await page.getByRole('button', { name: 'Show all rows' }).click()
      await page.getByRole('button', { name: 'Group' }).click()
      await pause()
      await page.getByRole('button', { name: 'Group' }).click()
      await pause()
    })
    await page.getByRole('button', { name: 'New batch' }).click()
    await page.getByLabel('Folders and files, one path a line').fill(join(folder, 'phantoms'))
    await page.locator(`[data-found="${phantoms}"]`).waitFor()
    await page.getByLabel('Bundle').selectOption('demo-phantom')
    await measure(`a batch of ${phantoms} phantoms runs`, async () => {
      await page.getByRole('button', { name: 'Start the batch' }).click()
      await page.locator('[data-standing="done"]').waitFor({ timeout: 600_000 })
      await shown(phantoms)
    })
    console.log(load())
  } finally {
    await browser.close()
    await application.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
