/**
 * How much was removed, as colour with an alpha channel: the house's heat colours or another map, let through where
 * nothing remarkable was removed. The viewer and the saved pictures take their colours from here.
 */
import { z } from 'zod'
import { heatColormap } from './heat-colormap'
import { heatOpacity } from './heat-opacity'
import type { HeatmapScale } from './types'

export const heatColourNames = ['heat', 'viridis', 'red'] as const
export type HeatColours = (typeof heatColourNames)[number]

/** How the person wants the heat to be seen. */
export const heatLookSchema = z.object({
  /** Nothing below this share of the scale is coloured; 0 leaves it to the scale. */
  threshold: z.number().min(0).max(1),
  colours: z.enum(heatColourNames),
})
export type HeatLook = z.infer<typeof heatLookSchema>
export const plainHeat: HeatLook = { threshold: 0, colours: 'heat' }

/** Control points of viridis (Smith and van der Walt, CC0), at equal distances. */
const viridis = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const
/** One hue, for whoever wants to see how much and not be distracted. */
const red = [
  [60, 0, 0],
  [255, 70, 60],
] as const

function between(points: readonly (readonly [number, number, number])[], share: number): [number, number, number] {
  const position = share * (points.length - 1)
  const from = Math.min(Math.floor(position), points.length - 2)
  const [a, b] = [points[from]!, points[from + 1]!]
  const mixed = (k: 0 | 1 | 2): number => Math.round(a[k] + (b[k] - a[k]) * (position - from))
  return [mixed(0), mixed(1), mixed(2)]
}

export type Rgba = readonly [red: number, green: number, blue: number, alpha: number]

/** Colour of `share` (of full range); beyond `hot` the hot end. */
export function heatColour(share: number, scale: HeatmapScale, { threshold, colours }: HeatLook = plainHeat): Rgba {
  const place = Math.min(1, Math.max(0, share / scale.hot)) || 0
  const opacity = place < threshold ? 0 : Math.round(heatOpacity(share, scale) * 255)
  if (colours !== 'heat') return [...between(colours === 'viridis' ? viridis : red, place), opacity]
  const entry = 3 * Math.round(255 * place)
  return [heatColormap[entry]!, heatColormap[entry + 1]!, heatColormap[entry + 2]!, opacity]
}

/** A multiple of the steps of the bar, so that both show the same colours. */
const levels = 1000

/** RGBA, four bytes a pixel, of stored values that `slope` and `intercept` make shares of the full range. */
export function heatPixels(shares: ArrayLike<number>, scale: HeatmapScale, slope = 1, intercept = 0, look: HeatLook = plainHeat): Uint8ClampedArray<ArrayBuffer> {
  // Four bytes at a time: a scan has millions of pixels. Both views are of this machine's byte order, so it cancels out.
  const table = new Uint32Array(levels + 1)
  const tableBytes = new Uint8ClampedArray(table.buffer)
  for (let i = 0; i <= levels; i++) tableBytes.set(heatColour((i / levels) * scale.hot, scale, look), i * 4)
  const out = new Uint32Array(shares.length)
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i]! * slope + intercept
    out[i] = table[Math.min(levels, Math.max(0, Math.round((share / scale.hot) * levels) || 0))]!
  }
  return new Uint8ClampedArray(out.buffer)
}
