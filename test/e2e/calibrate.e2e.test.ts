/**
 * Calibrating on local scans with the real engine, as a hospital physicist does it: from a bundle on the Models page to a
 * copy of it in use and back, with too few scans, none at all and scans of another device on the way.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { updateManifest } from '../../src/engine/bundle/write'
import { writeDicom } from '../../src/engine/image/dicom/write'
import { scanValues, side, writeTinyBundle } from '../engine/screening/tiny-bundle'
import { seriousViolations } from './support/accessibility'
import { haveBrowser } from './support/browser'
import { leftOversInGerman } from './support/left-overs'
import { settle, takeScreenshot } from './support/page'
import { servedScene } from './support/scene'

const local = mkdtempSync(join(tmpdir(), 'assay-local-'))

/** Untouched scans of another device than the bundle knows, brighter than those that it was calibrated on. */
function writeScans(name: string, count: number): string {
  const folder = join(local, name)
  mkdirSync(folder)
  for (let i = 0; i < count; i++) {
    const pixels = scanValues(i).map((value, at) => value + 3 * (at % 3))
    writeFileSync(join(folder, `${i}.dcm`), writeDicom({ kind: 'secondary-capture', modality: 'MR', width: side, height: side, pixels, attributes: [{ tag: 0x00080070, vr: 'LO', value: 'GEMed' }] }))
  }
  return folder
}

describe.skipIf(!haveBrowser())('calibrating on the Models page', () => {
  let manifestPath = ''
  const scene = servedScene({
    async prepare(data) {
      const folder = await writeTinyBundle(join(data, 'bundles'))
      await updateManifest(folder, (manifest) => ({ ...manifest, modality: 'DX', training: { purifier: { data: { origins: { manufacturers: ['SIEMENS'] } } } } }))
      manifestPath = join(folder, 'bundle.json')
    },
  })
  let page: Page
  beforeEach(() => void ({ page } = scene))
  const [scans, few] = [writeScans('scans', 90), writeScans('few', 4)]
  writeFileSync(join(scans, 'torn.dcm'), 'no picture')
  afterAll(() => rmSync(local, { recursive: true, force: true }))

  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  const start = () => page.getByRole('button', { name: 'Start the calibration' })
  const result = () => page.getByRole('region', { name: 'Result of the calibration' })
  async function openForm(): Promise<void> {
    await page.getByRole('link', { name: 'Models' }).click()
    await page.locator('[data-bundle="tiny"]').click()
    await page.getByRole('button', { name: 'Calibrate on local scans' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Calibrate Tiny' }).waitFor()
  }

  it('says beforehand what the scans are good for, and what stands against them', async () => {
    await openForm()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Calibrate Tiny')
    await page.getByText('Choose the scans.').waitFor()
    expect(await start().isDisabled()).toBe(true)
    await takeScreenshot(page, 'calibrate-1-empty')
    await field('Untouched scans').fill(join(local, 'nowhere'))
    await field('Untouched scans').press('Enter')
    await page.getByRole('alert').getByText('file-not-found').waitFor()
    // The browser itself logs every answer that is no 200.
    scene.problems.splice(0)
    await takeScreenshot(page, 'calibrate-2-nowhere')
    await field('Untouched scans').fill(few)
    await field('Untouched scans').press('Enter')
    await page.locator('[data-lack="too-few"]').getByText('Give at least 24').waitFor()
    expect(await start().isDisabled()).toBe(true)
    await field('Untouched scans').fill(scans)
    await field('Untouched scans').press('Enter')
    await page.locator('[data-plan="91"]').waitFor()
    await page.getByText('64 stand behind the p-values; the smallest is 1 in 65.').waitFor()
    await page.getByLabel('Keep as it is').check()
    await page.getByText('73 stand behind the p-values').waitFor()
    await field('Id').fill('tiny')
    await page.getByText('There is a bundle with this id already').waitFor()
    expect(await start().isDisabled()).toBe(true)
    expect(await seriousViolations(page)).toEqual([])
    expect(await leftOversInGerman(page, ['Tiny'])).toEqual([])
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('[data-bundle="tiny"][aria-current]:focus').waitFor()
  })

  it('makes a calibrated copy, tells of other devices, is used and given back, and leaves the bundle as it was', async () => {
    const before = readFileSync(manifestPath, 'utf8')
    await openForm()
    await field('Untouched scans').fill(scans)
    await field('Untouched scans').press('Enter')
    await page.locator('[data-plan="91"]').waitFor()
    await takeScreenshot(page, 'calibrate-3-plan')
    await field('Untouched scans').press('Enter')
    await page.locator('[data-calibrated]').waitFor({ timeout: 60_000 })
    await result().getByText('say they are MR, and Tiny was made for DX').waitFor()
    await result().getByText('from devices by GEMED, and the models of Tiny learned from devices by SIEMENS').waitFor()
    const flagged = page.locator('[data-before-now] tr').filter({ hasText: 'flagged at' })
    // The calibration before does not fit these scans; the new one flags about one in twenty.
    expect(await flagged.locator('td').first().innerText()).toContain('100.0 % (90 of 90)')
    expect(await flagged.locator('td').last().innerText()).toBe('about 4.7 %')
    expect(await page.locator('[data-choice] [data-chosen]').count()).toBeGreaterThan(0)
    expect(await page.locator('[data-choice] [data-score]').count()).toBeGreaterThan(5)
    await result().getByText('1 file was left out').waitFor()
    expect(readFileSync(manifestPath, 'utf8')).toBe(before)
    await takeScreenshot(page, 'calibrate-4-result')
    await page.getByRole('heading', { name: 'What to do next' }).scrollIntoViewIfNeeded()
    await takeScreenshot(page, 'calibrate-5-next')
    expect(await seriousViolations(page)).toEqual([])
    expect(await leftOversInGerman(page, ['Tiny', 'Tiny, local'])).toEqual([])

    await page.getByRole('button', { name: 'Use this model' }).click()
    await page.locator('[data-outcome="in-use"]').getByText('Tiny, local').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('[data-outcome="ready"]').waitFor()
    await page.getByRole('button', { name: 'Model card' }).click()
    await page.getByRole('heading', { name: 'Tiny, local', level: 2 }).waitFor()
    await page.getByRole('region', { name: 'Facts' }).getByText('scans · MR · GEMED').waitFor()

    // A reload loses nothing; the result is a button away until it is put aside.
    await page.reload()
    await page.getByRole('button', { name: 'Show the result' }).click()
    await page.locator('[data-calibrated="63"]').waitFor()
    await page.getByRole('button', { name: 'Audit it' }).click()
    await page.getByRole('heading', { name: 'New audit' }).waitFor()
    expect(await page.getByRole('combobox', { name: 'Bundle' }).inputValue()).toBe('tiny-local')
    await page.goBack()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.locator('[data-calibration-note]').waitFor({ state: 'detached' })
  })

  it('can be stopped, and nothing comes of it then', async () => {
    await openForm()
    const many = writeScans('many', 3000)
    await field('Untouched scans').fill(many)
    await field('Untouched scans').press('Enter')
    await page.locator('[data-plan="3000"]').waitFor()
    await field('Id').fill('stopped')
    await start().click()
    await page.getByRole('progressbar', { name: 'Calibration' }).waitFor()
    await page.locator('[data-progress]').getByText('%').waitFor()
    await takeScreenshot(page, 'calibrate-6-runs')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Show how far it is' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('alert').getByText('The calibration was stopped').first().waitFor()
    await takeScreenshot(page, 'calibrate-7-stopped')
    expect(await page.locator('[data-bundle="stopped"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Another calibration' }).click()
    expect(await field('Untouched scans').inputValue()).toBe(many)
  })

  it('reads as well in light colours', async () => {
    await page.evaluate(() => fetch('/api/call/settings.set', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ theme: 'light' }) }))
    await openForm()
    await field('Untouched scans').fill(scans)
    await field('Untouched scans').press('Enter')
    await page.locator('[data-plan="91"]').waitFor()
    await settle(page)
    await takeScreenshot(page, 'calibrate-8-plan-light')
    await start().click()
    await page.locator('[data-calibrated]').waitFor({ timeout: 60_000 })
    await settle(page)
    await takeScreenshot(page, 'calibrate-9-result-light')
    expect(await seriousViolations(page)).toEqual([])
  })
})
