/**
 * A walk through the interface as docs/GUIDE.md describes it, by the same buttons, with a stop wherever there is something
 * to see. Every sentence of the guide that says what to do was done here.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { haveBrowser, openBrowser } from '../support/browser'
import { acknowledgeNote, drag, settle } from '../support/page'
import { serveApplication } from '../support/served-application'
import { cameraOf } from './camera'
import type { Camera, Purpose } from './camera'
import { makeMaterial } from './material'
import type { Material } from './material'

interface Tour {
  page: Page
  camera: Camera
  material: Material
  data: string
}

const long = { timeout: 600_000 }
const go = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()

const scansIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => join(folder, name))

async function choose(page: Page, name: string | RegExp, paths: string | string[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, name).click()])
  await chooser.setFiles(paths)
}

async function drawn(page: Page): Promise<void> {
  await page.locator('[data-view="heatmap"] canvas').waitFor(long)
  await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached', ...long })
  await settle(page)
}

async function screen({ page, camera, material }: Tour): Promise<void> {
  await page.locator('[data-sample]').first().waitFor()
  await page.getByRole('combobox', { name: 'Bundle' }).click()
  await page.getByRole('option', { name: /Demonstration/ }).click()
  await camera.take('screen-empty', 'screen-empty')
  await page.locator('[data-sample="attacked-opacity"]').first().click()
  await page.locator('[data-verdict]').waitFor(long)
  await drawn(page)
  await camera.take('screen-suspicious', 'screen-verdict')
  await button(page, 'Heat map: opacity, threshold, colours').click()
  await page.getByLabel('Colours', { exact: true }).waitFor()
  await camera.take('screen-heat-settings', 'screen-heat')
  await page.keyboard.press('Escape')
  await page.keyboard.press('d')
  await drag(page, 'scan', 110, 40)
  await camera.take('screen-ruler', 'screen-ruler')
  await page.keyboard.press('d')
  await choose(page, /^Files$/, [...['normal-0001.dcm', 'ward-3/empty.dcm', 'ward-3/normal-0001.png', 'ward-3/letter.dcm', 'opacity-0001.dcm'].map((name) => join(material.archive, name)), ...scansIn(material.archive).slice(0, 32)])
  await page.getByRole('option', { name: /empty\.dcm/ }).waitFor(long)
  await camera.take('screen-busy')
  await page.getByRole('progressbar').waitFor({ state: 'detached', ...long })
  await page.getByRole('option', { name: 'opacity-0001.dcm' }).first().click()
  await page.getByRole('heading', { name: 'opacity-0001.dcm' }).waitFor(long)
  await drawn(page)
  await camera.take('screen-full')
  await page.getByRole('option', { name: /letter\.dcm/ }).click()
  await page.getByRole('alert').getByText('is not a picture').waitFor(long)
  await camera.take('screen-error', 'screen-error')
}

async function batch({ page, camera, material }: Tour): Promise<void> {
  await go(page, 'Batch')
  const paths = page.getByLabel('Folders and files, one path a line')
  await paths.waitFor()
  await camera.take('batch-empty')
  await paths.fill(join(material.home, 'nowhere'))
  await page.getByText('file-not-found').waitFor(long)
  await camera.take('batch-error')
  await paths.fill(material.archive)
  await page.getByRole('form', { name: 'New batch' }).getByLabel('Bundle').selectOption('demo-phantom')
  await page.locator('[data-found="62"]').waitFor(long)
  await camera.take('batch-form', 'batch-form')
  await button(page, 'Start the batch').click()
  await page.locator('[data-row]').first().waitFor(long)
  await camera.take('batch-busy')
  await page.locator('[data-standing="done"]').waitFor(long)
  await page.locator('[data-sort="pValue"]').click()
  await settle(page)
  await camera.take('batch-full', 'batch-table')
  await page.locator('[data-row]').first().dblclick()
  await drawn(page)
  await camera.take('batch-opened')
}

async function history({ page, camera, data }: Tour): Promise<void> {
  await go(page, 'History')
  await page.locator('[data-record]').first().click()
  await page.getByRole('complementary', { name: 'Record' }).waitFor()
  await camera.take('history-full')
  await button(page, 'Verify').click()
  await page.locator('[data-intact="true"]').waitFor(long)
  await camera.take('history-verified', 'history')
  const file = join(data, 'history.jsonl')
  const before = readFileSync(file, 'utf8')
  try {
    writeFileSync(file, before.split('\n').map((line, i) => (i === 3 ? line.replace('"alpha":0.05', '"alpha":0.5') : line)).filter((_, i) => i !== 6).join('\n'))
    await button(page, 'Verify').click()
    await page.locator('[data-intact="false"]').waitFor(long)
    await camera.take('history-error')
  } finally {
    writeFileSync(file, before)
  }
}

async function models({ page, camera, material }: Tour): Promise<void> {
  await go(page, 'Models')
  await page.locator('[data-card]').waitFor()
  await camera.take('models-full')
  await choose(page, 'Import a model', material.notAModel)
  await page.getByRole('alert').getByText('onnx-invalid').waitFor(long)
  await camera.take('models-error')
  await button(page, 'Close').click()
  await choose(page, 'Import a model', material.vendor)
  await page.getByRole('heading', { name: 'Import vendor.onnx' }).waitFor(long)
  await page.getByLabel('Classes, one per line').fill('normal\nopacity')
  await choose(page, 'Folder of images', material.local.test)
  await page.getByRole('progressbar').first().waitFor({ timeout: 5000 }).catch(() => undefined)
  await camera.take('models-busy')
  await page.getByText(/As set, \d+ of \d+ are right/).waitFor(long)
  await page.getByText(/As set, \d+ of \d+ are right/).evaluate((element) => element.scrollIntoView({ block: 'center' }))
  await camera.take('models-trial', 'models-import')
  await button(page, 'Import as a bundle').click()
  await page.locator('[data-bundle="vendor"]').waitFor(long)
  await camera.take('models-imported')
  await page.locator('[data-bundle="demo-phantom"]').click()
  await button(page, 'Calibrate on local scans').click()
  const scans = page.getByRole('textbox', { name: 'Untouched scans' })
  await scans.fill(join(material.home, 'nowhere'))
  await scans.press('Enter')
  await page.getByRole('alert').getByText('file-not-found').waitFor(long)
  await camera.take('calibrate-error')
  await scans.fill(material.local.train)
  await scans.press('Enter')
  await page.locator('[data-plan="100"]').waitFor(long)
  await camera.take('calibrate-form')
  await button(page, 'Start the calibration').click()
  await page.getByRole('progressbar', { name: 'Calibration' }).waitFor(long)
  await camera.take('calibrate-busy')
  await page.locator('[data-calibrated]').waitFor(long)
  await settle(page)
  await camera.take('calibrate-full', 'calibrate-done')
  await button(page, 'Close').click()
}

async function audit({ page, camera, material }: Tour): Promise<void> {
  await go(page, 'Audit')
  await page.getByRole('heading', { name: 'New audit' }).waitFor()
  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  await camera.take('audit-empty')
  const run = async (bundle: string, plan?: string): Promise<void> => {
    await page.getByRole('combobox', { name: 'Bundle' }).selectOption(bundle)
    await field('Images at most').fill('10')
    await field('Labelled images').fill(material.local.test)
    await page.locator('[data-plan][aria-busy="false"]').getByText('10 images').first().waitFor(long)
    if (plan) await camera.take('audit-plan', plan)
    await button(page, 'Start the audit').click()
    await page.getByRole('progressbar', { name: 'Audit' }).waitFor(long)
  }
  await page.getByRole('combobox', { name: 'Bundle' }).selectOption('vendor')
  await field('Labelled images').fill(join(material.home, 'nowhere'))
  await page.getByRole('complementary', { name: 'Plan' }).getByRole('alert').getByText('file-not-found').waitFor(long)
  await camera.take('audit-error')
  await run('vendor', 'audit-plan')
  await page.waitForFunction(() => document.querySelectorAll('[data-audit][data-state="done"]').length === 1, undefined, long)
  await button(page, 'New audit').click()
  await run('demo-phantom')
  await page.locator('[data-results] [data-row]').first().waitFor(long)
  await camera.take('audit-busy')
  await page.waitForFunction(() => document.querySelectorAll('[data-audit][data-state="done"]').length === 2, undefined, long)
  await settle(page)
  await camera.take('audit-full', 'audit-results')
  await page.getByRole('tab', { name: 'Images' }).click()
  await page.locator('[data-attack-view="Clean"] canvas').waitFor(long)
  await settle(page)
  await camera.take('audit-images')
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('combobox', { name: 'Beside which audit' }).selectOption({ index: 1 })
  await page.locator('[data-comparison]').waitFor(long)
  await camera.take('audit-compare', 'audit-compare')
}

async function train({ page, camera, material }: Tour): Promise<void> {
  await go(page, 'Train')
  await page.getByRole('heading', { name: 'New training' }).waitFor()
  const field = (name: string) => page.getByRole('textbox', { name, exact: true })
  const panel = page.getByRole('complementary', { name: 'Check of the data' })
  await camera.take('train-empty')
  await field('Labelled images').fill(material.archive)
  await page.keyboard.press('Tab')
  await panel.getByRole('alert').waitFor(long)
  await camera.take('train-error')
  await field('Labelled images').fill(material.local.train)
  await field('Test images, if there are some').fill(material.local.test)
  await page.getByRole('combobox', { name: 'Start from' }).selectOption('demo-phantom')
  await panel.getByText('100 images', { exact: true }).waitFor(long)
  await camera.take('train-checked', 'train-check')
  await page.getByText('Further settings').click()
  await field('Epochs').fill('3')
  await panel.getByRole('button', { name: /^(Train anyway|Start the training)$/ }).click()
  await page.locator('[data-sample] canvas').first().waitFor(long)
  await settle(page)
  await camera.take('train-busy')
  await page.locator('[data-outcome="ready"]').waitFor(long)
  await settle(page)
  await camera.take('train-full', 'train-done')
  await button(page, 'Use this model').click()
  await page.locator('[data-outcome="in-use"]').waitFor(long)
  await camera.take('train-in-use')
  await button(page, 'Undo').click()
  await page.locator('[data-outcome="ready"]').waitFor(long)
}

async function rest({ page, camera }: Tour): Promise<void> {
  await go(page, 'Settings')
  await page.getByRole('heading', { name: 'Settings' }).first().waitFor()
  await camera.take('settings-full')
  await page.locator('main[data-page="settings"] >> text=Shortcuts').first().scrollIntoViewIfNeeded().catch(() => undefined)
  await camera.take('settings-shortcuts')
  await go(page, 'Guide')
  await page.getByRole('heading', { name: 'A guide for newcomers' }).waitFor()
  await camera.take('guide-full')
  await go(page, 'About')
  await page.getByRole('heading', { name: 'About' }).first().waitFor()
  await camera.take('about-full')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await camera.take('help')
  await page.keyboard.press('Escape')
}

/** Pages before anything was done on them. */
async function untouched({ page, camera }: Tour): Promise<void> {
  await page.locator('main[data-page]').first().waitFor({ state: 'attached' })
  await button(page, 'I understand').waitFor()
  await camera.take('note')
  await acknowledgeNote(page)
  for (const [name, state] of [['History', 'history-empty'], ['Models', 'models-empty']] as const) {
    await go(page, name)
    await page.waitForTimeout(800)
    await camera.take(state)
  }
  await go(page, 'Screen')
}

const stops = { untouched, screen, batch, history, models, audit, train, rest }

/** @param only the pages to stop at, by name; all when empty. History shows what Screen and Batch left, Audit what Models imported. */
export async function tour(purpose: Purpose, only: readonly string[] = []): Promise<void> {
  if (!haveBrowser()) throw new Error('There is no browser; set CHROMIUM_PATH.')
  const material = await makeMaterial()
  let data = ''
  const application = await serveApplication(async (folder) => void (data = folder))
  const browser = await openBrowser()
  const page = await browser.newPage(1280, 720)
  const held: Tour = { page, camera: cameraOf(page, purpose), material, data }
  try {
    await page.goto(application.url)
    for (const [name, stop] of Object.entries(stops)) {
      if (name !== 'untouched' && only.length > 0 && !only.includes(name)) continue
      console.log(name)
      await stop(held)
    }
  } catch (error) {
    await page.screenshot({ path: join(import.meta.dirname, '../../../test-results/tour-stopped.png') })
    throw error
  } finally {
    await browser.close()
    await application.close()
    rmSync(material.home, { recursive: true, force: true })
  }
}
