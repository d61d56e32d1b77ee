/**
 * The Audit page with the real engine and a bundle that answers in milliseconds: planned, started, stopped and gone on
 * with, its results and images looked at, saved, and compared with another audit.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auditReportSchema } from '../../src/shared/audit'
import { png, scanValues, tampered, writeTinyBundle } from '../engine/screening/tiny-bundle'
import { haveBrowser } from './support/browser'
import { takeScreenshot } from './support/page'
import { servedScene } from './support/scene'

const folder = mkdtempSync(join(tmpdir(), 'assay-audits-'))

/** Twelve scans in two class folders, as the tiny bundle names them; one lies in the wrong one. */
function imagesOf(): string {
  const home = join(folder, 'images')
  for (const name of ['smooth', 'noisy']) mkdirSync(join(home, name), { recursive: true })
  for (let n = 0; n < 6; n++) {
    writeFileSync(join(home, 'smooth', `${n}.png`), png(n === 5 ? tampered(scanValues(n), 12, n) : scanValues(n)))
    writeFileSync(join(home, 'noisy', `${n}.png`), png(tampered(scanValues(n + 6), 12, n)))
  }
  return home
}

describe.skipIf(!haveBrowser())('the Audit page', () => {
  const scene = servedScene({
    prepare: async (data) => void (await writeTinyBundle(join(data, 'bundles'), 60)),
    arrive: async (page) => {
      await page.getByRole('link', { name: 'Audit' }).click()
      await page.getByRole('heading', { name: 'New audit' }).waitFor()
    },
  })
  let page: Page
  beforeEach(() => void ({ page } = scene))
  const images = imagesOf()

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  const start = () => page.getByRole('button', { name: 'Start the audit' })
  const plan = () => page.locator('[data-plan][aria-busy="false"]')
  const audits = () => page.locator('[data-audit]')
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  const finished = (count: number) => page.waitForFunction((n) => document.querySelectorAll('[data-audit][data-state="done"]').length === n, count)

  async function fill(strengths: string): Promise<void> {
    await page.getByRole('combobox', { name: 'Bundle' }).selectOption('tiny')
    await field('Strengths').fill(strengths)
    await page.getByRole('checkbox', { name: 'PGD', exact: true }).uncheck()
    await field('Labelled images').fill(images)
  }

  it('says what is wrong with the data before anything is started', async () => {
    expect(await start().isDisabled()).toBe(true)
    await page.getByText('Name a folder with one subfolder per class').waitFor()
    await page.getByRole('combobox', { name: 'Bundle' }).selectOption('tiny')
    await field('Labelled images').fill(join(folder, 'nowhere'))
    const alert = page.getByRole('complementary', { name: 'Plan' }).getByRole('alert')
    await alert.getByText('file-not-found').waitFor()
    await takeScreenshot(page, 'audit-1-no-folder')
    await field('Labelled images').fill(folder)
    await alert.getByText('data-set-invalid').waitFor()
    expect(await start().isDisabled()).toBe(true)
    await field('Strengths').fill('many')
    await page.getByText('Give 255ths of the range').first().waitFor()
    expect(await field('Strengths').getAttribute('aria-invalid')).toBe('true')
    // The browser itself logs every answer that is no 200.
    expect(scene.problems.splice(0).every((problem) => problem.includes('status of'))).toBe(true)
  })

  it('plans AutoAttack at its longest, and says how long it takes where its first attack is enough', async () => {
    await fill('2')
    await plan().waitFor()
    expect(await page.getByText('where the first of AutoAttack').count()).toBe(0)
    await page.getByRole('checkbox', { name: /^AutoAttack/ }).first().check()
    await page.getByText('where the first of AutoAttack').waitFor()
    await takeScreenshot(page, 'audit-8-autoattack')
  })

  it('plans, runs and reports an audit, shows what was done to an image, and saves it', async () => {
    await fill('2, 8')
    await plan().getByText('FGSM 2, 8/255').first().waitFor()
    expect(await plan().innerText()).toContain('12 images (smooth 6, noisy 6)')
    await takeScreenshot(page, 'audit-2-plan')
    await start().click()
    await page.getByRole('progressbar', { name: 'Audit' }).waitFor()
    await finished(1)
    const rows = page.locator('[data-results] [data-row]')
    await page.locator('[data-row="adaptive/fgsm/8/255"]').first().waitFor()
    const shown = await rows.count()
    expect(await page.getByRole('region', { name: 'Curves' }).getByRole('img').count()).toBe(4)
    await takeScreenshot(page, 'audit-3-results')

    await page.getByRole('tab', { name: 'Images' }).click()
    await page.locator('[data-attack-view="Clean"] canvas').waitFor()
    expect(await page.locator('[data-attack-view]').count()).toBe(4)
    await page.getByRole('combobox', { name: 'Run' }).selectOption({ label: 'Oblivious: FGSM 8/255' })
    const first = page.getByRole('listbox', { name: 'Images of the run' }).getByRole('option', { selected: true })
    await first.getByText('8.0/255').waitFor()
    const pixels = (title: string) => page.locator(`[data-attack-view="${title}"] canvas`).evaluate((canvas: HTMLCanvasElement) => [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 === 0))
    await page.waitForFunction(() => document.querySelector('[data-attack-view^="Change"]')?.getAttribute('data-attack-view') === 'Change, 20 ×')
    const [clean, attacked] = [await pixels('Clean'), await pixels('Attacked')]
    const changes = clean.map((value, i) => Math.abs(value - attacked[i]!))
    expect(Math.max(...changes), 'no pixel is changed by more than the strength, two roundings aside').toBeLessThanOrEqual(9)
    expect(changes.filter((change) => change >= 7).length / changes.length, 'FGSM changes nearly all by as much').toBeGreaterThan(0.5)
    await takeScreenshot(page, 'audit-4-image')

    const before = await first.getAttribute('id')
    await page.getByRole('group', { name: 'Views' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction((id) => document.querySelector('div[role="option"][aria-selected="true"]')?.id !== id, before)
    await page.keyboard.press('x')
    await expect.poll(() => page.getByRole('button', { name: 'Flicker' }).getAttribute('aria-pressed')).toBe('true')
    await page.locator('[data-attack-view="Attacked (flicker)"]').waitFor()

    await page.getByRole('option', { name: 'wrong before' }).first().click()
    await page.locator('[data-attack-view="Clean, purified"] canvas').waitFor()
    expect(await page.locator('[data-attack-view]').count(), 'nothing was attacked').toBe(2)
    expect(await page.getByRole('button', { name: 'Flicker' }).isDisabled()).toBe(true)
    await page.getByText('none; the run did not attack this image').waitFor()
    await takeScreenshot(page, 'audit-7-wrong-before')

    await page.getByRole('button', { name: 'Open the report' }).click()
    expect(await page.locator('iframe').getAttribute('sandbox'), 'the report may do nothing').toBe('')
    const opened = page.frameLocator('iframe[title="Report"]')
    await opened.getByRole('heading', { name: /^Robustness audit of/ }).waitFor()
    await opened.getByRole('navigation').getByRole('link', { name: 'Worst examples' }).click()
    const examples = opened.getByRole('heading', { name: 'Worst examples' })
    await expect.poll(() => examples.evaluate((heading) => Math.round(heading.getBoundingClientRect().top)), { message: 'links within it lead there' }).toBeLessThan(60)
    await takeScreenshot(page, 'audit-6-report')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('dialog', { name: 'Report' }).waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Save' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /audit\.json/ }).click()])
    expect(download.suggestedFilename()).toBe('audit.json')
    const report = auditReportSchema.parse(JSON.parse(readFileSync(await download.path(), 'utf8')))
    expect([report.n, report.runs.length, report.partial]).toEqual([12, shown, false])
    expect(await page.getByRole('tab', { name: 'Compare' }).isDisabled(), 'there is nothing to compare with').toBe(true)
  })

  it('is filled in, started and compared by keyboard alone, and goes on after a reload', async () => {
    await page.getByRole('combobox', { name: 'Bundle' }).focus()
    await page.keyboard.type('Tiny')
    await page.keyboard.press('Tab')
    await page.keyboard.type('6')
    await page.keyboard.press('Tab')
    await page.keyboard.type(images)
    await page.getByRole('radio', { name: /Quick/ }).focus()
    for (const [name, key] of [['PGD', 'Space'], ['Strengths', '4']] as const) {
      for (let i = 0; i < 40 && !(await page.evaluate((label) => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent === label, name)); i++) await page.keyboard.press('Tab')
      await page.keyboard.press(key)
    }
    await plan().getByText('6 images (smooth 3').waitFor()
    await plan().getByText('FGSM 4/255').first().waitFor()
    expect(await plan().getByRole('cell', { name: /^PGD/ }).count()).toBe(0)
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Results' }).waitFor()
    await page.waitForFunction(() => document.activeElement?.tagName === 'H2')
    expect(await focused()).toBe('Tiny')
    await page.reload()
    await finished(2)
    await audits().first().click()
    await page.locator('[data-row="oblivious/fgsm/4/255"]').waitFor()
    const own = await page.locator('[data-results] [data-row]').count()

    await page.getByRole('tab', { name: 'Results' }).focus()
    await page.keyboard.press('End')
    await page.getByRole('combobox', { name: 'Beside which audit' }).focus()
    await page.keyboard.press('ArrowDown')
    const table = page.locator('[data-comparison]')
    await table.waitFor()
    await page.getByText('The two audits attacked different images.').waitFor()
    await page.getByText('One attacked 6 images, the other 12.').waitFor()
    expect(await table.getByRole('rowheader').count(), 'the other has as many rows at each of two other strengths').toBe(3 * own)
    await takeScreenshot(page, 'audit-5-compare')
  })
})
