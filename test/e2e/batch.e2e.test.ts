/**
 * The Batch page and the History page with the real engine: a batch that is reloaded, stopped and gone on with, one of
 * 20,000 results, and a history that was tampered with.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { HistoryRecord } from '../../src/shared/history'
import type { ScanResult } from '../../src/shared/types'
import { png, scanValues, tampered, writeTinyBundle } from '../engine/screening/tiny-bundle'
import { writeBigBatch } from '../support/big-batch'
import { haveBrowser } from './support/browser'
import { acknowledgeNote, takeScreenshot } from './support/page'
import { servedScene } from './support/scene'
import { serveApplication } from './support/served-application'

const folder = mkdtempSync(join(tmpdir(), 'assay-batches-'))
const many = 20_000
const bigJob = '20260102-000000-b16000'

/** Sixty files, large enough that reading them takes a while: untouched ones, tampered ones, and three that are none. */
function scansOf(): string {
  const home = join(folder, 'archive')
  mkdirSync(join(home, 'ward'), { recursive: true })
  // Each pixel of what the classifier sees as a block, so that nothing is averaged away on the way to it.
  const block = 128
  const side = 16 * block
  const enlarged = (values: Uint8Array): Uint8Array => Uint8Array.from({ length: side * side }, (_, i) => values[Math.floor(i / side / block) * 16 + Math.floor((i % side) / block)]!)
  const [clean, attacked] = [enlarged(scanValues(1)), enlarged(tampered(scanValues(2), 12, 2))]
  writeFileSync(join(folder, 'clean.png'), png(clean, side, side))
  writeFileSync(join(folder, 'attacked.png'), png(attacked, side, side))
  for (let n = 0; n < 57; n++) copyFileSync(join(folder, n % 4 === 1 ? 'attacked.png' : 'clean.png'), join(home, n % 2 ? 'ward' : '.', `scan-${n}.png`))
  writeFileSync(join(home, 'empty.png'), '')
  writeFileSync(join(home, 'words.dcm'), 'this is no DICOM file')
  writeFileSync(join(home, 'cut.png'), png(clean, side, side).subarray(0, 900))
  return home
}

describe.skipIf(!haveBrowser())('batches and history', () => {
  const scene = servedScene({
    prepare: async (dataFolder) => {
      data = dataFolder
      await writeTinyBundle(join(dataFolder, 'bundles'), 60)
      big = writeBigBatch(dataFolder, bigJob, many)
    },
  })
  let page: Page
  beforeEach(() => void ({ page } = scene))
  let data = ''
  let big: ScanResult[] = []
  const archive = scansOf()

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const paths = () => page.getByLabel('Folders and files, one path a line')
  const rows = () => page.locator('[data-row]')
  const firstName = () => rows().first().getByRole('button').innerText()
  const shown = async (): Promise<string[]> => (await page.locator('[data-row] button').allInnerTexts()).slice(0, 5)
  const amountOf = async (filter: string): Promise<number> => Number((await page.locator(`[data-filter="${filter}"] .numbers`).innerText()).replaceAll(',', ''))
  const resultsOf = (jobId: string): ScanResult[] =>
    readFileSync(join((JSON.parse(readFileSync(join(data, 'jobs', jobId, 'output.json'), 'utf8')) as { out: string }).out, 'results.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as ScanResult)
  const download = async (name: string): Promise<{ name: string; bytes: Buffer }> => {
    await button('Export').click()
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()])
    return { name: saved.suggestedFilename(), bytes: readFileSync(await saved.path()) }
  }

  it('says how many files there are before anything starts, and what is wrong', async () => {
    await page.getByRole('link', { name: 'Batch' }).click()
    await page.getByRole('heading', { name: 'New batch' }).waitFor()
    await page.getByText('The number of files is told here').waitFor()
    expect(await button('Start the batch').isDisabled()).toBe(true)
    await takeScreenshot(page, 'batch-1-empty')
    await paths().fill('archive')
    await page.getByText('Give whole paths').waitFor()
    await paths().fill(`${archive}\n${join(folder, 'nowhere')}`)
    await page.locator('[data-found="60"]').waitFor()
    await page.getByText('file-not-found').waitFor()
    await page.getByLabel('False alarms allowed').fill('0.0001')
    await page.getByText('calibration scans allow').waitFor()
    expect(await button('Start the batch').isDisabled()).toBe(true)
    await takeScreenshot(page, 'batch-2-form-wrong')
  })

  it('loses nothing when the page is reloaded in the middle, stopped, and gone on with', async () => {
    await page.getByRole('link', { name: 'Batch' }).click()
    await paths().fill(archive)
    await page.locator('[data-found="60"]').waitFor()
    await button('Start the batch').click()
    await page.waitForFunction(() => Number(document.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow')) > 0)
    await page.reload()
    await page.locator('[data-standing="running"]').waitFor()
    // At once: a picture taken first would give a quick machine the time to finish.
    await button('Stop').click()
    await page.locator('[data-standing="cancelled"]').waitFor()
    expect(await amountOf('all')).toBeLessThan(60)
    await takeScreenshot(page, 'batch-4-stopped')
    await button('Continue').click()
    await page.locator('[data-standing="running"]').waitFor()
    await takeScreenshot(page, 'batch-3-running')
    await page.locator('[data-standing="done"]').waitFor({ timeout: 90_000 })
    await page.waitForFunction(() => document.querySelector('[data-filter="all"] .numbers')?.textContent === '60')
    expect([await amountOf('suspicious'), await amountOf('clean'), await amountOf('error')]).toEqual([14, 43, 3])
    await takeScreenshot(page, 'batch-5-done')
    const jobId = (await page.locator('[data-batch][aria-current="true"]').getAttribute('data-batch'))!
    const results = resultsOf(jobId)
    expect(new Set(results.map(({ path }) => path)).size).toBe(60)
    expect(results).toHaveLength(60)
    // The list has one entry for the whole, not one for each time it was gone on with.
    expect(await page.locator('[data-batch]').count()).toBe(2)
  })

  it('tries failed files again, and puts the results in the place of the errors', async () => {
    await page.getByRole('link', { name: 'Batch' }).click()
    await page.locator('[data-batch]').first().click()
    await page.locator('[data-filter="error"]').click()
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 3)
    await takeScreenshot(page, 'batch-6-errors')
    copyFileSync(join(folder, 'clean.png'), join(archive, 'empty.png'))
    await button('Retry 3 failed').click()
    await page.waitForFunction(() => document.querySelector('[data-filter="error"] .numbers')?.textContent === '2')
    await page.locator('[data-standing="done"]').waitFor()
    expect(await amountOf('all')).toBe(60)
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 2)
    writeFileSync(join(archive, 'empty.png'), '')
  })

  it('opens rows in the viewer and steps through them in the order that is shown', async () => {
    await page.getByRole('link', { name: 'Batch' }).click()
    await page.locator('[data-batch]').first().click()
    await page.locator('[data-filter="suspicious"]').click()
    await rows().first().waitFor()
    await page.locator('[data-sort="name"]').click()
    await page.locator('[data-sort="name"]').click()
    const names = await shown()
    expect(names.length).toBeGreaterThan(1)
    await page.locator('#batch-table').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.locator('[data-view="scan"] canvas').waitFor()
    expect(await page.locator('[data-position]').innerText()).toMatch(/^1 of \d+$/)
    await page.getByRole('heading', { name: names[0]!, exact: true }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: names[1]!, exact: true }).waitFor()
    await page.locator('[data-verdict="suspicious"]').waitFor()
    await page.locator('[aria-busy="false"] [data-view="scan"]').waitFor()
    await takeScreenshot(page, 'batch-7-viewer')
    await button('Previous row').click()
    await page.getByRole('heading', { name: names[0]!, exact: true }).waitFor()
    // On another page there is no second viewer, and it is here again on the way back.
    await page.getByRole('link', { name: 'Screen' }).click()
    await page.locator('#page-screen').waitFor()
    expect(await page.locator('[data-view="scan"]:visible').count()).toBe(0)
    await page.getByRole('link', { name: 'Batch' }).click()
    await page.locator('[data-view="scan"]:visible').waitFor()
    await page.locator('#page-batch').focus()
    await page.keyboard.press('Escape')
    await rows().first().waitFor()
    expect(await page.locator('[aria-selected="true"]').getByRole('button').innerText()).toBe(names[0])
  })

  it('shows 20,000 results: sorted, filtered, searched and grouped, by mouse and by keyboard', async () => {
    await page.getByRole('link', { name: 'Batch' }).click()
    await page.locator(`[data-batch="${bigJob}"]`).click()
    await page.waitForFunction((all) => document.querySelector('[data-filter="all"] .numbers')?.textContent === all, many.toLocaleString('en'), { timeout: 60_000 })
    const of = (status: ScanResult['status']) => big.filter((each) => each.status === status)
    expect([await amountOf('suspicious'), await amountOf('error')]).toEqual([of('suspicious').length, of('error').length])
    expect(await rows().count()).toBeLessThan(60)
    await takeScreenshot(page, 'batch-8-20000')
    await page.locator('[data-sort="name"]').click()
    expect(await shown()).toEqual([1, 2, 3, 4, 5].map((n) => `scan-${n}.dcm`))
    await page.locator('[data-sort="pValue"]').click()
    const least = Math.min(...big.map(({ pValue }) => pValue ?? 1))
    expect(await firstName()).toBe(big.find(({ pValue }) => pValue === least)!.path.split('/').at(-1))
    await page.locator('#batch-table').focus()
    await page.keyboard.press('End')
    await page.locator(`[aria-rowindex="${many + 1}"][aria-selected="true"]`).waitFor()
    await page.keyboard.press('Home')
    await page.locator('[aria-rowindex="2"][aria-selected="true"]').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('ward-7 scan-19')
    const found = big.filter(({ path }) => path.includes('ward-7') && path.includes('scan-19')).length
    await page.locator(`#batch-table[aria-rowcount="${found + 1}"]`).waitFor()
    const csv = await download('CSV')
    expect(csv.bytes.toString('utf8').trim().split('\r\n')).toHaveLength(found + 1)
    await button('Show all rows').click()
    await button('Group').click()
    await page.locator('[data-group="suspicious"]').waitFor()
    await takeScreenshot(page, 'batch-9-grouped')
    await page.locator('[data-group="suspicious"]').click()
    await page.locator('[data-group="error"]').click()
    await page.locator('[data-group="clean"]').waitFor()
    await page.getByRole('toolbar', { name: 'What is shown' }).getByRole('button', { name: /^Changed/ }).click()
    await expect.poll(() => page.locator('[data-group="clean"]').count()).toBe(0)
    await button('Show all rows').click()
    const all = JSON.parse((await download('JSON')).bytes.toString('utf8')) as { counts: object; files: unknown[] }
    expect(all.files).toHaveLength(many)
    expect(all.counts).toMatchObject({ suspicious: of('suspicious').length })
    const pdf = await download('PDF')
    expect([pdf.name, pdf.bytes.subarray(0, 5).toString()]).toEqual(['assay-batch.pdf', '%PDF-'])
  })

  it('keeps a history of it, finds a file in it, and says which line was changed', async () => {
    const file = join(data, 'history.jsonl')
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.length).toBeGreaterThanOrEqual(63)
    await page.getByRole('link', { name: 'History' }).click()
    await page.locator(`[data-matched="${lines.length}"]`).waitFor()
    await page.locator('[data-record]').first().click()
    await page.getByRole('complementary', { name: 'Record' }).waitFor()
    await takeScreenshot(page, 'history-1-full')
    await page.getByRole('searchbox', { name: 'Search the history' }).fill(join(archive, 'scan-2.png'))
    await page.locator('[data-matched="1"]').waitFor()
    await page.locator('[data-record]').first().dblclick()
    await page.locator('[data-view="scan"] canvas').waitFor()
    await page.getByRole('heading', { name: 'scan-2.png', exact: true }).waitFor()
    await page.getByRole('link', { name: 'History' }).click()
    await button('Show all records').click()
    await page.locator(`[data-matched="${lines.length}"]`).waitFor()
    await button('Verify').click()
    await page.locator('[data-intact="true"]').waitFor()
    await takeScreenshot(page, 'history-2-intact')
    const exported = JSON.parse((await download('JSON')).bytes.toString('utf8')) as { records: HistoryRecord[] }
    expect(exported.records.map(({ hash }) => hash)).toEqual(lines.map((line) => (JSON.parse(line) as HistoryRecord).hash))
    try {
      writeFileSync(file, [...lines.slice(0, 20), lines[20]!.replace('"alpha":0.05', '"alpha":0.5'), ...lines.slice(21, 30), ...lines.slice(32)].map((line) => `${line}\n`).join(''))
      await button('Verify').click()
      await page.locator('[data-intact="false"]').waitFor()
      expect(await page.locator('[data-problem]').allInnerTexts()).toEqual(['Line 21 (record 21) was changed: its text no longer fits its hash.', 'Records 31 to 32 are missing before line 31.'])
      await takeScreenshot(page, 'history-3-tampered')
    } finally {
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
    }
  })

  it('has an empty history before anything was screened', async () => {
    const fresh = await serveApplication()
    try {
      await page.goto(`${fresh.url}#/history`)
      await acknowledgeNote(page).catch(() => undefined)
      await page.getByRole('heading', { name: 'Nothing was screened yet' }).waitFor()
      await takeScreenshot(page, 'history-0-empty')
      expect(existsSync(join(data, 'history.lock'))).toBe(false)
    } finally {
      // It would complain of the lost connection.
      await page.goto('about:blank')
      await fresh.close()
    }
  })
})
