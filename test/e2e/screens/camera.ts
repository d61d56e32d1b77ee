/** Takes a picture of what the page shows: for people to judge in every colour and size, or the one that a guide prints. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { decode, encode } from 'fast-png'
import type { Page } from 'playwright-core'
import { settle } from '../support/page'

const root = resolve(import.meta.dirname, '../../..')
const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const
const themes = ['dark', 'light'] as const

export type Purpose = 'states' | 'guide'

/** The largest size in bytes of a picture in the guide. */
export const guideLimit = 200_000

export interface Camera {
  /** @param guide its name in the guide; left out there when absent */
  take(state: string, guide?: string): Promise<void>
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/**
 * The same picture with fewer shades in its scans, as many as keep it below the limit: their grain is what takes the room,
 * and nobody sees its lowest bits in a guide.
 */
function slim(png: Uint8Array, scans: readonly Box[]): Uint8Array {
  const { width, height, channels, data } = decode(png)
  for (const step of [1, 4, 8, 12, 16]) {
    const rgb = new Uint8Array(width * height * 3)
    for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + c]!
    for (const { x, y, width: across, height: down } of scans)
      for (let row = Math.max(0, Math.floor(y)); row < Math.min(height, y + down); row++)
        for (let k = (row * width + Math.max(0, Math.floor(x))) * 3; k < (row * width + Math.min(width, Math.ceil(x + across))) * 3; k++) rgb[k] = Math.min(255, Math.round(rgb[k]! / step) * step)
    const bytes = encode({ width, height, channels: 3, data: rgb }, { zlib: { level: 9 } })
    if (bytes.byteLength < guideLimit) return bytes
  }
  throw new Error('This picture does not fit into the guide.')
}

const scansOn = (page: Page): Promise<Box[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas')].flatMap((canvas) => {
      const { x, y, width, height } = canvas.getBoundingClientRect()
      return canvas.checkVisibility() ? [{ x, y, width, height }] : []
    }),
  )

export function cameraOf(page: Page, purpose: Purpose): Camera {
  const folder = join(root, purpose === 'guide' ? 'docs/guide' : 'test-results/pages')
  mkdirSync(folder, { recursive: true })
  return {
    async take(state, guide) {
      if (purpose === 'guide') {
        if (!guide) return
        await settle(page)
        writeFileSync(join(folder, `${guide}.png`), slim(await page.screenshot({ animations: 'disabled' }), await scansOn(page)))
        return
      }
      for (const size of sizes)
        for (const theme of themes) {
          await page.setViewportSize(size)
          await page.evaluate((wanted) => (document.documentElement.dataset['theme'] = wanted), theme)
          await settle(page)
          await page.screenshot({ path: join(folder, `${state}-${theme}-${size.width}.png`), animations: 'disabled' })
        }
      await page.setViewportSize(sizes[0])
      await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'))
    },
  }
}
