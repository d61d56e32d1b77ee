/**
 * The page as it is under Electron, in Chromium: a stand-in for the preload script speaks the contract to the loopback
 * host, sends what the native menu and the system would, and remembers what was dragged out.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import type { AssayBridge } from '../../src/shared/bridge'
import type { DesktopCommand } from '../../src/shared/desktop'
import { haveBrowser } from './support/browser'
import { takeScreenshot } from './support/page'
import { scriptedScene } from './support/scene'
import type { ScriptedHost } from './support/scripted-host'

declare global {
  interface Window {
    standIn: { command: ((command: DesktopCommand) => void) | null; picked: string[]; prepared: string[]; dragged: string[] }
  }
}

/** Runs in the page, before its own scripts. */
function standInPreload(): void {
  const standIn: Window['standIn'] = (window.standIn = { command: null, picked: [], prepared: [], dragged: [] })
  const listeners = new Set<(event: never) => void>()
  // One for all: a browser keeps six connections to a host, and streams would take them all.
  const stream = new EventSource('/api/events')
  stream.onmessage = ({ data }) => listeners.forEach((listener) => listener(JSON.parse(data) as never))
  window.assay = {
    kind: 'electron',
    async call(name: string, input: unknown) {
      const response = await fetch(`/api/call/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) })
      const body = await response.json()
      return response.ok ? { ok: true, output: body } : { ok: false, error: body.error }
    },
    subscribe(listener: (event: never) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    pickFiles: async () => standIn.picked,
    pickFolder: async () => standIn.picked[0] ?? null,
    pathForFile: ({ name }: File) => `/dropped/${name}`,
    urlFor: (kind: string, id: string) => `/${kind}/${encodeURIComponent(id)}`,
    onCommand(listener: (command: DesktopCommand) => void) {
      standIn.command = listener
      return () => {
        standIn.command = null
      }
    },
    async prepareDrag(id: string) {
      standIn.prepared.push(id)
      return true
    },
    startDrag: (id: string) => void standIn.dragged.push(id),
  } as unknown as AssayBridge
}

describe.skipIf(!haveBrowser())('the page of the desktop application', () => {
  const scene = scriptedScene({
    before: (page) => page.addInitScript(standInPreload),
    arrive: async (page) => void (await page.waitForFunction(() => window.standIn.command !== null)),
  })
  let host: ScriptedHost
  let page: Page
  beforeEach(() => void ({ host, page } = scene))

  const send = (command: DesktopCommand): Promise<void> => page.evaluate((each) => window.standIn.command!(each), command)
  const dragged = (): Promise<string[]> => page.evaluate(() => window.standIn.dragged)
  const openScan = async (): Promise<void> => {
    await send({ name: 'open', page: 'screen', paths: ['/scans/attacked-grey16'] })
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await page.getByRole('button', { name: 'Save PNG' }).waitFor()
  }

  it('screens what was opened from outside, on its page whichever is shown', async () => {
    await page.goto(`${host.url.split('#')[0]!}#/models`)
    await page.waitForFunction(() => window.standIn.command !== null)
    await openScan()
    expect(page.url()).toContain('#/screen')
    expect(host.engine.asked.opened).toHaveLength(1)
  })

  it('lets what was opened from outside wait until the note of the first start was read', async () => {
    host.engine.settings = { ...host.engine.settings, acknowledged: false }
    await page.reload()
    await page.getByRole('button', { name: 'I understand' }).waitFor()
    expect(await page.evaluate(() => window.standIn.command)).toBeNull()
    await page.getByRole('button', { name: 'I understand' }).click()
    await page.waitForFunction(() => window.standIn.command !== null)
  })

  it('opens what the menu asks for: files by the system’s own dialog, and the list of keys, with those of the menu', async () => {
    await page.evaluate(() => (window.standIn.picked = ['/scans/clean-grey8']))
    await send({ name: 'menu', command: 'open-files' })
    await page.locator('[data-view="heatmap"] canvas').waitFor()
    await send({ name: 'menu', command: 'shortcuts' })
    const sheet = page.getByRole('dialog', { name: 'Keyboard and mouse' })
    await sheet.getByText('Ctrl + Shift + O').waitFor()
    expect(await sheet.getByText('Save: Picture (PNG)').isVisible()).toBe(true)
    await takeScreenshot(page, 'desktop-shortcuts')
  })

  it('says what is missing when a result is to be saved and none is open', async () => {
    await send({ name: 'menu', command: 'save-pdf' })
    await page.getByText('No scan is open').waitFor()
  })

  it('does not hand over what was let go before the file was ready, and takes the next click as one', async () => {
    await openScan()
    await page.evaluate(() => {
      const { prepareDrag } = window.assay!
      window.assay!.prepareDrag = async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 300))
        return prepareDrag(id)
      }
    })
    const save = page.getByRole('button', { name: 'Save PNG' })
    const { x, y } = (await save.boundingBox())!
    await page.mouse.move(x + 20, y + 10)
    await page.mouse.down()
    for (const step of [4, 8, 12]) await page.mouse.move(x + 20 + step, y + 10)
    await page.mouse.up()
    await page.getByText('not ready when you let go').waitFor()
    expect(await dragged()).toEqual([])
    await Promise.all([page.waitForEvent('download'), save.click()])
  })

  it('lets results be dragged out, as a button and from the menu, and saves them at a click as before', async () => {
    await openScan()
    const save = page.getByRole('button', { name: 'Save PNG' })
    const drag = async (from: { x: number; y: number; width: number; height: number }): Promise<void> => {
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      for (const step of [4, 12, 30, 60]) await page.mouse.move(from.x + from.width / 2 - step, from.y - step)
    }
    const expectDragged = async (count: number): Promise<void> => {
      await page.waitForFunction((wanted) => window.standIn.dragged.length === wanted, count)
      await page.mouse.up()
    }
    await drag((await save.boundingBox())!)
    await expectDragged(1)
    expect(await page.evaluate(() => window.standIn.prepared)).toEqual(await dragged())

    await page.getByRole('button', { name: 'Save as' }).click()
    const item = page.getByRole('menuitem', { name: /^PDF/ })
    await item.waitFor()
    await takeScreenshot(page, 'desktop-save-menu')
    await drag((await item.boundingBox())!)
    await expectDragged(2)
    expect(host.engine.asked.exported.map(({ format }) => format)).toEqual(['png', 'pdf'])
    await page.keyboard.press('Escape')

    const [download] = await Promise.all([page.waitForEvent('download'), save.click()])
    expect(download.suggestedFilename()).toMatch(/\.png$/)
    expect(await dragged()).toHaveLength(2)
  })
})
