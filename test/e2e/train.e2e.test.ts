/**
 * The Train page: every state of it with an engine that answers by script, and a hospital physicist's way through it with
 * the real one, from a folder of local DICOM files to a model in use and back.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writePhantomDataSet } from '../../src/engine/phantom/data-set'
import { trainClassifierJob, trainPurifierJob } from '../../src/engine/training/jobs'
import { classifierParameters, context, purifierParameters, workplace } from '../engine/training/phantom-training'
import { haveBrowser, openBrowser } from './support/browser'
import type { TestBrowser } from './support/browser'
import { acknowledgeNote, collectProblems, takeScreenshot } from './support/page'
import { scriptedScene } from './support/scene'
import type { ScriptedHost } from './support/scripted-host'
import { scriptedCheck } from './support/scripted-trainings'
import { serveApplication } from './support/served-application'
import type { ServedApplication } from './support/served-application'

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const panel = (page: Page) => page.getByRole('complementary', { name: 'Check of the data' })
const openPage = async (page: Page): Promise<void> => {
  await acknowledgeNote(page)
  await page.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('heading', { name: 'New training' }).waitFor()
}

describe.skipIf(!haveBrowser())('the Train page, by script', () => {
  const scene = scriptedScene({ arrive: openPage })
  let host: ScriptedHost
  let page: Page
  let checks: number
  beforeEach(() => {
    ;({ host, page } = scene)
    checks = 0
  })

  /** The page says so before the engine has heard of it. */
  async function checkRuns(): Promise<void> {
    await page.getByRole('progressbar', { name: 'Check of the data' }).waitFor()
    await expect.poll(() => host.engine.trainings.started.filter(({ kind }) => kind === 'check-data').length).toBeGreaterThan(checks)
    checks++
  }
  async function check(): Promise<void> {
    await field(page, 'Labelled images').fill('/data/train')
    await page.keyboard.press('Tab')
    await checkRuns()
  }
  async function start(): Promise<void> {
    await check()
    host.engine.trainings.checked(scriptedCheck)
    await panel(page).getByRole('button', { name: 'Start the training' }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
  }

  it('says what it will look for, and what the check found: errors block, warnings ask', async () => {
    const { trainings } = host.engine
    await takeScreenshot(page, 'train-1-empty')
    expect(await panel(page).getByRole('button', { name: 'Check the data' }).isDisabled()).toBe(true)
    await check()
    await takeScreenshot(page, 'train-2-checking')
    trainings.checked({ code: 'data-set-invalid', message: '/data/train has no class folders; put the images of each class into a folder named after it.', facts: {} })
    await panel(page).getByRole('alert').getByText('no class folders').waitFor()
    await takeScreenshot(page, 'train-3-cannot-be-used')

    await panel(page).getByRole('button', { name: 'Check again' }).click()
    await checkRuns()
    const warning = { level: 'warning' as const, code: 'giveaway' as const, message: 'File and header alone tell the class with a balanced accuracy of 93 % (chance 50 %): columns. A network can learn that instead of the disease; bring all classes to one source.', examples: [], count: 1 }
    const doubles = { level: 'error' as const, code: 'duplicates-across-parts' as const, message: '3 test images are among the training images; remove them from one of the two.', examples: ['clear/004.dcm = test/clear/911.dcm', 'clear/007.dcm = test/clear/912.dcm'], count: 3 }
    trainings.checked({ ...scriptedCheck, findings: [doubles, warning] })
    await panel(page).locator('[data-finding="duplicates-across-parts"][data-level="error"]').waitFor()
    await panel(page).getByText('2 of 3').click()
    await panel(page).getByText('clear/004.dcm = test/clear/911.dcm').waitFor()
    expect(await panel(page).getByRole('button', { name: 'Start the training' }).isDisabled()).toBe(true)
    await takeScreenshot(page, 'train-4-findings')
    // Mended on the disk, where the page does not see it.
    await panel(page).getByRole('button', { name: 'Check again' }).click()
    await checkRuns()
    trainings.checked({ ...scriptedCheck, findings: [warning] })
    await panel(page).getByRole('button', { name: 'Train anyway' }).waitFor()
    expect(await panel(page).getByRole('button', { name: 'Train anyway' }).isEnabled()).toBe(true)

    await field(page, 'Test images, if there are some').fill('/data/test')
    await page.keyboard.press('Tab')
    await checkRuns()
    trainings.checked({ ...scriptedCheck, findings: [warning] })
    await panel(page).getByRole('button', { name: 'Train anyway' }).waitFor()
    expect(await panel(page).locator('[data-classes]').innerText()).toContain('26')
    await panel(page).getByRole('button', { name: 'Train anyway' }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
    expect(trainings.started.at(-1)).toMatchObject({ kind: 'train-purifier', parameters: { bundle: 'scripted', from: 'bundle', data: '/data/train', test: '/data/test', id: 'scripted-adapted', out: '/data/bundles/scripted-adapted' } })
  })

  it('asks what the names of a house mean that are no class, and checks with the answer', async () => {
    const { trainings } = host.engine
    const { classes } = trainings.bundle
    const refused = (unknown: string): void => trainings.checked({ code: 'data-set-invalid', message: `The folders ${unknown.replaceAll('\n', ', ')} in /data/train are none of the classes; say which class is meant.`, facts: { unknown } })
    await check()
    refused('infiltrate\nwell')
    const asked = page.getByRole('group', { name: 'What the data call the classes' })
    await asked.getByRole('combobox', { name: 'well' }).waitFor()
    await asked.scrollIntoViewIfNeeded()
    await takeScreenshot(page, 'train-4b-names')
    await asked.getByRole('combobox', { name: 'infiltrate' }).selectOption(classes[1]!)
    expect(trainings.started.filter(({ kind }) => kind === 'check-data'), 'half of the answers is not worth a check').toHaveLength(1)
    await asked.getByRole('combobox', { name: 'well' }).selectOption(classes[0]!)
    await checkRuns()
    const classNames = { infiltrate: classes[1], well: classes[0] }
    expect(trainings.started.at(-1)).toMatchObject({ kind: 'check-data', parameters: { classNames } })
    trainings.checked(scriptedCheck)
    await panel(page).getByRole('button', { name: 'Start the training' }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
    expect(trainings.started.at(-1)).toMatchObject({ kind: 'train-purifier', parameters: { classNames } })
  })

  it('shows a training as it learns, survives a reload, is paused, gone on with and ended with the best', async () => {
    const { trainings } = host.engine
    await start()
    trainings.steps(8)
    await page.locator('[data-progress]').getByText('left').waitFor()
    await takeScreenshot(page, 'train-5-first-steps')
    expect(await page.getByRole('button', { name: 'Stop, keep the best' }).isDisabled(), 'there is nothing to keep').toBe(true)
    for (let i = 0; i < 4; i++) trainings.epoch(i !== 3)
    await page.locator('[data-chart]').first().getByText('epoch 4').waitFor()
    const accuracy = page.locator('[data-chart^="Right answers"]')
    await accuracy.getByRole('img').focus()
    await page.keyboard.press('Home')
    await accuracy.getByText('epoch 1').waitFor()
    expect(await accuracy.getByRole('listitem').first().innerText()).toContain('65.0 %')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await accuracy.getByText('epoch 3, the best').waitFor()
    await page.keyboard.press('Tab')
    await page.getByText('Numbers of every epoch').click()
    await expect.poll(() => page.locator('[data-epochs] tbody tr').count()).toBe(4)
    await page.getByText('Numbers of every epoch').click()
    await page.reload()
    await page.locator('[data-sample] canvas').first().waitFor()
    expect(await page.locator('[data-sample] canvas').count()).toBe(16)
    await takeScreenshot(page, 'train-6-live')
    // Progress moves a bar; the pictures are left as they are.
    await page.evaluate(() => {
      const paint = CanvasRenderingContext2D.prototype.putImageData
      CanvasRenderingContext2D.prototype.putImageData = function (...given: unknown[]) {
        document.body.dataset['painted'] = String(Number(document.body.dataset['painted'] ?? 0) + 1)
        return paint.apply(this, given as Parameters<typeof paint>)
      }
    })
    for (let step = 81; step <= 99; step++) trainings.steps(step)
    await page.locator('[data-progress]').getByText('41 %').waitFor()
    expect(await page.evaluate(() => document.body.dataset['painted'] ?? 'never')).toBe('never')

    const slider = page.getByRole('slider', { name: 'Epoch of the sample images' })
    await slider.focus()
    await page.keyboard.press('Home')
    await page.locator('[data-sample]').first().getByText('wrong:').nth(1).waitFor({ state: 'attached' })
    await slider.scrollIntoViewIfNeeded()
    await takeScreenshot(page, 'train-7-samples')

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('The training is paused.').waitFor()
    await takeScreenshot(page, 'train-8-paused')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
    await page.getByRole('button', { name: 'Stop, keep the best' }).click()
    await page.locator('[data-outcome="ready"]').waitFor()
    await page.getByText('Only 16 scans stand behind the calibration').waitFor()
    expect(await page.locator('[data-measured="after purified"]').innerText()).toContain('92.0 %')
    await takeScreenshot(page, 'train-9-done')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await takeScreenshot(page, 'train-9-done')
    await page.setViewportSize({ width: 1280, height: 720 })

    await page.getByRole('button', { name: 'Use this model' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-outcome="in-use"]').getByText('Chest phantom, adapted').waitFor()
    await page.reload()
    await page.locator('[data-training]').click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('[data-outcome="ready"]').waitFor()
    await page.getByRole('button', { name: 'New training' }).click()
    await page.getByRole('combobox', { name: 'Start from' }).selectOption('scripted')
    await check()
    trainings.checked(scriptedCheck)
    await panel(page).locator('[data-estimate]').getByText('All epochs take').waitFor()
    await takeScreenshot(page, 'train-10-estimate')
  })

  it('says why a training failed, and has settings folded away that say what is wrong with them', async () => {
    const { trainings } = host.engine
    await page.getByRole('radio', { name: /New classifier/ }).check()
    await page.getByText('Further settings').click()
    await field(page, 'Epochs').fill('0')
    await page.getByText('This number is not possible here.').waitFor()
    await takeScreenshot(page, 'train-11-settings')
    await page.getByRole('button', { name: 'Back to the preset’s' }).click()
    await start()
    expect(trainings.started.at(-1)).toMatchObject({ kind: 'train-classifier', parameters: { size: 128, epochs: 20, id: 'local-classifier' } })
    trainings.epoch()
    trainings.end({ code: 'runtime-failed', message: 'The loss stopped being a number in epoch 2; train again with a smaller learning rate.', facts: {} })
    await page.getByRole('alert').getByText('smaller learning rate').waitFor()
    await takeScreenshot(page, 'train-12-failed')
  })
})

describe.skipIf(!haveBrowser())('the Train page', () => {
  let application: ServedApplication
  let browser: TestBrowser
  let page: Page
  let problems: string[]
  const local = mkdtempSync(join(tmpdir(), 'assay-local-'))

  beforeAll(async () => {
    // A bundle small enough to be learned on from in seconds.
    const prepare = async (data: string): Promise<void> => {
      const at = await workplace()
      const out = join(data, 'bundles', 'chest-small')
      await trainClassifierJob.run(classifierParameters(at, 'first', { out, id: 'chest-small', name: 'Chest, small', epochs: 1 }), context(at.home))
      await trainPurifierJob.run(purifierParameters(at, 'first', { bundle: out, epochs: 1 }), context(at.home))
      await at.remove()
    }
    await writePhantomDataSet(local, { count: 125, size: 32, seed: 9, format: 'dicom' })
    ;[application, browser] = await Promise.all([serveApplication(prepare), openBrowser()])
    page = await browser.newPage(1280, 720)
    problems = collectProblems(page)
    await page.goto(application.url)
    await openPage(page)
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await browser?.close()
    await application?.close()
    rmSync(local, { recursive: true, force: true })
  })

  it('adapts a purifier to a hundred local DICOM files, which is then used and given back', async () => {
    await field(page, 'Labelled images').fill(join(local, 'train'))
    await field(page, 'Test images, if there are some').fill(join(local, 'test'))
    await page.getByRole('combobox', { name: 'Start from' }).selectOption('chest-small')
    await panel(page).getByText('100 images', { exact: true }).waitFor()
    await page.getByText('Further settings').click()
    await field(page, 'Epochs').fill('400')
    await field(page, 'Patience').fill('')
    await panel(page).getByRole('button', { name: /^(Train anyway|Start the training)$/ }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
    await page.locator('[data-sample] canvas').first().waitFor()
    await page.reload()
    await page.locator('[data-sample] canvas').first().waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('progressbar', { name: 'Training' }).waitFor()
    expect(await page.locator('[data-training]').count(), 'it is one training').toBe(1)
    await page.getByRole('button', { name: 'Stop, keep the best' }).click()
    await page.locator('[data-outcome="ready"]').waitFor({ timeout: 90_000 })
    const table = page.locator('[data-before-after]')
    for (const row of ['both bare', 'before purified', 'after purified']) expect(await table.locator(`[data-measured="${row}"]`).count()).toBe(1)
    await page.getByText('25 test images').waitFor()
    await takeScreenshot(page, 'train-13-adapted')

    await page.getByRole('button', { name: 'Use this model' }).click()
    await page.locator('[data-outcome="in-use"]').waitFor()
    await page.getByRole('link', { name: 'Screen' }).click()
    await page.getByText('Chest, small, adapted').first().waitFor()
    await page.getByRole('link', { name: 'Train' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('[data-outcome="ready"]').waitFor()
    await page.getByRole('button', { name: 'Model card' }).click()
    await page.getByRole('heading', { name: 'Chest, small, adapted' }).first().waitFor()
    expect(problems, 'complaints of the page').toEqual([])
  })
})
