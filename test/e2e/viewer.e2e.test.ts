/**
 * The viewer in a real browser with the scripted engine: frames and slices, windows, lookup tables, padding, the tag
 * browser and saving, on pictures whose every pixel is known.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { AssayError } from '../../src/shared/errors'
import { haveBrowser } from './support/browser'
import { drag, middleRow, settle, takeScreenshot, viewPixels } from './support/page'
import type { ViewName } from './support/page'
import { scriptedScene } from './support/scene'
import type { ScriptedHost } from './support/scripted-host'
import { bars, seriesDamaged, seriesFrames, seriesGrey, seriesListed } from './support/scripted-pictures'
import { longValue } from './support/scripted-tags'

describe.skipIf(!haveBrowser())('the viewer', () => {
  const scene = scriptedScene({ tolerates: (problem) => problem.includes('status of 4') || problem.includes('status of 5') })
  let host: ScriptedHost
  let page: Page
  beforeEach(() => void ({ host, page } = scene))

  async function openFiles(...names: string[]): Promise<void> {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^(Choose files|Files)$/ }).click()])
    await chooser.setFiles(names.map((name) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(9, 1) })))
    await page.getByRole('heading', { name: names[0]!, exact: true }).waitFor()
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached' })
    await settle(page)
  }

  const openRow = async (name: string): Promise<void> => {
    await page.getByRole('option', { name }).click()
    await page.getByRole('heading', { name, exact: true }).waitFor()
    await settle(page)
  }

  /** Grey of each bar in a view, where the bars fill its width. */
  const greys = (name: string, view: ViewName = 'scan'): Promise<number[]> => {
    const count = bars[name]!.values.length
    return middleRow(page, view, Array.from({ length: count }, (_, i) => (i + 0.5) / count))
  }

  /** DICOM PS3.3 C.11.2.1.3.2, word for word. */
  const linearExact = (value: number, center: number, width: number): number =>
    Math.round(value <= center - width / 2 ? 0 : value > center + width / 2 ? 255 : ((value - center) / width + 0.5) * 255)

  describe('frames', () => {
    const shownFrame = (): Promise<string> => page.locator('[data-shown-frame]').innerText()
    const number = () => page.getByRole('textbox', { name: 'Slice, 1 to 27' })
    const middle = async (view: ViewName = 'scan'): Promise<number> => (await middleRow(page, view, [0.5]))[0]!
    const arriveAt = async (frame: number): Promise<void> => {
      await expect.poll(shownFrame, { timeout: 5000 }).toBe(`slice ${frame} of ${seriesFrames}`)
      await settle(page)
      expect(await middle(), `pixels of frame ${frame}`).toBe(seriesGrey(frame))
      expect(await middle('purified')).toBe(seriesGrey(frame))
    }
    const opened = (): number[] => host.engine.asked.opened.map(({ frame }) => frame)

    it('begin with the one that was scanned, which the list names', async () => {
      await openFiles('series.dcm')
      expect(await page.getByRole('option', { name: 'series.dcm' }).innerText()).toContain('14 of 27')
      await arriveAt(seriesListed)
      expect(await page.getByLabel('Verdict').innerText()).toContain('Slice 14 of 27, as in the list')
      await takeScreenshot(page, '8-slices')
    })

    it('are stepped through by keys, by ten with Shift, and held at both ends', async () => {
      await openFiles('series.dcm')
      await page.keyboard.press('PageDown')
      await arriveAt(15)
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('PageUp')
      await arriveAt(13)
      await page.keyboard.press('Shift+PageDown')
      await arriveAt(23)
      await page.keyboard.press('Shift+ArrowRight')
      await arriveAt(27)
      await page.keyboard.press('ArrowRight')
      await arriveAt(27)
      await number().fill('1')
      await page.keyboard.press('Enter')
      await arriveAt(1)
      await page.keyboard.press('PageUp')
      await arriveAt(1)
    })

    it('are scrolled by the wheel, which zooms with Ctrl, and zooms alone where there is one picture', async () => {
      await openFiles('series.dcm', 'bars-hu.dcm')
      await page.locator('[data-view="purified"]').hover()
      await page.mouse.wheel(0, 120)
      await arriveAt(15)
      await page.mouse.wheel(0, -120)
      await page.mouse.wheel(0, -120)
      await arriveAt(13)
      const zoom = (): Promise<string> => page.locator('[data-readout="window"]').innerText()
      expect(await zoom()).toContain('fitted')
      await page.keyboard.down('Control')
      await page.mouse.wheel(0, -120)
      await page.keyboard.up('Control')
      await settle(page)
      expect(await zoom()).not.toContain('fitted')
      await arriveAt(13)
      await openRow('bars-hu.dcm')
      await page.locator('[data-view="scan"]').hover()
      expect(await zoom()).toContain('fitted')
      await page.mouse.wheel(0, -120)
      await settle(page)
      expect(await zoom()).not.toContain('fitted')
    })

    it('are typed, and dragged on the slider', async () => {
      await openFiles('series.dcm')
      await number().fill('3')
      await page.keyboard.press('Enter')
      await arriveAt(3)
      await number().fill('900')
      await page.keyboard.press('Enter')
      await arriveAt(27)
      const thumb = page.getByRole('slider', { name: 'Slice' })
      const [from, track] = [(await thumb.boundingBox())!, (await page.getByRole('group', { name: 'Slices' }).boundingBox())!]
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(from.x + from.width / 2, track.y - 50, { steps: 12 })
      await page.mouse.up()
      await arriveAt(1)
      expect(await thumb.getAttribute('aria-valuetext')).toBe('1 of 27')
      await page.keyboard.press('PageDown')
      await arriveAt(2)
      await page.getByRole('group', { name: 'Slices' }).hover()
      await page.mouse.wheel(0, 120)
      await arriveAt(3)
    })

    it('keep window, zoom, pan, inversion and layout while they go by, and a new file begins anew', async () => {
      await openFiles('series.dcm', 'bars-hu.dcm')
      await drag(page, 'scan', 0, -60)
      await drag(page, 'scan', 0, -50, 'right')
      await page.keyboard.press('i')
      await page.keyboard.press('f')
      await settle(page)
      const readOut = (): Promise<string> => page.locator('[data-readout="window"]').innerText()
      const before = await readOut()
      await page.keyboard.press('PageDown')
      await expect.poll(shownFrame).toBe('slice 15 of 27')
      await settle(page)
      expect(await readOut()).toBe(before)
      expect(before).toContain('inverted')
      expect(await page.locator('[data-view="purified"]').isVisible()).toBe(false)
      // The drag moved the window's centre down by 60 of 500 parts of the range: brighter, and then turned over.
      expect(await middle('scan')).toBe(255 - linearExact(seriesGrey(15), 127.5 - (60 / 500) * 255, 255))
      await openRow('bars-hu.dcm')
      await expect.poll(readOut).toContain('fitted')
    })

    it('that scroll fast ask the engine for few, show the last, and never run two at once', async () => {
      await openFiles('series.dcm')
      host.engine.openPace = 80
      await number().fill('1')
      await page.keyboard.press('Enter')
      await arriveAt(1)
      await page.waitForTimeout(700)
      const before = opened().length
      host.engine.openPace = 150
      await page.locator('[data-view="scan"]').hover()
      for (let i = 0; i < 18; i++) await page.mouse.wheel(0, 120)
      await arriveAt(19)
      const asked = opened().slice(before)
      expect(asked).toContain(19)
      expect(asked.length, `asked for ${asked.join(', ')}`).toBeLessThan(10)
      expect(host.engine.asked.openingAtOnce).toBe(1)
    })

    it('were loaded ahead are there at once', async () => {
      await openFiles('series.dcm')
      await page.keyboard.press('PageDown')
      await arriveAt(15)
      await expect.poll(() => [16, 17].every((frame) => opened().includes(frame))).toBe(true)
      await page.waitForTimeout(300)
      host.engine.openPace = 5000
      await page.keyboard.press('PageDown')
      await page.waitForTimeout(200)
      await arriveAt(16)
    })

    it('tell whose verdict is shown, and say it politely once scrolling rests', async () => {
      await openFiles('series.dcm')
      await number().fill('3')
      await page.keyboard.press('Enter')
      await arriveAt(3)
      const verdict = await page.getByLabel('Verdict').innerText()
      expect(verdict).toContain('Slice 3 screened now; the list shows slice 14')
      expect(verdict).toContain('Suspicious')
      const spoken = (): Promise<string> => page.locator('[aria-live="polite"]').innerText()
      await expect.poll(spoken).toContain('Slice 3 of 27: suspicious.')
      // When each is shown and when it is said, by the page's own clock: a busy machine makes both late.
      await page.evaluate(() => {
        const at: Record<string, number> = {}
        Object.assign(window, { at })
        const watch = (what: string, element: Element) =>
          new MutationObserver(() => {
            const [slice] = /slice \d+/i.exec(element.textContent) ?? []
            if (slice) at[`${what} ${slice.toLowerCase()}`] ??= performance.now()
          }).observe(element, { characterData: true, childList: true, subtree: true })
        watch('shown', document.querySelector('[data-shown-frame]')!)
        watch('said', document.querySelector('[aria-live="polite"]')!)
      })
      await page.keyboard.press('PageDown')
      await page.keyboard.press('PageDown')
      await arriveAt(5)
      await expect.poll(spoken).toContain('Slice 5 of 27')
      const at = await page.evaluate(() => (window as unknown as { at: Record<string, number> }).at)
      expect(at['said slice 5']! - at['shown slice 5']!).toBeGreaterThan(100)
      await takeScreenshot(page, '8-other-slice')
    })

    it('play as a film at about ten a second, from the end to the beginning, and stop', async () => {
      await openFiles('series.dcm')
      await number().fill('25')
      await page.keyboard.press('Enter')
      await arriveAt(25)
      await page.evaluate(() => {
        const film: [string, number][] = []
        Object.assign(window, { film })
        const title = document.querySelector('[data-shown-frame]')!
        new MutationObserver(() => film.push([title.textContent, performance.now()])).observe(title, { characterData: true, childList: true, subtree: true })
      })
      const begun = await page.evaluate(() => performance.now())
      await page.keyboard.press('c')
      const film = (): Promise<[string, number][]> => page.evaluate(() => (window as unknown as { film: [string, number][] }).film)
      await expect.poll(async () => (await film()).length, { timeout: 10_000 }).toBeGreaterThan(11)
      await page.getByRole('button', { name: 'Pause' }).click()
      const rest = await shownFrame()
      await page.waitForTimeout(400)
      expect(await shownFrame()).toBe(rest)
      await page.getByRole('button', { name: 'Play' }).waitFor()
      const shots = (await film()).slice(0, 12)
      expect(shots.map(([frame]) => frame)).toEqual([26, 27, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((frame) => `slice ${frame} of 27`))
      // From the key on, not from image to image: a busy machine draws one late and the next in time.
      expect(shots[11]![1] - begun, 'twelve images, the first at once, the others never faster than ten a second').toBeGreaterThan(1000)
    })

    it('of which one is damaged: it says so, and the others can still be reached', async () => {
      await openFiles('series.dcm')
      await drag(page, 'scan', 0, -60)
      await number().fill(String(seriesDamaged))
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('series.dcm is damaged: frame 20 cannot be decoded').waitFor()
      await page.getByText('Slice 20 of 27 could not be opened').waitFor()
      await takeScreenshot(page, '8-damaged-slice')
      await page.keyboard.press('PageDown')
      await expect.poll(shownFrame).toBe('slice 21 of 27')
      await settle(page)
      expect(await middle(), 'with the window of before').toBe(linearExact(seriesGrey(21), 127.5 - (60 / 500) * 255, 255))
    })

    it('return to that of the list when its row is clicked, and after a reload', async () => {
      await openFiles('series.dcm')
      await page.keyboard.press('PageDown')
      await arriveAt(15)
      await page.getByRole('option', { name: 'series.dcm' }).click()
      await arriveAt(seriesListed)
      await page.keyboard.press('PageDown')
      await arriveAt(15)
      await page.reload()
      await page.getByRole('heading', { name: 'series.dcm', exact: true }).waitFor()
      await arriveAt(seriesListed)
    })

    it('are saved as they are shown', async () => {
      await openFiles('series.dcm')
      await page.keyboard.press('PageDown')
      await arriveAt(15)
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')])
      expect(download.suggestedFilename()).toBe('result.png')
      expect(host.engine.asked.exported[0]).toMatchObject({ format: 'png', frame: 15 })
    })
  })

  it('opens the last of the files that one goes through quickly, and not all of them', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `clean-${i}.dcm`)
    await openFiles(...names)
    await page.getByRole('option').nth(11).waitFor()
    host.engine.openPace = 300
    const before = host.engine.asked.opened.length
    await page.getByRole('listbox').focus()
    for (let i = 0; i < 11; i++) {
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
    }
    await page.getByRole('heading', { name: 'clean-11.dcm', exact: true }).waitFor()
    await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached' })
    expect(host.engine.asked.opened.length - before).toBeLessThan(6)
    expect(host.engine.asked.openingAtOnce).toBe(1)
    expect(host.engine.asked.opened.at(-1)!.resultId).toMatch(/-11$/)
  })

  describe('windows', () => {
    const hu = bars['bars-hu.dcm']!.values.map((value) => value - 1024)

    it('show Hounsfield units as DICOM prescribes, in the scan and in the purified scan, with padding black', async () => {
      await openFiles('bars-hu.dcm')
      const expected = (center: number, width: number): number[] => hu.map((value, i) => (i === 15 ? 0 : linearExact(value, center, width)))
      expect(await greys('bars-hu.dcm')).toEqual(expected(0, 2000))
      expect(await greys('bars-hu.dcm', 'purified')).toEqual(expected(0, 2000))
      await page.keyboard.press('2')
      await settle(page)
      expect(await greys('bars-hu.dcm')).toEqual(expected(50, 350))
      await page.keyboard.press('i')
      await settle(page)
      expect(await greys('bars-hu.dcm'), 'turned over, but padding').toEqual(expected(50, 350).map((grey, i) => (i === 15 ? 0 : 255 - grey)))
      expect((await greys('bars-hu.dcm', 'purified'))[15]).toBe(0)
    })

    it('fit the toolbar at 1280 pixels however many and long they are, with the Hounsfield windows in the menu', async () => {
      await openFiles('bars-hu.dcm', 'series.dcm')
      for (const name of ['bars-hu.dcm', 'series.dcm']) {
        await openRow(name)
        const overflow = await page.getByRole('toolbar').evaluate((bar) => {
          const right = bar.getBoundingClientRect().right
          return { inner: bar.scrollWidth - bar.clientWidth, outside: [...bar.children].filter((child) => child.getBoundingClientRect().right > right).length }
        })
        expect(overflow, name).toEqual({ inner: 0, outside: 0 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280)
      }
      await openRow('bars-hu.dcm')
      await page.getByRole('button', { name: 'Window: A WIDE WINDOW WITH A LONG NAME' }).click()
      await takeScreenshot(page, '9-windows')
      // Beyond the ninth there is no digit; the menu has all of them.
      await page.getByRole('menuitemcheckbox', { name: 'Lung' }).click()
      await settle(page)
      expect(await greys('bars-hu.dcm')).toEqual(hu.map((value, i) => (i === 15 ? 0 : linearExact(value, -600, 1500))))
      await page.getByRole('button', { name: 'Window: Lung' }).waitFor()
      await page.keyboard.press('9')
      await page.getByRole('button', { name: 'Window: Full range' }).waitFor()
      await settle(page)
      expect((await greys('bars-hu.dcm')).slice(0, 15), 'the full range leaves padding out').toEqual(hu.slice(0, 15).map((value) => linearExact(value, 376, 2800)))
    })

    it('read padding out as padding, in words', async () => {
      await openFiles('bars-hu.dcm')
      const box = (await page.locator('[data-view="scan"]').boundingBox())!
      await page.mouse.move(box.x + box.width * (15.5 / 16), box.y + box.height / 2)
      await expect.poll(() => page.locator('[data-readout="scan"]').innerText()).toContain('padding')
      expect(await page.locator('[data-readout="purified"]').innerText()).toContain('padding')
      await page.mouse.move(box.x + box.width * (2.5 / 16), box.y + box.height / 2)
      await expect.poll(() => page.locator('[data-readout="scan"]').innerText()).toContain('-624 HU')
    })

    it('show MONOCHROME1 with small values white and padding black, pixels as tall as their ratio says', async () => {
      await openFiles('bars-mono1.dcm')
      const expected = bars['bars-mono1.dcm']!.values.map((value, i) => (i === 1 ? 0 : 255 - linearExact(value, 2000, 4000)))
      expect(await greys('bars-mono1.dcm')).toEqual(expected)
      // 240 × 60 pixels, twice as tall as wide, are a picture of 2 to 1.
      const { rgb, width, height } = await viewPixels(page, 'scan', 4000)
      const x = Math.floor(width / 12)
      const lit = Array.from({ length: height }, (_, y) => rgb[(y * width + x) * 3]! > 200).filter(Boolean).length
      expect(width / lit).toBeGreaterThan(1.95)
      expect(width / lit).toBeLessThan(2.05)
    })

    it('can be lookup tables of the file: pixel for pixel as DICOM prescribes, also in the purified scan', async () => {
      await openFiles('bars-table.dcm')
      const throughFalling = [400, 400, 300, 200, 100, 0, 0].map((entry) => Math.round((entry / 1023) * 255))
      const throughSteps = [0, 0, 0, 128, 255, 255, 255]
      // The window that came with the file is only its range, so that the first table is what the file wants.
      expect(await greys('bars-table.dcm')).toEqual(throughFalling)
      expect(await greys('bars-table.dcm', 'purified')).toEqual(throughFalling)
      expect(await page.locator('[data-readout="window"]').innerText()).toContain('Table FALLING')
      await page.keyboard.press('2')
      await settle(page)
      expect(await greys('bars-table.dcm')).toEqual(throughSteps)
      await page.keyboard.press('i')
      await settle(page)
      expect(await greys('bars-table.dcm')).toEqual(throughSteps.map((grey) => 255 - grey))
      await page.keyboard.press('r')
      await page.keyboard.press('h')
      await page.getByRole('button', { name: 'Heat map: opacity, threshold, colours' }).click()
      await page.getByLabel('Colours', { exact: true }).selectOption('viridis')
      await page.keyboard.press('Escape')
      await page.keyboard.press('s')
      await expect.poll(() => host.engine.asked.exported.length).toBe(1)
      expect(host.engine.asked.exported[0], 'what is saved looks like what is seen').toMatchObject({
        table: 1,
        invert: true,
        heatLook: { colours: 'viridis', threshold: 0 },
        orientation: { quarterTurns: 3, mirrored: true },
      })
    })

    it('are all in the list of shortcuts, which fits the window', async () => {
      await openFiles('series.dcm')
      await page.keyboard.press('?')
      const sheet = page.getByRole('dialog', { name: 'Keyboard and mouse' })
      for (const words of ['Play as a film, and stop', 'Tags of the file', 'Ten on']) await sheet.getByText(words).waitFor()
      expect(await sheet.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0)
    })

    it('are left by a drag, which goes on from the range of the table', async () => {
      await openFiles('bars-table.dcm')
      await drag(page, 'scan', 0, 10)
      const { values } = bars['bars-table.dcm']!
      // FALLING speaks of 100 to 104; ten pixels of 500 cross a fiftieth of the range of 110.
      expect(await greys('bars-table.dcm')).toEqual(values.map((value) => linearExact(value, 102 + 110 / 50, 4)))
      await page.keyboard.press('Space')
      await settle(page)
      expect(await page.locator('[data-readout="window"]').innerText()).toContain('Table FALLING')
    })
  })

  describe('the tag browser', () => {
    const rows = () => page.locator('[data-tags] [role="row"]')
    const search = () => page.getByRole('searchbox', { name: 'Search tags' })
    const openTags = async (): Promise<void> => {
      await page.keyboard.press('t')
      await page.getByRole('dialog', { name: /^Tags of/ }).waitFor()
    }

    it('shows elements, nested ones below their sequence, private ones marked; arrows fold and unfold', async () => {
      await openFiles('study.dcm')
      await openTags()
      await rows().first().waitFor()
      expect(await rows().count()).toBe(12)
      const sequence = rows().filter({ hasText: 'ReferencedImageSequence' })
      expect(await sequence.getAttribute('aria-expanded')).toBe('true')
      expect(await rows().filter({ hasText: 'CodeMeaning' }).getAttribute('aria-level')).toBe('3')
      expect(await rows().filter({ hasText: 'MAKER 1.0' }).first().innerText()).toContain('private')
      await takeScreenshot(page, '10-tags')
      await page.keyboard.press('ArrowDown')
      for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowLeft')
      await expect.poll(() => sequence.getAttribute('aria-expanded')).toBe('false')
      expect(await rows().count()).toBe(9)
      await page.keyboard.press('ArrowRight')
      await expect.poll(() => rows().count()).toBe(12)
    })

    it('finds by number, name and value as one types, with what is around it', async () => {
      await openFiles('study.dcm')
      await openTags()
      await rows().first().waitFor()
      // The search has the keyboard at once.
      await page.keyboard.type('localizer')
      expect(await rows().allInnerTexts()).toHaveLength(3)
      expect(await rows().last().innerText()).toContain('CodeMeaning')
      await page.getByText('1 of 12').waitFor()
      await search().fill('00280010')
      expect(await rows().allInnerTexts()).toHaveLength(1)
      expect(await rows().first().innerText()).toContain('Rows')
      await search().fill('doe')
      await page.getByText('Nothing here is called or says').waitFor()
    })

    it('hides patient data until asked, and hides it again when closed and with another file', async () => {
      await openFiles('study.dcm', 'other.dcm')
      await openTags()
      const name = rows().filter({ hasText: 'PatientName' })
      await name.waitFor()
      expect(await name.innerText()).toContain('hidden')
      await page.getByText('Patient data is hidden (2)').waitFor()
      expect(host.engine.asked.tags).toEqual([{ patientData: false }])
      expect(await page.content()).not.toContain('Doe^Jane')
      await page.getByRole('button', { name: 'Show patient data' }).click()
      await page.getByText('Patient data is shown').waitFor()
      expect(await name.innerText()).toContain('Doe^Jane')
      expect(host.engine.asked.tags).toEqual([{ patientData: false }, { patientData: true }])
      await takeScreenshot(page, '10-tags-shown')
      await page.getByRole('button', { name: 'Hide patient data' }).click()
      await expect.poll(() => name.innerText()).toContain('hidden')
      await page.getByRole('button', { name: 'Show patient data' }).click()
      await page.getByText('Patient data is shown').waitFor()
      await page.keyboard.press('Escape')
      await openTags()
      await page.getByText('Patient data is hidden (2)').waitFor()
      expect(await page.content()).not.toContain('Doe^Jane')
      await page.getByRole('button', { name: 'Show patient data' }).click()
      await page.getByText('Patient data is shown').waitFor()
      await page.keyboard.press('Escape')
      await openRow('other.dcm')
      await openTags()
      await page.getByText('Patient data is hidden (2)').waitFor()
      expect(await page.content()).not.toContain('Doe^Jane')
    })

    it('cuts long values in the list, and shows and copies them whole', async () => {
      await openFiles('study.dcm')
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await openTags()
      const description = rows().filter({ hasText: 'SeriesDescription' })
      await description.click()
      expect((await description.boundingBox())!.height).toBeLessThan(30)
      expect(await page.locator('[data-tag-value]').innerText()).toBe(longValue)
      await page.getByRole('button', { name: 'Copy value' }).click()
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(longValue)
      await rows().filter({ hasText: 'PatientName' }).click()
      expect(await page.getByRole('button', { name: 'Copy value' }).isDisabled()).toBe(true)
    })

    it('draws only what is in sight of twenty thousand elements, and answers each letter at once', async () => {
      await openFiles('many-tags.dcm')
      await openTags()
      await page.getByText('20,000 elements').waitFor()
      expect(await rows().count()).toBeLessThan(60)
      const started = Date.now()
      await page.keyboard.type('element19999')
      await page.getByText('1 of 20,000').waitFor()
      expect(Date.now() - started).toBeLessThan(2500)
      await search().fill('')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('End')
      await rows().filter({ hasText: 'Element19999' }).waitFor()
      expect(await rows().count()).toBeLessThan(60)
    })

    it('says so when a file has no tags, when they cannot be read, and gives the keyboard back', async () => {
      await openFiles('picture.png', 'study.dcm')
      await page.getByRole('button', { name: 'Tags' }).click()
      await page.getByText('only DICOM files have them').waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => page.getByRole('button', { name: 'Tags' }).evaluate((button) => button === document.activeElement)).toBe(true)
      await openRow('study.dcm')
      host.engine.failNext('scan.tags', new AssayError('file-not-found', 'There is no file or folder study.dcm; check the path.'))
      await openTags()
      await page.getByRole('alert').getByText('There is no file or folder study.dcm; check the path.').waitFor()
      await page.getByRole('button', { name: 'Try again' }).click()
      await rows().filter({ hasText: 'Modality' }).waitFor()
    })
  })

  describe('saving', () => {
    it('offers what the file allows, says what each is for, and says what was saved', async () => {
      await openFiles('study.dcm', 'picture.png')
      await page.getByRole('button', { name: 'Save as' }).click()
      await expect.poll(() => page.getByRole('menuitem', { name: 'DICOM secondary capture' }).innerText()).toContain("goes into the patient's study")
      expect(await page.getByRole('menuitem', { name: 'Anonymised DICOM copy' }).innerText()).toContain('burnt-in text is not removed')
      await takeScreenshot(page, '11-save-menu')
      const [capture] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'DICOM secondary capture' }).click()])
      expect(capture.suggestedFilename()).toBe('result.dicom')
      await page.getByRole('status').filter({ hasText: 'a secondary capture' }).waitFor()
      await page.getByRole('button', { name: 'Save as' }).click()
      await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Anonymised DICOM copy' }).click()])
      await page.getByRole('status').filter({ hasText: 'no name is burnt in' }).waitFor()
      expect(host.engine.asked.exported.map(({ format }) => format)).toEqual(['dicom', 'anonymised'])
      await openRow('picture.png')
      await page.getByRole('button', { name: 'Save as' }).click()
      await expect.poll(() => page.getByRole('menuitem', { name: 'Anonymised DICOM copy' }).getAttribute('aria-disabled')).toBe('true')
      expect(await page.getByRole('menuitem', { name: 'DICOM secondary capture' }).innerText()).not.toContain("patient's study")
    })

    it('says why it could not save', async () => {
      await openFiles('study.dcm')
      host.engine.failNext('scan.export', new AssayError('disk-full', 'The disk is full; free some space.'))
      await page.keyboard.press('s')
      await page.getByRole('alert').filter({ hasText: 'The disk is full' }).getByText('disk-full').waitFor()
    })
  })
})
