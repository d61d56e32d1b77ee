/**
 * The Models page with the real engine: a foreign model with the usual mistake (it wants 0 to 255) is looked into, tried,
 * put right, imported, found again where one screens, removed and brought back. And the way between the pages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { GraphBuilder } from '../../src/engine/onnx/builder'
import { concat, mul, reduceMean, reshape, softmax, sub } from '../../src/engine/onnx/ops'
import { haveBrowser } from './support/browser'
import { takeScreenshot } from './support/page'
import { servedScene } from './support/scene'

const side = 32
const folder = mkdtempSync(join(tmpdir(), 'assay-models-'))

/** Says "bright" where the mean of pixels from 0 to 255 is above 100: of pixels from 0 to 1 it never does. */
function vendorModel(): string {
  const g = new GraphBuilder()
  const x = g.input('image', [1, 3, side, side])
  const brightness = reshape(g, reduceMean(g, x, [1, 2, 3]), [1, 1])
  const bright = mul(g, sub(g, brightness, 100), 0.05)
  g.output('probabilities', softmax(g, concat(g, [mul(g, bright, -1), bright], 1)))
  const path = join(folder, 'vendor.onnx')
  writeFileSync(path, g.toBytes())
  return path
}

function imagesOf(): string {
  const home = join(folder, 'images')
  for (const [name, level] of [
    ['dark', 50],
    ['bright', 190],
  ] as const) {
    mkdirSync(join(home, name), { recursive: true })
    for (let n = 0; n < 3; n++)
      writeFileSync(join(home, name, `${n}.png`), encode({ width: side, height: side, channels: 3, data: Uint8Array.from({ length: side * side * 3 }, (_, i) => level + ((i * 7 + n * 13) % 40)) }))
  }
  return home
}

describe.skipIf(!haveBrowser())('the Models page', () => {
  const scene = servedScene()
  let page: Page
  beforeEach(() => void ({ page } = scene))
  const model = vendorModel()
  const images = imagesOf()

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const choose = async (button: string | RegExp, path: string): Promise<void> => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: button }).first().click()])
    await chooser.setFiles(path)
  }
  const way = (id: string) => page.locator(`[data-way="${id}"] [data-sum]`)
  const heading = () => page.evaluate(() => document.activeElement?.textContent)

  it('is reached by rail, keys and address, keeps what the pages held, and leaves the viewer its keys', async () => {
    await page.getByRole('link', { name: 'Models' }).click()
    await page.locator('[data-card]').getByText('Research use only').first().waitFor()
    expect(page.url()).toMatch(/#\/models$/)
    await takeScreenshot(page, 'models-1-card')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await takeScreenshot(page, 'models-1-card')
    await page.setViewportSize({ width: 1280, height: 720 })
    expect(await page.getByRole('link', { name: 'Models' }).getAttribute('aria-current')).toBe('page')
    expect(await heading()).toBe('Models')
    expect(await page.getByRole('combobox', { name: 'Bundle' }).count(), 'the bundle to screen with belongs to the Screen page').toBe(0)
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByText('Drop scans or a folder').waitFor()
    expect(await heading()).toBe('Screen')
    await page.locator('[data-sample]').first().click()
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByText('Opening').waitFor({ state: 'detached' })
    const inverted = () => page.getByRole('button', { name: 'Invert' }).getAttribute('aria-pressed')
    await page.evaluate(() => (document.querySelector<HTMLCanvasElement>('[data-view="scan"] canvas')!.dataset.kept = 'yes'))
    await page.goBack()
    await page.locator('[data-card]').waitFor()
    await page.keyboard.press('i')
    await page.goForward()
    expect(await inverted()).toBe('false')
    expect(await page.locator('[data-view="scan"] canvas').getAttribute('data-kept'), 'the same canvas as before').toBe('yes')
    await page.keyboard.press('i')
    expect(await inverted()).toBe('true')
    await page.goto(`${page.url().split('#')[0]}#/models`)
    await page.reload()
    await page.locator('[data-card]').waitFor()
  })

  it('shows a wrong range before it is imported, imports what was put right, and takes it back after removal', async () => {
    await page.getByRole('link', { name: 'Models' }).click()
    await page.locator('[data-card]').waitFor()
    await choose('Import a model', model)
    await page.getByRole('heading', { name: 'Import vendor.onnx' }).waitFor()
    await page.getByText('which range of values it takes').waitFor()
    await takeScreenshot(page, 'models-3-found')
    await page.getByLabel('Classes, one per line').fill('dark\nbright')
    await choose('Folder of images', images)
    await page.getByText('0 to 255 fits better').waitFor()
    expect(await way('as-set').innerText()).toBe('3 of 6 right, always dark')
    expect(await way('bytes').innerText()).toBe('6 of 6 right')
    await page.getByText('0 to 255 fits better').scrollIntoViewIfNeeded()
    await takeScreenshot(page, 'models-4-wrong-range')
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.getByText('As set, 6 of 6 are right').waitFor()
    expect(await page.getByLabel('Range of values').inputValue()).toBe('bytes')
    await page.getByLabel('Classes, one per line').fill('bright\ndark')
    await page.getByText('Classes as dark, bright fits better').waitFor()
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.getByText('As set, 6 of 6 are right').waitFor()
    await page.getByRole('button', { name: 'Import as a bundle' }).click()
    const row = page.locator('[data-bundle="vendor"]')
    await row.waitFor()
    await page.getByRole('heading', { name: 'vendor', exact: true, level: 2 }).waitFor()
    await page.getByRole('region', { name: 'Facts' }).getByText('the model takes 0 to 255').waitFor()
    await takeScreenshot(page, 'models-5-imported')

    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByRole('combobox', { name: 'Bundle' }).click()
    await page.getByRole('option', { name: /vendor/ }).filter({ hasText: 'needs a purifier' }).waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await row.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Bring it back' }).click()
    await row.waitFor()
  })

  it('says of a file that is no model what to do, and stays as it was', async () => {
    const broken = join(folder, 'notes.onnx')
    writeFileSync(broken, 'not a model')
    await page.getByRole('link', { name: 'Models' }).click()
    await page.locator('[data-card]').waitFor()
    await choose('Import a model', broken)
    await page.getByRole('alert').getByText('onnx-invalid').waitFor()
    // The browser itself logs every answer that is no 200.
    scene.problems.splice(0, 1)
    await takeScreenshot(page, 'models-6-error')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('[data-card]').waitFor()
  })
})
