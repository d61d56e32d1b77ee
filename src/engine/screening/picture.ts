/**
 * Pictures for saving: the scan through a window, the heat over it, and the sheet with all three views and a caption.
 */
import { heatPixels, plainHeat } from '../../shared/heat-colours'
import type { HeatLook } from '../../shared/heat-colours'
import { researchUseOnly } from '../../shared/notice'
import { upright as asInTheFile } from '../../shared/orientation'
import type { Orientation } from '../../shared/orientation'
import type { HeatmapScale, VoiWindow } from '../../shared/types'
import type { VoiTable } from '../image/decoded-image'
import { isPadding } from '../image/modality'
import { orientationNames, upright } from '../image/orientation'
import type { Orientation as TaggedOrientation } from '../image/orientation'
import { blit, charactersIn, createCanvas, drawText, lineHeight, scaled, wrapText } from './canvas'
import type { Canvas, Colour } from './canvas'
import type { Plane } from './planes'

/** Brightness from 0 to 1 of a modality value: through a window (DICOM PS3.3 C.11.2.1.3.2, linear exact) or a lookup table (C.11.2.1.1). */
function shareOf(value: number, { center, width }: VoiWindow, table: VoiTable | undefined): number {
  if (!table) return Math.min(1, Math.max(0, (value - center) / width + 0.5))
  const place = Math.min(table.values.length - 1, Math.max(0, Math.round(value) - table.first))
  return Math.min(1, table.values[place]! / (2 ** table.bits - 1))
}

/**
 * A scan or purified plane as a person sees it. Padding and values that are no number are black, whichever way grey runs.
 * @param window the plane's first when absent
 * @param table stands for the window; grey planes only
 */
export function renderPlane({ values, description }: Plane, window: VoiWindow | undefined, invert = false, table?: VoiTable): Canvas {
  const { width, height, samples, slope, intercept, padding } = description
  const through = window ?? description.windows[0]!
  const flipped = description.invert !== invert
  const level = (value: number): number => {
    const grey = Math.round(255 * shareOf(value * slope + intercept, through, samples === 1 ? table : undefined))
    return flipped ? 255 - grey : grey
  }
  const rgb = new Uint8Array(width * height * 3)
  if (samples === 3) {
    const levels = Uint8Array.from({ length: 256 }, (_, value) => level(value))
    for (let i = 0; i < rgb.length; i++) rgb[i] = levels[values[i]!]!
    return { width, height, rgb }
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value) || (padding && isPadding(value, padding))) continue
    rgb[i * 3] = rgb[i * 3 + 1] = rgb[i * 3 + 2] = level(value)
  }
  return { width, height, rgb }
}

/** Height of a pixel divided by its width, as the file has them. */
export const pixelAspect = ({ spacing, aspect }: Plane['description']): number => (spacing ? spacing.row / spacing.column : (aspect ?? 1))

/** The same once the picture is turned. */
export const turnedAspect = (description: Plane['description'], { quarterTurns }: Orientation = asInTheFile): number => pixelAspect(description) ** (quarterTurns % 2 === 0 ? 1 : -1)

/** Colours the heat over a picture: clear where nothing remarkable was removed, covering with `opacity` from twice `usual` on. */
export function overlayHeat(picture: Canvas, heatmap: Float32Array, scale: HeatmapScale, opacity: number, look?: HeatLook): Canvas {
  const rgb = picture.rgb.slice()
  const colours = heatPixels(heatmap, scale, 1, 0, look)
  for (let i = 0; i < heatmap.length; i++) {
    const alpha = (opacity * colours[i * 4 + 3]!) / 255
    if (alpha === 0) continue
    for (let k = 0; k < 3; k++) rgb[i * 3 + k] = Math.round((1 - alpha) * rgb[i * 3 + k]! + alpha * colours[i * 4 + k]!)
  }
  return { ...picture, rgb }
}

/** The names that orientation tags have for the viewer's: by quarter turns clockwise. */
const tagsOf = { plain: [1, 6, 3, 8], mirrored: [2, 7, 4, 5] } as const
const tagOf = ({ quarterTurns, mirrored }: Orientation): TaggedOrientation => tagsOf[mirrored ? 'mirrored' : 'plain'][quarterTurns]

/** The picture as it lies in the viewer. */
export function turnedPicture({ width, height, rgb }: Canvas, orientation: Orientation = asInTheFile): Canvas {
  const { pixels, ...size } = upright({ width, height, pixels: rgb }, 3, tagOf(orientation))
  return { ...size, rgb: pixels }
}

/** Opacities below are not seen. */
const faintest = 0.05
/** A picture without heat must not pass for one of a scan from which nothing was removed. */
const hiddenHeat = 'Heat hidden, as in the viewer: the third picture does not show what was removed.'

/** What a person must know who takes the picture for the file: how it was turned and coloured. Empty where it is as the file has it, in the usual colours. */
export function lookInWords(orientation: Orientation = asInTheFile, { threshold, colours }: HeatLook = plainHeat, opacity = 1): string[] {
  const turning = tagOf(orientation)
  const parts = [...(colours === 'heat' ? [] : [`in the colours "${colours}"`]), ...(threshold > 0 ? [`from ${Math.round(100 * threshold)} % of its scale on`] : [])]
  return [
    ...(turning === 1 ? [] : [`Pictures turned as in the viewer: ${orientationNames[turning]}.${orientation.mirrored ? ' Mirrored pictures show the patient the wrong way round.' : ''}`]),
    ...(opacity < faintest ? [hiddenHeat] : parts.length > 0 ? [`Heat shown ${parts.join(', ')}.`] : []),
  ]
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

/** Panels are enlarged in whole steps or reduced to about this many pixels on their longer side. */
const panelSide = 640

/**
 * Scan, purified scan and heat side by side, with a caption below. The three have the same size.
 * @param aspect of a pixel, height by width
 */
export function composeSheet(panels: readonly { title: string; picture: Canvas }[], text: SheetText, aspect = 1): Canvas {
  const { width, height } = panels[0]!.picture
  const [across, down] = [Math.max(1, 1 / aspect), Math.max(1, aspect)]
  const longer = Math.max(width * across, height * down)
  const factor = longer > panelSide ? panelSide / longer : Math.max(1, Math.floor(panelSide / 2 / longer))
  const pictures = panels.map(({ title, picture }) => ({ title, picture: scaled(picture, factor * across, factor * down) }))
  const panelWidth = Math.max(pictures[0]!.picture.width, 200)
  const sheetWidth = gap + pictures.length * (panelWidth + gap)
  const size = sheetWidth >= 900 ? 2 : 1
  const columns = charactersIn(sheetWidth - 2 * gap, size)
  const lines = [
    ...wrapText(text.headline, columns).map((line) => ({ line, colour: ink })),
    ...wrapText(text.fileName, columns).map((line) => ({ line, colour: ink })),
    ...text.lines.flatMap((line) => wrapText(line, columns)).map((line) => ({ line, colour: quiet })),
    ...wrapText(researchUseOnly, columns).map((line) => ({ line, colour: ink })),
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
