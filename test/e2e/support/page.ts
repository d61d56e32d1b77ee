/** What the tests do on the Screen page and read from its canvases. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'

const screens = resolve(import.meta.dirname, '../../../test-results/screens')

/** A screenshot for people, under test-results/screens. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true })
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
  await page.screenshot({ path: join(screens, `${name}-${width}x${height}.png`) })
}

/** Errors that the page logged or threw; a test ends by expecting none. */
export function collectProblems(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) problems.push(`logged: ${message.text()}`)
  })
  return problems
}

/** The note of the first start; an engine that was told before does not show it again. */
export async function acknowledgeNote(page: Page): Promise<void> {
  await page.locator('main[data-page]').first().waitFor({ state: 'attached' })
  const understand = page.getByRole('button', { name: 'I understand' })
  if (await understand.isVisible()) await understand.click()
}

export type ViewName = 'scan' | 'purified' | 'heatmap'

export interface ViewPixels {
  width: number
  height: number
  /** RGB triples of the canvas, row by row, alpha left out. */
  rgb: number[]
}

/** The pixels of a view's canvas, thinned out to about `side` × `side`. */
export function viewPixels(page: Page, view: ViewName, side = 96): Promise<ViewPixels> {
  return page.evaluate(
    ([name, most]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-view="${name}"] canvas`)
      if (!canvas) throw new Error(`no canvas in view ${name}`)
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      const [stepX, stepY] = [Math.max(1, Math.floor(canvas.width / most)), Math.max(1, Math.floor(canvas.height / most))]
      const rgb: number[] = []
      let rows = 0
      for (let y = 0; y < canvas.height; y += stepY, rows++)
        for (let x = 0; x < canvas.width; x += stepX) {
          const i = (y * canvas.width + x) * 4
          rgb.push(data[i]!, data[i + 1]!, data[i + 2]!)
        }
      return { width: rgb.length / 3 / rows, height: rows, rgb }
    },
    [view, side] as const,
  )
}

/** Red values along the middle row of a view at these shares of its width. */
export function middleRow(page: Page, view: ViewName, shares: readonly number[]): Promise<number[]> {
  return page.evaluate(
    ([name, at]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-view="${name}"] canvas`)!
      const { data } = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1)
      return at.map((share) => data[Math.min(canvas.width - 1, Math.floor(share * canvas.width)) * 4]!)
    },
    [view, shares] as const,
  )
}

/** Mean of all channels, 0 to 255. */
export const brightness = ({ rgb }: ViewPixels): number => rgb.reduce((sum, value) => sum + value, 0) / rgb.length

/** Number of different colours: 1 for a blank canvas. */
export function distinctColours({ rgb }: ViewPixels): number {
  const seen = new Set<number>()
  for (let i = 0; i < rgb.length; i += 3) seen.add((rgb[i]! << 16) | (rgb[i + 1]! << 8) | rgb[i + 2]!)
  return seen.size
}

/** Mean absolute difference of two views of the same size, 0 to 255. */
export function difference(a: ViewPixels, b: ViewPixels): number {
  if (a.rgb.length !== b.rgb.length) throw new Error('the views differ in size')
  return a.rgb.reduce((sum, value, i) => sum + Math.abs(value - b.rgb[i]!), 0) / a.rgb.length
}

/** How colourful a view is: mean distance between its largest and smallest channel; 0 for grey. The heat map's measure. */
export function colourfulness({ rgb }: ViewPixels): number {
  let sum = 0
  for (let i = 0; i < rgb.length; i += 3) sum += Math.max(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!) - Math.min(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!)
  return sum / (rgb.length / 3)
}

/** Drags on a view from its middle by (dx, dy) CSS pixels. */
export async function drag(page: Page, view: ViewName, dx: number, dy: number, button: 'left' | 'middle' | 'right' = 'left'): Promise<void> {
  const box = await page.locator(`[data-view="${view}"]`).boundingBox()
  if (!box) throw new Error(`view ${view} is not visible`)
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down({ button })
  await page.mouse.move(x + dx, y + dy, { steps: 5 })
  await page.mouse.up({ button })
  await settle(page)
}

/** Two frames: cornerstone draws on the next one. */
export const settle = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))
