/**
 * Pixels to screen colours, by one table with an entry per value. cornerstone-core could do the plain case, but its own
 * lookup tables guess the bits from the largest entry, so that a table that ends below full white comes out wrong or
 * black, and it knows no padding.
 */
import type { PixelPlane } from '../../shared/types'
import type { DisplayPixels } from './quantise'
import { displayed, throughTable } from './window-level'
import type { VoiTable, Window } from './window-level'

export interface Look {
  window: Window
  /** Stands for the window where it is set; grey planes only. */
  table: VoiTable | null
  /** Small values bright. */
  invert: boolean
}

const black = 0xff000000

/** One grey level per value of the display pixels, from `display.min` on. */
function greyLevels(display: DisplayPixels, { window, table, invert }: Look): Uint8Array {
  const levels = new Uint8Array(display.max - display.min + 1)
  for (let i = 0; i < levels.length; i++) {
    const value = (display.min + i) * display.slope + display.intercept
    levels[i] = table ? throughTable(value, table, invert) : displayed(value, window, invert)
  }
  return levels
}

/** The screen colour of each value of a grey plane, padding black whichever way grey runs. */
export function greyTable(display: DisplayPixels, look: Look): Uint32Array {
  const colours = Uint32Array.from(greyLevels(display, look), (level) => black | (level * 0x010101))
  const { padding } = display
  if (padding) colours.fill(black, padding.low - display.min, padding.high - display.min + 1)
  return colours
}

/**
 * @param out one 32-bit pixel (alpha, blue, green, red from the top) per pixel of the plane, as canvases of little-endian
 * machines have them in memory
 */
export function paintPlane(plane: Pick<PixelPlane, 'samples'>, display: DisplayPixels, look: Look, out: Uint32Array): void {
  const { data, min } = display
  if (plane.samples === 1) {
    const colours = greyTable(display, look)
    for (let i = 0; i < out.length; i++) out[i] = colours[data[i]! - min]!
    return
  }
  const levels = greyLevels(display, { ...look, table: null })
  for (let i = 0, at = 0; i < out.length; i++, at += 3) out[i] = black | (levels[data[at + 2]! - min]! << 16) | (levels[data[at + 1]! - min]! << 8) | levels[data[at]! - min]!
}
