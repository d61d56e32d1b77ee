/**
 * The interface in a real browser, with an engine that answers by script: the states of the Screen page that the real
 * engine cannot be brought into on demand, and a picture of each for people to look at.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { AssayError } from '../../src/shared/errors'
import { haveBrowser } from './support/browser'
import { acknowledgeNote, brightness, colourfulness, difference, distinctColours, drag, settle, takeScreenshot, viewPixels } from './support/page'
import { scriptedScene } from './support/scene'
import type { ScriptedHost } from './support/scripted-host'

const views = ['scan', 'purified', 'heatmap'] as const

describe.skipIf(!haveBrowser())('the Screen page', () => {
  const scene = scriptedScene({ opens: false, tolerates: (problem) => problem.includes('Failed to load resource') })
  let host: ScriptedHost
  let page: Page
  beforeEach(() => void ({ host, page } = scene))

  async function open(width = 1280, height = 720, scale = 1): Promise<void> {
    page = await scene.open({ width, height, scale })
  }

  const drawn = async (): Promise<void> => {
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('status').filter({ hasText: 'Opening' }).waitFor({ state: 'detached' })
    await settle(page)
  }

  async function openSample(id: string): Promise<void> {
    await page.locator(`[data-sample="${id}"]`).click()
    await drawn()
  }

  async function addSample(title: string): Promise<void> {
    await page.getByRole('button', { name: 'Samples' }).click()
    await page.getByRole('menuitem', { name: title }).click()
    await page.getByRole('heading', { name: title }).waitFor()
    await drawn()
  }

  async function choose(files: { name: string; bytes: number }[]): Promise<void> {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^(Choose files|Files)$/ }).click()])
    await chooser.setFiles(files.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(bytes, 1) })))
  }

  it('brings its guide along: chapters by mouse and keyboard, pictures from within', async () => {
    await open()
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByRole('heading', { name: 'A guide for newcomers' }).waitFor()
    const focused = (name: string) => page.getByRole('heading', { name, exact: true }).evaluate((heading) => heading.getBoundingClientRect().top < 200 && document.activeElement === heading)
    await page.getByRole('navigation', { name: 'Chapters of the guide' }).getByRole('button', { name: 'A night job: a whole archive' }).click()
    await expect.poll(() => focused('A night job: a whole archive')).toBe(true)
    await expect.poll(() => page.getByRole('img', { name: 'The form of a new batch' }).evaluate((picture: HTMLImageElement) => picture.naturalWidth)).toBe(1280)
    await takeScreenshot(page, 'guide')
    await page.getByRole('region', { name: 'Guide' }).getByRole('button', { name: 'A radiologist: one scan' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => focused('A radiologist: one scan')).toBe(true)
    expect(page.url()).toMatch(/#\/guide$/)
  })

  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
  ] as const)
    it(`is drawn without complaint from the browser, in pictures at ${width} x ${height}`, async () => {
      page = await scene.open({ width, height, note: true })
      await page.getByRole('dialog', { name: 'Research use only. Not for diagnosis.' }).waitFor()
      await page.getByText('Drop scans or a folder').waitFor()
      await takeScreenshot(page, '1-first-start')
      await acknowledgeNote(page)
      await takeScreenshot(page, '2-empty')
      await page.getByRole('combobox', { name: 'Bundle' }).click()
      await takeScreenshot(page, '2-bundles')
      await page.keyboard.press('Escape')
      await openSample('attacked-grey16')
      await page.locator('[data-view="scan"]').hover()
      await takeScreenshot(page, '3-suspicious')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await takeScreenshot(page, '4-shortcuts')
      await page.keyboard.press('Escape')
      for (const title of ['Clean phantom, PNG', 'Clean phantom, MONOCHROME1', 'Clean colour picture', 'Clean phantom, pixels twice as tall']) {
        await addSample(title)
        await takeScreenshot(page, `5-${title.toLowerCase().replace(/\W+/g, '-')}`)
      }
      host.engine.pace = 400
      await choose([{ name: 'empty.png', bytes: 0 }, ...Array.from({ length: 9 }, (_, i) => ({ name: `scan-${i}-${i % 4 ? 'clean' : 'attacked-long-file-name-as-exported-from-a-pacs'}.dcm`, bytes: 10 }))])
      await page.getByRole('option').nth(8).waitFor()
      await drawn()
      await takeScreenshot(page, '6-busy')
      await page.getByRole('option', { name: 'empty.png' }).click()
      await page.getByRole('alert').getByText('The file is empty; copy or export it again.').waitFor()
      await takeScreenshot(page, '7-error')
      expect(scene.problems).toEqual([])
    })

  it('shows what each provider came to, refuses the one that is wrong, and screens on the one that was chosen from the keyboard', async () => {
    await open()
    await page.getByRole('button', { name: 'Provider: auto', exact: true }).click()
    const sheet = page.getByRole('dialog', { name: 'Where models run' })
    await sheet.getByText('Not checked yet on this machine.').waitFor()
    host.engine.failNext('jobs.start', new AssayError('disk-full', 'The disk is full; free some space and start again.'))
    await sheet.getByRole('button', { name: 'Check now' }).click()
    await sheet.getByRole('alert').getByText('The disk is full').waitFor()
    host.engine.pace = 60_000
    await sheet.getByRole('button', { name: 'Check now' }).click()
    await sheet.getByRole('status').getByText('checking cpu').waitFor()
    expect(await sheet.getByRole('alert').count()).toBe(0)
    await sheet.getByRole('button', { name: 'Cancel' }).click()
    host.engine.pace = 0
    await sheet.getByRole('button', { name: 'Check now' }).click()
    await sheet.getByText('Its gradients differ').waitFor()
    await takeScreenshot(page, '9-providers')
    const row = (provider: string) => sheet.locator(`[data-provider="${provider}"]`)
    expect(await row('webgpu').innerText()).toMatch(/Agrees\s+2\.3e-7\s+5\.9e-7\s+7\.8 ms/)
    expect(await row('dml').innerText()).toMatch(/Refused\s+3\.0e-5\s+2\.1e-2\s+–/)
    expect(await row('dml').getByRole('radio').isDisabled()).toBe(true)
    await sheet.getByRole('radio', { name: /Automatic/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => row('cpu').getByRole('radio').isChecked()).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Provider: cpu' }).waitFor()
    await openSample('attacked-grey16')
    expect(host.engine.asked.providers).toEqual(['cpu'])
    await page.reload()
    await page.getByRole('button', { name: 'Provider: cpu' }).waitFor()
  })

  it('draws three different views of an attacked scan: two grey ones and a hot one', async () => {
    await open()
    await openSample('attacked-grey16')
    const [scan, purified, heatmap] = [await viewPixels(page, 'scan'), await viewPixels(page, 'purified'), await viewPixels(page, 'heatmap')]
    for (const view of [scan, purified, heatmap]) expect(distinctColours(view)).toBeGreaterThan(50)
    expect(colourfulness(scan)).toBe(0)
    expect(colourfulness(purified)).toBe(0)
    expect(colourfulness(heatmap)).toBeGreaterThan(5)
    // The attack's signs alternate by the pixel and are averaged where the scan is drawn smaller than it is.
    expect(difference(scan, purified)).toBeGreaterThan(0.05)
    expect(difference(scan, purified)).toBeLessThan(6)
  })

  it('moves window, pan, zoom, inversion and preset in all three views at once', async () => {
    await open()
    await openSample('attacked-grey16')
    const look = () => Promise.all(views.map((view) => viewPixels(page, view)))
    let before = await look()
    const expectChanged = async (what: string, atLeast = 2): Promise<void> => {
      await settle(page)
      const after = await look()
      views.forEach((view, i) => expect(difference(before[i]!, after[i]!), `${what} in ${view}`).toBeGreaterThan(atLeast))
      before = after
    }
    const bright = brightness(before[0]!)
    await drag(page, 'scan', 0, 90)
    await expectChanged('dragging the level down')
    expect(brightness(before[0]!), 'down is darker').toBeLessThan(bright)
    await drag(page, 'heatmap', 60, 40, 'middle')
    await expectChanged('panning')
    await drag(page, 'purified', 0, -120, 'right')
    await expectChanged('zooming')
    await page.keyboard.press('i')
    await expectChanged('inverting')
    await page.keyboard.press('2')
    await expectChanged('the second window')
    await page.keyboard.press('Space')
    await expectChanged('resetting')
    expect(brightness(before[0]!), 'reset leads back').toBeCloseTo(bright, 1)
    await page.mouse.wheel(0, -300)
    await expectChanged('the wheel')
  })

  it('pans with Space and drag, and resets with Space alone', async () => {
    await open()
    await openSample('attacked-grey16')
    const fitted = await viewPixels(page, 'scan')
    await page.keyboard.down('Space')
    await drag(page, 'scan', 70, 0)
    await page.keyboard.up('Space')
    const panned = await viewPixels(page, 'scan')
    expect(difference(fitted, panned)).toBeGreaterThan(3)
    await page.keyboard.press('Space')
    await settle(page)
    expect(difference(fitted, await viewPixels(page, 'scan'))).toBe(0)
  })

  it('shows MONOCHROME1 with small values white, and pixels that are not square in their true shape', async () => {
    await open()
    await openSample('clean-grey8')
    const middle = async (): Promise<number> => {
      const { rgb, width, height } = await viewPixels(page, 'scan')
      return rgb[(Math.floor(height / 2) * width + Math.floor(width / 2)) * 3]!
    }
    const bright = await middle()
    await addSample('Clean phantom, MONOCHROME1')
    expect(bright).toBeGreaterThan(128)
    expect(await middle()).toBeLessThan(128)
    // 512 × 256 pixels of 0.2 × 0.4 mm are as wide as they are tall; the drawn body is, too.
    await addSample('Clean phantom, pixels twice as tall')
    const { rgb, width, height } = await viewPixels(page, 'scan', 1000)
    const isLit = (x: number, y: number): boolean => rgb[(y * width + x) * 3]! > 60
    const row = Array.from({ length: width }, (_, x) => isLit(x, Math.floor(height / 2))).filter(Boolean).length
    const column = Array.from({ length: height }, (_, y) => isLit(Math.floor(width / 2), y)).filter(Boolean).length
    expect(row / column).toBeGreaterThan(0.8)
    expect(row / column).toBeLessThan(1.25)
  })

  it('reads out true values under the cursor in all three views', async () => {
    await open()
    await openSample('attacked-grey16')
    await page.locator('[data-view="purified"]').hover()
    const text = (name: string) => page.locator(`[data-readout="${name}"]`).first().innerText()
    const scan = Number.parseFloat(await text('scan'))
    const purified = Number.parseFloat(await text('purified'))
    expect(scan).toBeGreaterThan(2000)
    expect(Math.abs(scan - purified)).toBeGreaterThan(1)
    expect(Math.abs(scan - purified)).toBeLessThan((4.5 / 255) * 4095)
    expect(await text('heatmap')).toMatch(/^\d\.\d\/255 of full range$/)
  })

  it('keeps the picture centred when the window changes its size, and sharp on dense screens', async () => {
    await open(1280, 720, 2)
    await openSample('clean-grey8')
    for (const [width, height] of [
      [1600, 1000],
      [1280, 720],
    ] as const) {
      await page.setViewportSize({ width, height })
      await settle(page)
      const { canvas, box } = await page.evaluate(() => {
        const view = document.querySelector('[data-view="scan"]')!
        const canvas = view.querySelector('canvas')!
        return { canvas: canvas.width, box: view.clientWidth }
      })
      expect(canvas).toBe(box * 2)
      const { rgb, width: columns, height: rows } = await viewPixels(page, 'scan', 400)
      const lit = Array.from({ length: columns }, (_, x) => rgb[(Math.floor(rows / 2) * columns + x) * 3]! > 40)
      const [left, right] = [lit.indexOf(true), columns - 1 - lit.lastIndexOf(true)]
      expect(Math.abs(left - right)).toBeLessThan(columns * 0.03)
    }
  })

  it('screens what is dropped on the window', async () => {
    await open()
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(20)], 'attacked-drop.dcm'))
      return data
    })
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
    await page.getByText('Drop to screen with Chest phantom').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    await page.getByRole('option', { name: 'attacked-drop.dcm' }).waitFor()
    await page.getByRole('heading', { name: 'Suspicious' }).waitFor()
  })

  it('lists what could not be read with its sentence, screens the rest, and filters by verdict', async () => {
    await open()
    await choose([
      { name: 'empty.png', bytes: 0 },
      { name: 'clean-1.png', bytes: 5 },
      { name: 'attacked-1.png', bytes: 5 },
    ])
    await page.getByRole('option').nth(2).waitFor()
    await expect.poll(() => page.getByRole('option', { name: 'empty.png' }).innerText()).toContain('The file is empty')
    await page.getByRole('button', { name: 'Errors 1' }).click()
    await expect.poll(() => page.getByRole('option').count()).toBe(1)
    await page.getByRole('option').click()
    await page.getByRole('alert').getByText('file-empty').waitFor()
    await page.getByRole('button', { name: 'Suspicious 1' }).click()
    await expect.poll(() => page.getByRole('option').innerText()).toContain('attacked-1.png')
  })

  it('opens the first result that can be seen by itself, and an error only when there is nothing else', async () => {
    await open()
    await choose([{ name: 'empty.png', bytes: 0 }])
    await page.getByRole('alert').getByText('empty.png could not be screened').waitFor()
    await choose([
      { name: 'empty-too.png', bytes: 0 },
      { name: 'clean-1.png', bytes: 5 },
    ])
    await page.getByRole('heading', { name: 'clean-1.png' }).waitFor()
  })

  it('is led by the keyboard: down selects, Enter opens', async () => {
    await open()
    await choose(['clean-a.png', 'attacked-b.png', 'clean-c.png'].map((name) => ({ name, bytes: 5 })))
    await page.getByRole('option').nth(2).waitFor()
    await page.getByRole('heading', { name: 'clean-a.png' }).waitFor()
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.getByRole('option', { selected: true }).innerText()).toContain('attacked-b.png')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'attacked-b.png' }).waitFor()
  })

  it('shows progress and remaining time while it works, and stops when asked to', async () => {
    await open()
    host.engine.pace = 300
    await choose(Array.from({ length: 60 }, (_, i) => ({ name: `clean-${i}.png`, bytes: 5 })))
    await page.getByText(/\d of 60 · about \d+ s left/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('progressbar').waitFor({ state: 'detached' })
    // The scan that was under way may still come.
    await page.waitForTimeout(500)
    const count = await page.getByRole('option').count()
    await page.waitForTimeout(700)
    expect(await page.getByRole('option').count()).toBe(count)
    expect(count).toBeLessThan(60)
  })

  it('brings back the results of this window after a reload, and opens what was open', async () => {
    await open()
    await openSample('attacked-grey16')
    await page.reload()
    await page.getByRole('heading', { name: 'Attacked phantom, 16-bit DICOM' }).waitFor()
    await drawn()
    expect(distinctColours(await viewPixels(page, 'scan'))).toBeGreaterThan(50)
  })

  it('draws only the rows in sight of two thousand, and reaches the last with one key', async () => {
    await open()
    await page.evaluate(async () => {
      const input = { kind: 'scan', parameters: { paths: Array.from({ length: 2000 }, (_, i) => `/many/clean-${i}.png`), bundle: 'scripted' } }
      await fetch('/api/call/jobs.start', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) })
    })
    await page.getByRole('button', { name: 'All 2000' }).waitFor({ timeout: 20_000 })
    expect(await page.getByRole('option').count()).toBeLessThan(40)
    await page.getByRole('listbox').focus()
    const started = Date.now()
    await page.keyboard.press('End')
    await page.getByRole('option', { name: 'clean-1999.png' }).waitFor()
    expect(Date.now() - started).toBeLessThan(1000)
  })

  it('asks once more when the planes were pushed out before they were fetched', async () => {
    await open()
    host.engine.loseBytes(1)
    await openSample('clean-grey8')
    expect(distinctColours(await viewPixels(page, 'scan'))).toBeGreaterThan(50)
  })

  it('says where it happened when opening, exporting or starting fails, with sentence and code', async () => {
    await open()
    host.engine.failNext('scan.open', new AssayError('bundle-hash-mismatch', 'The bundle has changed since this scan; scan the file again.'))
    await page.locator('[data-sample="clean-grey8"]').click()
    await page.getByRole('alert').getByText('The bundle has changed since this scan; scan the file again.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await drawn()
    host.engine.failNext('scan.export', new AssayError('disk-full', 'The disk is full; free some space.'))
    await page.getByRole('button', { name: 'Save PNG' }).click()
    await page.getByRole('alert').filter({ hasText: 'The disk is full; free some space.' }).getByText('disk-full').waitFor()
    host.engine.failNext('jobs.start', new AssayError('output-not-writable', 'The folder for results cannot be written to; choose another.'))
    await page.getByRole('button', { name: 'Samples' }).click()
    await page.getByRole('menuitem').first().click()
    await page.getByRole('alert').getByText('The folder for results cannot be written to; choose another.').waitFor()
  })

  it('says so when the host goes away', async () => {
    await open()
    await openSample('clean-grey8')
    await host.close()
    await page.getByText('Connection lost').waitFor()
  })

  it('says how to go on when the host was started again, and goes on when its address was opened', async () => {
    await open()
    const url = await host.restart()
    await page.getByText('Restarted: open its new address').waitFor()
    await takeScreenshot(page, 'host-started-again')
    await (await page.context().newPage()).goto(url)
    await page.getByText('Restarted: open').waitFor({ state: 'detached' })
    await openSample('clean-grey8')
  })
})
