/**
 * The desktop application with the real Electron, where its binary is installed and a window can open; elsewhere the
 * run says that it was skipped.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron as electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronBinary, whyNoWindow } from '../../scripts/electron-binary.mjs'

const root = resolve(import.meta.dirname, '../..')
const binary = electronBinary()
const reason = binary === null ? "Electron's binary is not installed" : whyNoWindow()
if (reason !== null) console.log(`SKIPPED: the desktop application, because ${reason}`)

/** Kept by the test in Electron's main process. */
declare const globalThis: { boxes: string[]; dragged: string[] }

describe.skipIf(reason !== null)('the desktop application', () => {
  const data = mkdtempSync(join(tmpdir(), 'assay-electron-'))
  const env = { ...process.env, ASSAY_DATA: data } as Record<string, string>
  let app: ElectronApplication
  let page: Page

  beforeAll(async () => {
    app = await electron.launch({ executablePath: binary!, args: [root], env })
    page = await app.firstWindow()
    // Message boxes wait for a person.
    await app.evaluate(({ dialog }) => {
      globalThis.boxes = []
      dialog.showMessageBox = (async (...args: unknown[]) => {
        globalThis.boxes.push((args.at(-1) as { message: string }).message)
        return { response: 0, checkboxChecked: false }
      }) as typeof dialog.showMessageBox
    })
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  it('opens its window and talks to its engine', async () => {
    await expect.poll(() => page.title()).toMatch(/Assay$/)
    expect(page.url()).toMatch(/^app:\/\/assay\//)
    const reply = await page.evaluate(() => window.assay!.call('app.info', {}))
    expect(reply).toMatchObject({ ok: true, output: { version: '0.1.0', dataFolder: data } })
    await page.getByRole('button', { name: 'I understand' }).click()
  })

  it('gives its page nothing of Node, no network, no other window and no permission, and keeps it where it is', async () => {
    expect(await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in window))).toEqual([])
    expect(await page.evaluate(() => fetch('https://example.com/').then(() => 'fetched', () => 'refused'))).toBe('refused')
    expect(await page.evaluate(() => window.open('https://example.com/'))).toBeNull()
    expect(await page.evaluate(() => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'granted', () => 'refused'))).toBe('refused')
    expect(
      await page.evaluate(() => {
        try {
          return String(new Function('return 1')())
        } catch {
          return 'refused'
        }
      }),
    ).toBe('refused')
    const before = page.url()
    await page.evaluate(() => void (window.location.href = 'https://example.com/'))
    await new Promise((done) => setTimeout(done, 500))
    expect(page.url()).toBe(before)
    expect(app.windows()).toHaveLength(1)
  })

  it('has its menu', async () => {
    const labels = await app.evaluate(({ Menu }) => Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items.map(({ label }) => label) ?? []))
    expect(labels).toEqual(expect.arrayContaining(['Open Files…', 'Open Folder…', 'Open Recent', 'Save Result As', 'Keyboard and Mouse', 'Open Data Folder']))
  })

  it('screens what a second start is given, and remembers it', async () => {
    const scan = join(root, 'resources', 'samples', 'attacked-normal.png')
    const second = spawn(binary!, [...(process.platform === 'linux' ? ['--no-sandbox'] : []), root, scan], { env, stdio: 'ignore' })
    expect(await new Promise((done) => second.on('exit', done))).toBe(0)
    await page.getByRole('heading', { name: 'attacked-normal.png' }).waitFor({ timeout: 60_000 })
    await page.locator('[data-view="heatmap"] canvas').waitFor({ timeout: 60_000 })
    expect(app.windows()).toHaveLength(1)
  })

  it('hands a result to the system’s dragging as a file', async () => {
    await app.evaluate(({ BrowserWindow }) => {
      globalThis.dragged = []
      BrowserWindow.getAllWindows()[0]!.webContents.startDrag = ({ file }) => void globalThis.dragged.push(file!)
    })
    const save = (await page.getByRole('button', { name: 'Save PNG' }).boundingBox())!
    await page.mouse.move(save.x + 20, save.y + 10)
    await page.mouse.down()
    for (const step of [4, 8, 16, 32]) await page.mouse.move(save.x + 20 + step, save.y + 10)
    const files = () => app.evaluate(() => globalThis.dragged)
    await expect.poll(files, { timeout: 20_000 }).toHaveLength(1)
    await page.mouse.up()
    const [file] = await files()
    expect(readFileSync(file!).subarray(1, 4).toString()).toBe('PNG')
  })

  it('says so when its engine dies, and has another one at once', async () => {
    const pid = await app.evaluate(({ app: each }) => each.getAppMetrics().find(({ name, serviceName }) => name === 'Assay engine' || serviceName === 'Assay engine')?.pid)
    expect(pid).toBeDefined()
    process.kill(pid!, 'SIGKILL')
    await expect.poll(() => app.evaluate(() => globalThis.boxes)).toContain('The engine stopped.')
    expect(await page.evaluate(() => window.assay!.call('app.info', {}))).toMatchObject({ ok: true })
  })

  it('keeps the place of its window', async () => {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setBounds({ x: 60, y: 50, width: 1100, height: 700 }))
    const kept = join(data, 'desktop', 'window.json')
    await expect.poll(() => existsSync(kept) && JSON.parse(readFileSync(kept, 'utf8')).bounds.width).toBe(1100)
  })
})
