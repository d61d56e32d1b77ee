/**
 * Pictures for saving: the scan through a window, the heat over it, and the sheet with all three views and a caption.
 */
import { heatOpacity } from '../../shared/heat-opacity'
import type { HeatmapScale, VoiWindow } from '../../shared/types'
import { applyColormap } from '../image/colormap'
import { isPadding } from '../image/modality'
import { blit, charactersIn, createCanvas, drawText, lineHeight, scaled, wrapText } from './canvas'
import type { Canvas, Colour } from './canvas'
import type { Plane } from './planes'

/**
 * A scan or purified plane as a person sees it: grey through a window (DICOM PS3.3 C.11.2.1.3.2, linear exact), colour as it
 * is. Padding and values that are no number are black, whichever way grey runs.
 */
export function renderPlane({ values, description }: Plane, window: VoiWindow | undefined, invert = false): Canvas {
  const { width, height, samples, slope, intercept, padding } = description
  if (samples === 3) return { width, height, rgb: invert ? Uint8Array.from(values, (v) => 255 - v) : Uint8Array.from(values) }
  const { center, width: span } = window ?? description.windows[0]!
  const flipped = description.invert !== invert
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value) || (padding && isPadding(value, padding))) continue
    const share = Math.min(1, Math.max(0, (value * slope + intercept - center) / span + 0.5))
    rgb[i * 3] = rgb[i * 3 + 1] = rgb[i * 3 + 2] = Math.round(255 * (flipped ? 1 - share : share))
  }
  return { width, height, rgb }
}

/** Colours the heat over a picture: clear where nothing remarkable was removed, covering with `opacity` from twice `usual` on. */
export function overlayHeat(picture: Canvas, heatmap: Float32Array, scale: HeatmapScale, opacity: number): Canvas {
  const rgb = picture.rgb.slice()
  const colours = applyColormap(heatmap, scale.hot)
  for (let i = 0; i < heatmap.length; i++) {
    const alpha = opacity * heatOpacity(heatmap[i]!, scale)
    if (alpha === 0) continue
    for (let k = i * 3; k < i * 3 + 3; k++) rgb[k] = Math.round((1 - alpha) * rgb[k]! + alpha * colours[k]!)
  }
  return { ...picture, rgb }
}

const background: Colour = [16, 18, 22]
const ink: Colour = [232, 234, 238]
const quiet: Colour = [150, 156, 166]
const gap = 8

export interface SheetText {
  fileName: string
  headline: string
  /** Further lines, most important first. */
  lines: string[]
}

export const disclaimer = 'Research use only. Not for diagnosis.'

/** Panels are enlarged in whole steps or reduced to about this many pixels on their longer side. */
const panelSide = 640

/** Scan, purified scan and heat side by side, with a caption below. The three have the same size. */
export function composeSheet(panels: readonly { title: string; picture: Canvas }[], text: SheetText): Canvas {
  const { width, height } = panels[0]!.picture
  const factor = Math.max(width, height) > panelSide ? panelSide / Math.max(width, height) : Math.max(1, Math.floor(panelSide / 2 / Math.max(width, height)))
  const pictures = panels.map(({ title, picture }) => ({ title, picture: scaled(picture, factor) }))
  const panelWidth = Math.max(pictures[0]!.picture.width, 200)
  const sheetWidth = gap + pictures.length * (panelWidth + gap)
  const size = sheetWidth >= 900 ? 2 : 1
  const columns = charactersIn(sheetWidth - 2 * gap, size)
  const lines = [
    ...wrapText(text.headline, columns).map((line) => ({ line, colour: ink })),
    ...wrapText(text.fileName, columns).map((line) => ({ line, colour: ink })),
    ...text.lines.flatMap((line) => wrapText(line, columns)).map((line) => ({ line, colour: quiet })),
    ...wrapText(disclaimer, columns).map((line) => ({ line, colour: ink })),
  ]
  const panelTop = gap + lineHeight(size)
  const captionTop = panelTop + pictures[0]!.picture.height + gap
  const sheet = createCanvas(sheetWidth, captionTop + lines.length * lineHeight(size) + gap, background)
  pictures.forEach(({ title, picture }, i) => {
    const left = gap + i * (panelWidth + gap)
    drawText(sheet, title.slice(0, charactersIn(panelWidth, size)), left, gap, size, quiet)
    blit(sheet, picture, left, panelTop)
  })
  lines.forEach(({ line, colour }, i) => drawText(sheet, line, gap, captionTop + i * lineHeight(size), size, colour))
  return sheet
}
