/**
 * How much was removed, as colour with an alpha channel: the house's heat colours, let through where nothing remarkable
 * was removed. cornerstone-core's own maps have an opaque zero, which would darken the whole scan.
 */
import { heatColormap } from '../../shared/heat-colormap'
import { heatOpacity } from '../../shared/heat-opacity'
import type { HeatmapScale } from '../../shared/types'

export type Rgba = readonly [red: number, green: number, blue: number, alpha: number]

/** Colour of `share` (of full range); beyond `hot` the hot end. */
export function heatColour(share: number, scale: HeatmapScale): Rgba {
  const entry = 3 * Math.round(255 * Math.min(1, Math.max(0, share / scale.hot)))
  return [heatColormap[entry]!, heatColormap[entry + 1]!, heatColormap[entry + 2]!, Math.round(heatOpacity(share, scale) * 255)]
}

/** A multiple of the steps of the bar, so that both show the same colours. */
const levels = 1000

/** RGBA, four bytes a pixel, of stored values that `slope` and `intercept` make shares of the full range. */
export function heatPixels(shares: ArrayLike<number>, scale: HeatmapScale, slope = 1, intercept = 0): Uint8ClampedArray<ArrayBuffer> {
  // Four bytes at a time: a scan has millions of pixels. Both views are of this machine's byte order, so it cancels out.
  const table = new Uint32Array(levels + 1)
  const tableBytes = new Uint8ClampedArray(table.buffer)
  for (let i = 0; i <= levels; i++) tableBytes.set(heatColour((i / levels) * scale.hot, scale), i * 4)
  const out = new Uint32Array(shares.length)
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i]! * slope + intercept
    out[i] = table[Math.min(levels, Math.max(0, Math.round((share / scale.hot) * levels) || 0))]!
  }
  return new Uint8ClampedArray(out.buffer)
}

/** The same colours as a CSS gradient, cold to hot. */
export function heatGradient(scale: HeatmapScale, direction = 'to right'): string {
  const stops = Array.from({ length: 21 }, (_, i) => {
    const [r, g, b, a] = heatColour((i / 20) * scale.hot, scale)
    return `rgb(${r} ${g} ${b} / ${(a / 255).toFixed(3)}) ${i * 5}%`
  })
  return `linear-gradient(${direction}, ${stops.join(', ')})`
}
