/**
 * Settings, About and the first-start note in a real browser; every page looked over by axe-core in both themes, with a
 * picture of each for people to look at; and what the settings change elsewhere: keys, language, patient data.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { AssayError } from '../../src/shared/errors'
import { seriousViolations } from './support/accessibility'
import { haveBrowser, openBrowser } from './support/browser'
import type { TestBrowser } from './support/browser'
import { englishLeftOvers, speakOnPage } from './support/left-overs'
import { brightness, difference, drag, settle, takeScreenshot, viewPixels } from './support/page'
import { scriptedScene } from './support/scene'
import { buildPages, startScriptedHost } from './support/scripted-host'
import type { BuiltPages, ScriptedHost } from './support/scripted-host'

describe.skipIf(!haveBrowser())('settings', () => {
  const scene = scriptedScene({ opens: false, tolerates: (problem) => problem.includes('Failed to load resource') })
  let host: ScriptedHost
  let page: Page
  beforeEach(() => void ({ host, page } = scene))

  async function open(at = '', width = 1280, height = 720): Promise<void> {
    page = await scene.open({ width, height, hash: at })
  }
  const openScan = async (): Promise<void> => {
    await page.locator('[data-sample="attacked-grey16"]').click()
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('status').filter({ hasText: /Opening|wird geöffnet/ }).waitFor({ state: 'detached' })
    await settle(page)
  }

  it('the note of the first start has to be acknowledged once for all windows', async () => {
    page = await scene.open({ note: true })
    const note = page.getByRole('dialog', { name: 'Research use only. Not for diagnosis.' })
    await note.waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => note.isVisible()).toBe(true)
    expect(await seriousViolations(page)).toEqual([])
    // What is dropped meanwhile is neither screened nor opened by the browser.
    const taken = await page.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([new Uint8Array(8)], 'study.dcm'))
      return ['dragenter', 'dragover', 'drop'].map((name) => document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true })))
    })
    expect(taken).toEqual([false, false, false])
    await settle(page)
    expect(await page.getByRole('option').count()).toBe(0)
    // Whoever does not read English finds the other language here.
    await note.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByRole('dialog', { name: 'Nur für Forschungszwecke. Nicht zur Diagnose.' }).getByRole('button', { name: 'Verstanden' }).waitFor()
    expect(host.engine.settings.language).toBe('de')
    await page.getByRole('button', { name: 'English' }).click()
    await note.getByRole('button', { name: 'I understand' }).focus()
    await page.keyboard.press('Enter')
    await note.waitFor({ state: 'detached' })
    expect(host.engine.settings.acknowledged).toBe(true)
    const other = await scene.browser.newPage(1280, 720)
    await other.goto(host.url)
    await other.locator('main[data-page]').waitFor()
    expect(await other.getByRole('dialog').count()).toBe(0)
  })

  it('are changed from the keyboard, at once and for good', async () => {
    await open()
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.locator('main[data-page="settings"]').waitFor()
    const focused = () => page.evaluate(() => (document.activeElement as HTMLSelectElement | null)?.labels?.[0]?.textContent ?? document.activeElement?.getAttribute('aria-label') ?? '')
    const tabTo = async (label: string): Promise<void> => {
      for (let i = 0; i < 60 && (await focused()) !== label; i++) await page.keyboard.press('Tab')
      expect(await focused()).toBe(label)
    }
    await tabTo('False alarms allowed')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => host.engine.settings.alpha).toBe(0.1)
    await tabTo('Colours')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('light')
    await tabTo('Show patient data in the tags without asking')
    await page.keyboard.press('Space')
    await expect.poll(() => host.engine.settings.showPatientData).toBe(true)

    // A shortcut: one that is taken is refused, a free one is taken, and it works.
    await tabTo('Change the key of “Invert”, now I')
    await page.keyboard.press('Enter')
    await page.keyboard.press('f')
    await page.getByRole('alert').filter({ hasText: 'F is taken by “One view full, and back”' }).waitFor()
    await page.keyboard.press('5')
    await page.getByRole('alert').filter({ hasText: '5 is needed elsewhere' }).waitFor()
    await page.keyboard.press('q')
    await expect.poll(() => host.engine.settings.shortcuts).toEqual({ invert: ['q'] })
    await tabTo('Change the key of “Save the result as a picture”, now S')
    await page.keyboard.press('Enter')
    await page.keyboard.press('w')
    await expect.poll(() => host.engine.settings.shortcuts).toEqual({ invert: ['q'], 'save-picture': ['w'] })
    await page.reload()
    await page.locator('main[data-page="settings"]').waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light')
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await openScan()
    // Buttons name the keys that were chosen.
    expect(await page.getByRole('button', { name: 'Save PNG' }).getAttribute('title')).toContain('(W)')
    const before = brightness(await viewPixels(page, 'scan'))
    await page.keyboard.press('i')
    await settle(page)
    expect(brightness(await viewPixels(page, 'scan'))).toBe(before)
    await page.keyboard.press('q')
    await settle(page)
    expect(Math.abs(brightness(await viewPixels(page, 'scan')) - before)).toBeGreaterThan(10)
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Files', exact: true }).click()])
    await chooser.setFiles([{ name: 'study.dcm', mimeType: 'application/dicom', buffer: Buffer.alloc(8, 1) }])
    await page.getByRole('option', { name: 'study.dcm' }).click()
    await page.getByRole('heading', { name: 'study.dcm' }).waitFor()
    await page.keyboard.press('t')
    await page.getByText('Patient data is shown').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    // The focus stays where one was, whichever way it is undone.
    await page.getByRole('button', { name: 'Invert: Back to I' }).press('Enter')
    await expect.poll(() => host.engine.settings.shortcuts).toEqual({ 'save-picture': ['w'] })
    expect(await focused()).toBe('Change the key of “Invert”, now I')
    await page.keyboard.press('Enter')
    await page.keyboard.press('q')
    await page.getByRole('button', { name: 'Reset all' }).press('Enter')
    await expect.poll(() => host.engine.settings.shortcuts).toEqual({})
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Reset all')
    expect(scene.problems).toEqual([])
  })

  it('a page that fails while it is drawn says so in its place, and leaves the others', async () => {
    await open('#/about')
    await page.evaluate(() => {
      const { toLocaleString } = Number.prototype
      Object.assign(window, { mend: () => (Number.prototype.toLocaleString = toLocaleString) })
      Number.prototype.toLocaleString = () => {
        throw new Error('no numbers today')
      }
    })
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    const told = page.getByRole('alert').filter({ hasText: 'This could not be shown' })
    await told.getByText('no numbers today').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'About' }).click()
    await page.getByRole('heading', { name: 'Method' }).waitFor()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.evaluate(() => (window as unknown as { mend: () => void }).mend())
    await told.getByRole('button', { name: 'Try again' }).click()
    await page.getByLabel('Keep jobs').waitFor()
    // React tells the console of what a page threw.
    scene.problems.splice(0)
  })

  it('everything stays in reach in a small window, and where all is enlarged', async () => {
    const outside = () =>
      page.evaluate(() => {
        const box = document.querySelector('[role="dialog"]')?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight)
        return [...document.querySelectorAll<HTMLElement>('header *, main:not([hidden]) *, [role="dialog"] *')]
          .filter((element) => (document.querySelector('[role="dialog"]') ? element.closest('[role="dialog"]') : true) && element.matches('button, select, input, kbd, header span'))
          .filter((element) => element.getBoundingClientRect().right > box.right + 1)
          .map((element) => element.textContent || element.getAttribute('aria-label'))
      })
    // 1280 × 720 at 150 %.
    await open('', 853, 480)
    await speakOnPage(page, 'de')
    for (const link of await page.getByRole('navigation').getByRole('link').all()) {
      await link.click()
      await settle(page)
      expect(await outside(), await link.innerText()).toEqual([])
      // What a form would start stands below it, so that there is room to type in.
      const path = page.locator('main:not([hidden]) form').locator('textarea, input[type="text"]').first()
      if (await path.isVisible()) expect((await path.boundingBox())!.width, await link.innerText()).toBeGreaterThan(150)
    }
    await page.getByRole('link', { name: 'Prüfen' }).click()
    expect((await page.getByRole('combobox', { name: 'Bündel' }).boundingBox())!.width).toBeGreaterThan(150)
    await page.getByRole('button', { name: 'Tastatur und Maus' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await outside()).toEqual([])
    await takeScreenshot(page, 'keys-narrow')
    await page.keyboard.press('Escape')
    await openScan()
    for (const [width, height] of [[853, 480], [960, 640], [1100, 700]] as const) {
      await page.setViewportSize({ width, height })
      await settle(page)
      expect(await outside(), `${width} × ${height}`).toEqual([])
      expect((await page.locator('[data-view="scan"]').boundingBox())!.height).toBeGreaterThan(120)
      await page.getByRole('button', { name: 'PNG sichern' }).scrollIntoViewIfNeeded()
      expect(await page.getByRole('button', { name: 'PNG sichern' }).isVisible()).toBe(true)
      await takeScreenshot(page, 'scan-narrow')
    }
    expect(scene.problems).toEqual([])
  })

  it('say what a retention would delete before it does', async () => {
    host.engine.expired = { count: 3, bytes: 12_300_000, kinds: { scan: 2, 'train-purifier': 1 }, oldest: Date.UTC(2026, 0, 2, 12) }
    await open('#/settings')
    await page.getByLabel('Keep jobs').selectOption({ label: '30 days' })
    const sheet = page.getByRole('dialog', { name: 'Delete older jobs?' })
    await sheet.getByText('3 jobs (2 × screening, 1 × training of a purifier) ended more than 30 days ago, the oldest on Jan 2, 2026. Their folders (12 MB) are deleted now').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await takeScreenshot(page, 'settings-retention')
    await speakOnPage(page, 'de')
    await page.getByRole('dialog', { name: 'Ältere Aufträge löschen?' }).getByText('(2 × Prüfung, 1 × Training eines Reinigers)').waitFor()
    await speakOnPage(page, 'en')
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    expect(host.engine.settings.retentionDays).toBeNull()
    expect(await page.getByLabel('Keep jobs').inputValue()).toBe('')
    await page.getByLabel('Keep jobs').selectOption({ label: '7 days' })
    await page.getByRole('button', { name: 'Delete and keep it so' }).click()
    await expect.poll(() => host.engine.settings.retentionDays).toBe(7)
    expect(scene.problems).toEqual([])
  })

  it('that cannot be kept are told of, and hold while the page is open; a damaged file is told of too', async () => {
    host.engine.settingsWarning = 'The settings file is damaged or of another program, so the settings of the first start are used. The old file is kept as /data/settings.json.old.'
    await open('#/settings')
    await page.getByText('The old file is kept as /data/settings.json.old.').waitFor()
    host.engine.failNext('settings.set', new AssayError('disk-full', 'The disk is full; free some space.'))
    await page.getByLabel('Colours').selectOption('light')
    await page.getByRole('alert').filter({ hasText: 'The disk is full; free some space.' }).first().waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light')
  })

  it('in German: the page is said anew, numbers and all, and stays where it was', async () => {
    await open('#/settings')
    await page.getByLabel('Language').focus()
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('heading', { name: 'Tastenkürzel' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.setting)).toBe('language')
    await takeScreenshot(page, 'settings-german')
    await page.getByRole('link', { name: 'Prüfen' }).click()
    await page.getByRole('heading', { name: 'Aufnahmen oder einen Ordner hier ablegen' }).waitFor()
    await page.locator('[data-sample="attacked-grey16"]').click()
    await page.getByRole('heading', { name: 'Verdächtig' }).waitFor()
    await page.getByText('4 von 1.000 unberührten Aufnahmen').first().waitFor()
    await takeScreenshot(page, 'screen-german')
    expect(await seriousViolations(page)).toEqual([])
    expect(scene.problems).toEqual([])
  })

  it('in German: no page has an English sentence left, and a change of language leaves a page as it was', async () => {
    await open('#/train')
    await page.getByLabel('Labelled images', { exact: true }).fill('/data/lungen')
    await page.getByText('Further settings').click()
    await page.getByLabel('Patience').fill('7')
    await speakOnPage(page, 'de')
    expect(await page.getByLabel('Geduld').inputValue()).toBe('7')
    expect(await page.getByLabel('Bilder mit Klassenangabe', { exact: true }).inputValue()).toBe('/data/lungen')
    for (const link of await page.getByRole('navigation').getByRole('link').all()) {
      await link.click()
      await settle(page)
      // A bundle and the window of a file are called so.
      expect(await englishLeftOvers(page, ['broken', 'Lung']), await link.innerText()).toEqual([])
    }
    // The guide is English; what its parts are called is not.
    const spoken = (part: string) => page.locator(part).evaluate((element) => element.closest<HTMLElement>('[lang]')?.lang)
    expect([await spoken('[aria-label="Kapitel der Anleitung"]'), await spoken('[aria-label="Kapitel der Anleitung"] ul')]).toEqual(['de', 'en'])
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    expect(await englishLeftOvers(page, ['broken', 'Lung'])).toEqual([])
    expect(scene.problems).toEqual([])
  })

  for (const theme of ['dark', 'light'] as const)
    it(`axe-core finds nothing serious on any page in the ${theme} theme`, async () => {
      host.engine.settings = { ...host.engine.settings, theme, acknowledged: true }
      await open()
      const found: string[] = []
      const look = async (name: string): Promise<void> => {
        await settle(page)
        found.push(...(await seriousViolations(page)).map((each) => `${name}: ${each}`))
        for (const [width, height] of [
          [1920, 1080],
          [1280, 720],
        ] as const) {
          await page.setViewportSize({ width, height })
          await settle(page)
          await takeScreenshot(page, `${theme}-${name}`)
        }
      }
      await look('screen-empty')
      await openScan()
      await look('screen-scan')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await look('shortcuts')
      await page.keyboard.press('Escape')
      for (const link of await page.getByRole('navigation').getByRole('link').all()) {
        await link.click()
        const name = (await link.getAttribute('href'))!.slice(2)
        if (name !== 'screen') await look(name)
      }
      expect(found).toEqual([])
      expect(scene.problems).toEqual([])
    })
})

describe.skipIf(!haveBrowser())('viewer habits', () => {
  let pages: BuiltPages
  let host: ScriptedHost
  let browser: TestBrowser
  let page: Page
  beforeAll(async () => {
    pages = await buildPages()
    browser = await openBrowser()
    host = await startScriptedHost(pages)
    host.engine.settings = { ...host.engine.settings, acknowledged: true }
    page = await browser.newPage(1600, 900)
    await page.goto(host.url)
    await page.locator('[data-sample="attacked-grey16"]').click()
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached' })
    await settle(page)
  })
  afterAll(async () => {
    await browser?.close()
    await host?.close()
    pages?.remove()
  })
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key)
    await settle(page)
  }
  const scan = () => viewPixels(page, 'scan')

  it('turn and mirror all views alike, back to where they were', async () => {
    const views = ['scan', 'purified', 'heatmap'] as const
    const before = await Promise.all(views.map((view) => viewPixels(page, view)))
    for (const [there, back] of [['r', 'l'], ['h', 'h'], ['v', 'v']] as const) {
      await press(there)
      for (const [i, view] of views.entries()) expect(difference(before[i]!, await viewPixels(page, view)), `${there} on ${view}`).toBeGreaterThan(0.3)
      await press(back)
      for (const [i, view] of views.entries()) expect(difference(before[i]!, await viewPixels(page, view)), `${back} on ${view}`).toBe(0)
    }
    await press('r')
    await press('h')
    await press('Space')
    expect(difference(before[0]!, await scan())).toBe(0)
  })

  it('flicker: the purified scan stands in the place of the scan, pixel for pixel, and goes again', async () => {
    const [before, purified] = [await scan(), await viewPixels(page, 'purified')]
    expect(difference(before, purified)).toBeGreaterThan(0)
    const box = (await page.locator('[data-view="scan"]').boundingBox())!
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2)
    await settle(page)
    const value = (of: string): Promise<string> => page.locator(`[data-readout="${of}"] span`).first().innerText()
    const [own, other] = [await value('scan'), await value('purified')]
    expect(own).not.toBe(other)
    await press('x')
    expect(difference(await scan(), purified)).toBe(0)
    await page.getByText('the purified scan, in the scan’s place').waitFor()
    expect(await value('scan')).toBe(other)
    await press('x')
    expect(difference(await scan(), before)).toBe(0)
    expect(await value('scan')).toBe(own)
  })

  it('magnify around the cursor in all three views', async () => {
    const box = (await page.locator('[data-view="scan"]').boundingBox())!
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2)
    await settle(page)
    const before = await viewPixels(page, 'purified')
    await press('m')
    await page.mouse.move(box.x + box.width * 0.62, box.y + box.height / 2)
    await settle(page)
    expect(difference(before, await viewPixels(page, 'purified'))).toBeGreaterThan(0.3)
    await takeScreenshot(page, 'viewer-magnifier')
    await press('m')
    expect(difference(before, await viewPixels(page, 'purified'))).toBe(0)
  })

  it('measure in millimetres, and leave the window alone meanwhile', async () => {
    const window = await page.locator('[data-readout="window"]').innerText()
    await press('d')
    const box = (await page.locator('[data-view="scan"]').boundingBox())!
    await drag(page, 'scan', 100, 0)
    const shown = await page.locator('[data-view="purified"] [data-ruler] text').textContent()
    // 768 columns of 0.2 mm fit the view's smaller side.
    const millimetres = (100 * 768 * 0.2) / Math.min(box.width, box.height)
    expect(shown).toMatch(/ mm$/)
    expect(parseFloat(shown!)).toBeCloseTo(millimetres, 0)
    expect(await page.locator('[data-readout="window"]').innerText()).toBe(window)
    await takeScreenshot(page, 'viewer-ruler')
    await press('Escape')
    await expect.poll(() => page.locator('[data-view="purified"] [data-ruler]').isVisible()).toBe(false)
    await drag(page, 'scan', 0, 40)
    expect(await page.locator('[data-readout="window"]').innerText()).not.toBe(window)
    await press('Space')
  })

  it('show less or other heat, on the picture and on its colour bar', async () => {
    await page.mouse.move(5, 5)
    const before = await viewPixels(page, 'heatmap')
    await page.getByRole('button', { name: 'Heat map: opacity, threshold, colours' }).click()
    await page.getByLabel('Colours', { exact: true }).selectOption('viridis')
    await settle(page)
    const viridis = await viewPixels(page, 'heatmap')
    expect(difference(before, viridis)).toBeGreaterThan(0.5)
    await page.getByRole('slider', { name: 'Heat map threshold' }).press('End')
    await settle(page)
    expect(difference(await viewPixels(page, 'heatmap'), await scan())).toBeLessThan(difference(viridis, await scan()))
    await takeScreenshot(page, 'viewer-heat')
    await page.getByRole('slider', { name: 'Heat map threshold' }).press('Home')
    await page.getByLabel('Colours', { exact: true }).selectOption('heat')
    await page.keyboard.press('Escape')
    await settle(page)
    expect(difference(before, await viewPixels(page, 'heatmap'))).toBe(0)
  })
})
