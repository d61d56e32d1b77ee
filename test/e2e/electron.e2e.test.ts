/**
 * The desktop application with the real Electron, where its binary is installed and a window can open; elsewhere the
 * run says that it was skipped.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron as electron } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { electronBinary, whyNoWindow } from '../../scripts/electron-binary.mjs'

const binary = electronBinary()
const reason = binary === null ? "Electron's binary is not installed" : whyNoWindow()
if (reason !== null) console.log(`SKIPPED: the desktop application, because ${reason}`)

describe.skipIf(reason !== null)('the desktop application', () => {
  it('opens its window, talks to its engine, and closes', async () => {
    const data = mkdtempSync(join(tmpdir(), 'assay-electron-'))
    const env = { ...process.env, ASSAY_DATA: data } as Record<string, string>
    const app = await electron.launch({ executablePath: binary!, args: [resolve(import.meta.dirname, '../..')], env })
    try {
      const page = await app.firstWindow()
      expect(await page.title()).toBe('Assay')
      const reply = await page.evaluate(() => window.assay!.call('app.info', {}))
      expect(reply).toMatchObject({ ok: true, output: { version: '0.1.0', dataFolder: data } })
      expect(await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis))).toEqual([])
    } finally {
      await app.close()
      rmSync(data, { recursive: true, force: true })
    }
  })
})
