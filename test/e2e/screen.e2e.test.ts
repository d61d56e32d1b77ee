/**
 * From a click to a verdict, nothing replaced: the built application serves the page, Chromium opens it, the shipped
 * samples and a phantom made here are screened by the demo bundle, and the pixels of the views are looked at.
 */
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { decode } from 'fast-png'
import type { Locator, Page } from 'playwright-core'
import { writeDicom } from '../../src/engine/image/dicom/write'
import { phantomDicom } from '../../src/engine/phantom/data-set'
import { makePhantom } from '../../src/engine/phantom/phantom'
import type { Sample } from '../../src/shared/types'
import { havePoppler, pdfPages } from '../support/poppler'
import { haveBrowser } from './support/browser'
import { acknowledgeNote, brightness, colourfulness, difference, distinctColours, drag, settle, takeScreenshot, viewPixels } from './support/page'
import { servedScene } from './support/scene'

const views = ['scan', 'purified', 'heatmap'] as const

describe.skipIf(!haveBrowser())('screening in the built application', () => {
  const scene = servedScene({
    arrive: async (page) => {
      samples = await page.evaluate(async () => {
        const response = await fetch('/api/call/samples.list', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
        return response.json()
      })
    },
  })
  let page: Page
  beforeEach(() => void ({ page } = scene))
  let samples: Sample[]

  const sample = (kind: 'attacked' | 'clean'): Sample => {
    const found = samples.find(({ id }) => id.startsWith(`${kind}-`))
    if (!found) throw new Error(`there is no ${kind} sample among ${samples.map(({ id }) => id).join(', ') || 'none'}`)
    return found
  }

  const verdict = (status: string) => page.locator(`[data-verdict="${status}"]`)

  async function drawn(): Promise<void> {
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached' })
    await settle(page)
  }

  async function screenSample(kind: 'attacked' | 'clean'): Promise<void> {
    const { id, title } = sample(kind)
    const card = page.locator(`[data-sample="${id}"]`)
    if (await card.isVisible()) await card.click()
    else {
      await page.getByRole('button', { name: 'Samples' }).click()
      await page.getByRole('menuitem', { name: title }).first().click()
    }
    await page.getByRole('heading', { name: title, exact: true }).waitFor({ timeout: 60_000 })
    await verdict(kind === 'attacked' ? 'suspicious' : 'clean').waitFor()
    await drawn()
  }

  async function choose(files: { name: string; buffer: Buffer }[]): Promise<void> {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^(Choose files|Files)$/ }).click()])
    await chooser.setFiles(files.map((file) => ({ ...file, mimeType: 'application/octet-stream' })))
  }

  it('finds the attacked sample suspicious and the clean one not, and is hotter over the attacked one', async () => {
    await screenSample('attacked')
    const attacked = await Promise.all(views.map((view) => viewPixels(page, view)))
    for (const [i, view] of views.entries()) expect(distinctColours(attacked[i]!), `${view} is not blank`).toBeGreaterThan(20)
    expect(difference(attacked[0]!, attacked[1]!), 'something was removed').toBeGreaterThan(0.1)
    expect(await page.getByRole('option', { selected: true }).innerText()).toMatch(/Suspicious · like \d+ in [\d,]+/)

    await screenSample('clean')
    const clean = await Promise.all(views.map((view) => viewPixels(page, view)))
    for (const [i, view] of views.entries()) expect(distinctColours(clean[i]!), `${view} is not blank`).toBeGreaterThan(20)
    expect(colourfulness(attacked[2]!), 'the heat map over the attacked scan').toBeGreaterThan(colourfulness(clean[2]!) * 1.5)
    expect(await verdict('clean').innerText()).toContain('No perturbation found')
  })

  it('gives the classifier its answer back: the attacked sample changes its answer when purified, the clean one keeps it', async () => {
    await screenSample('attacked')
    await page.locator('[data-changes="true"]').waitFor()
    await screenSample('clean')
    await page.locator('[data-changes="false"]').waitFor()
  })

  it('screens a 16-bit DICOM from the file dialog', async () => {
    const phantom = makePhantom({ seed: 4711, width: 192, height: 192, kind: 'normal' })
    await choose([{ name: 'phantom.dcm', buffer: Buffer.from(phantomDicom(phantom, '4711')) }])
    await page.getByRole('heading', { name: 'phantom.dcm' }).waitFor({ timeout: 60_000 })
    await drawn()
    for (const view of views) expect(distinctColours(await viewPixels(page, view)), view).toBeGreaterThan(20)
    expect(await page.locator('[data-verdict]').innerText()).toMatch(/Suspicious|No perturbation found/)
    expect(await page.getByLabel('Verdict').innerText()).toContain('192 × 192')
    // The middle of an even picture lies between two pixels: half a pixel further is on one.
    const box = (await page.locator('[data-view="scan"]').boundingBox())!
    const pixel = Math.min(box.width, box.height) / 192
    await page.mouse.move(box.x + box.width / 2 + pixel / 2, box.y + box.height / 2 + pixel / 2)
    const value = Number.parseFloat(await page.locator('[data-readout="scan"]').innerText())
    expect(value, 'the 12-bit value that the phantom has in its middle').toBe(Math.round(phantom.pixels[96 * 192 + 96]! * 4095))
  })

  it('offers a bundle that was made for the file, where the chosen one was not, and goes on with it', async () => {
    await choose([{ name: 'chest.dcm', buffer: Buffer.from(phantomDicom(makePhantom({ seed: 4712, width: 128, height: 128, kind: 'normal' }), '4712')) }])
    await page.getByRole('heading', { name: 'chest.dcm' }).waitFor({ timeout: 60_000 })
    await drawn()
    expect(await page.getByLabel('Verdict').innerText()).toContain('This file says it is CR')
    await takeScreenshot(page, 'screen-other-kind')
    await page.getByRole('button', { name: /^Screen with Chest/ }).click()
    await expect.poll(() => page.getByRole('option').count(), { timeout: 60_000 }).toBe(2)
    await drawn()
    expect(await page.getByLabel('Verdict').innerText()).not.toContain('This file says it is CR')
    expect(await page.getByRole('button', { name: /^Screen with/ }).count()).toBe(0)
  })

  it('checks the providers of this machine and says what automatic comes to', async () => {
    await page.getByRole('button', { name: 'Provider: auto', exact: true }).click()
    const sheet = page.getByRole('dialog', { name: 'Where models run' })
    await sheet.getByRole('button', { name: 'Check now' }).click()
    await sheet.getByRole('button', { name: 'Check again' }).waitFor()
    expect(await sheet.locator('[data-provider="cpu"]').innerText()).toMatch(/Reference.*\d ms/s)
    await takeScreenshot(page, 'providers')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Provider: auto \((cpu|webgpu|dml|coreml|cuda)\)$/ }).waitFor()
  })

  it('moves window and inversion in all three views at once', async () => {
    await screenSample('attacked')
    const look = () => Promise.all(views.map((view) => viewPixels(page, view)))
    const before = await look()
    await drag(page, 'scan', 0, 80)
    const darker = await look()
    await page.keyboard.press('i')
    await settle(page)
    const inverted = await look()
    views.forEach((view, i) => {
      expect(brightness(darker[i]!), `${view} after dragging down`).toBeLessThan(brightness(before[i]!) - 2)
      expect(difference(darker[i]!, inverted[i]!), `${view} inverted`).toBeGreaterThan(10)
    })
  })

  it('lists what cannot be read with its code and sentence, and screens the rest', async () => {
    await choose([
      { name: 'empty.png', buffer: Buffer.alloc(0) },
      { name: 'letter.dcm', buffer: Buffer.from('Dear colleague, thank you for the referral.') },
      { name: 'readable.dcm', buffer: Buffer.from(phantomDicom(makePhantom({ seed: 7, width: 160, height: 160, kind: 'opacity' }), '7')) },
    ])
    await page.getByRole('heading', { name: 'readable.dcm' }).waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Errors 2' }).click()
    await page.getByRole('option', { name: 'empty.png' }).click()
    await page.getByRole('alert').getByText('file-empty').waitFor()
    await page.getByRole('option', { name: 'letter.dcm' }).click()
    await page.getByRole('heading', { name: 'readable.dcm' }).waitFor({ state: 'detached' })
    expect(await page.getByRole('alert').innerText()).toMatch(/letter\.dcm could not be screened/)
  })

  it('saves the result as a picture, as a page and as JSON that all can be read', async () => {
    await screenSample('attacked')
    const save = async (control: Locator): Promise<Buffer> => {
      const [download] = await Promise.all([page.waitForEvent('download'), control.click()])
      return readFileSync((await download.path())!)
    }
    const picture = decode(await save(page.getByRole('button', { name: 'Save PNG' })))
    expect(picture.width).toBeGreaterThan(picture.height)
    expect(new Set(picture.data).size).toBeGreaterThan(20)
    await page.getByRole('button', { name: 'Save as' }).click()
    const document = JSON.parse((await save(page.getByRole('menuitem', { name: 'JSON' }))).toString()) as { result: { status: string; pValue: number }; alpha: number }
    expect(document.result.status).toBe('suspicious')
    expect(document.result.pValue).toBeLessThanOrEqual(document.alpha)
    await page.getByRole('status').filter({ hasText: 'saved' }).first().waitFor()
    await page.getByRole('button', { name: 'Save as', disabled: false }).click()
    const pdf = await save(page.getByRole('menuitem', { name: 'PDF' }))
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    if (havePoppler) {
      const pages = pdfPages(pdf)
      expect(pages).toHaveLength(1)
      expect(pages[0]).toMatch(/Suspicious: an untouched scan looks this unusual/)
      expect(pages[0]).toContain('Research use only. Not for diagnosis.')
    }
  })

  describe('a file of five slices in Hounsfield units', () => {
    const [side, frames] = [128, 5]
    const slices = Array.from({ length: frames }, (_, i) => makePhantom({ seed: 900 + i, width: side, height: side, kind: i % 2 ? 'opacity' : 'normal' }))
    const stored = slices.flatMap(({ pixels }, i) => Array.from(pixels, (value) => Math.round(value * 2000) + 10 * i))
    const middle = (frame: number): number => stored[(frame - 1) * side * side + (side / 2) * side + side / 2]! - 1024
    const file = writeDicom({
      kind: 'secondary-capture',
      modality: 'CT',
      width: side,
      height: side * frames,
      pixels: Uint16Array.from(stored),
      bitsStored: 12,
      rescale: { slope: 1, intercept: -1024, type: 'HU' },
      windows: [{ center: 0, width: 2000, explanation: 'WIDE' }],
      attributes: [
        { tag: 0x00280008, vr: 'IS', value: String(frames) },
        { tag: 0x00280010, vr: 'US', value: side },
        { tag: 0x00100010, vr: 'PN', value: 'Doe^Jane' },
      ],
    })
    const shown = () => page.locator('[data-shown-frame]').innerText()
    const readOut = async (): Promise<number> => Number.parseFloat(await page.locator('[data-readout="scan"]').innerText())
    const middleRead = async (): Promise<number> => {
      const box = (await page.locator('[data-view="scan"]').boundingBox())!
      // The middle of the pixel right and below of the picture's middle.
      const pixel = Math.min(box.width, box.height) / side
      await page.mouse.move(box.x + box.width / 2 + pixel / 2, box.y + box.height / 2 + pixel / 2)
      return readOut()
    }

    beforeEach(async () => {
      await choose([{ name: 'slices.dcm', buffer: Buffer.from(file) }])
      await page.getByRole('heading', { name: 'slices.dcm' }).waitFor({ timeout: 60_000 })
      await drawn()
    })

    it('is scrolled through, each slice with its own values, views and verdict', async () => {
      const first = Number((await shown()).match(/slice (\d) of 5/)![1])
      expect(await page.getByRole('option', { name: 'slices.dcm' }).innerText()).toContain(`${first} of 5`)
      expect(await middleRead()).toBe(middle(first))
      const pictures: string[] = []
      await page.getByRole('textbox', { name: 'Slice, 1 to 5' }).fill('1')
      await page.keyboard.press('Enter')
      for (let frame = 1; frame <= frames; frame++) {
        await expect.poll(shown, { timeout: 20_000 }).toBe(`slice ${frame} of 5`)
        await settle(page)
        expect(await middleRead(), `slice ${frame}`).toBe(middle(frame))
        const purified = await viewPixels(page, 'purified')
        expect(distinctColours(purified)).toBeGreaterThan(20)
        pictures.push(purified.rgb.join())
        const expected = frame === first ? 'as in the list' : `Slice ${frame} screened now; the list shows slice ${first}`
        expect(await page.getByLabel('Verdict').innerText()).toContain(expected)
        await page.keyboard.press('PageDown')
      }
      expect(new Set(pictures).size).toBe(frames)
    })

    it('has the windows of the file and of radiology', async () => {
      await page.getByRole('button', { name: 'Window: WIDE' }).click()
      await page.getByRole('menuitemcheckbox', { name: 'Lung' }).click()
      await expect.poll(() => page.locator('[data-readout="window"]').innerText()).toContain('Center -600 · Width 1500')
    })

    it('tells its tags, the name of the patient only when asked to, and leaves it out of the anonymised copy', async () => {
      await page.keyboard.press('t')
      const name = page.locator('[data-tags] [role="row"]').filter({ hasText: '(0010,0010)' })
      await page.getByRole('searchbox').fill('0010,0010')
      await name.waitFor()
      expect(await name.innerText()).toContain('hidden')
      await page.getByRole('button', { name: 'Show patient data' }).click()
      await name.filter({ hasText: 'Doe^Jane' }).waitFor()
      await page.keyboard.press('Escape')
      const save = async (item: string): Promise<Buffer> => {
        await page.getByRole('button', { name: 'Save as' }).click()
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
        await page.getByRole('button', { name: 'Save as', disabled: false }).waitFor()
        return readFileSync((await download.path())!)
      }
      const anonymised = await save('Anonymised DICOM copy')
      expect(anonymised.includes('Doe^Jane')).toBe(false)
      expect(anonymised.includes(Buffer.from(Uint16Array.from(stored.slice(0, 64)).buffer)), 'pixels unchanged').toBe(true)
      const capture = await save('DICOM secondary capture')
      expect(capture.includes('Doe^Jane'), 'of the same patient').toBe(true)
      expect(capture.includes('DERIVED\\SECONDARY')).toBe(true)
    })
  })

  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
  ] as const)
    it(`has its picture taken at ${width} x ${height}`, async () => {
      await scene.browser.closePages()
      page = await scene.open({ width, height, note: true })
      await page.getByText('Drop scans or a folder').waitFor()
      await takeScreenshot(page, 'real-1-first-start')
      await acknowledgeNote(page)
      await takeScreenshot(page, 'real-2-samples')
      await screenSample('attacked')
      await takeScreenshot(page, 'real-3-attacked')
      await screenSample('clean')
      await takeScreenshot(page, 'real-4-clean')
    })
})
