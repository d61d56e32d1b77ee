/**
 * How much was removed, as colour. The hues are matplotlib's "inferno" (CC0), readable with colour-blind eyes and in grey;
 * the alpha ramp lets the scan through where nothing remarkable was removed: cornerstone-core's own maps have an opaque
 * zero, which would darken the whole scan.
 */
import type { HeatmapScale } from '../../shared/types'

export type Rgba = readonly [red: number, green: number, blue: number, alpha: number]

/** Inferno at 0.0, 0.1 … 1.0. */
const inferno = [
  [0, 0, 4],
  [22, 11, 57],
  [66, 10, 104],
  [106, 23, 110],
  [147, 38, 103],
  [188, 55, 84],
  [221, 81, 58],
  [243, 120, 25],
  [252, 165, 10],
  [246, 215, 70],
  [252, 255, 164],
] as const

function hue(t: number): readonly [number, number, number] {
  // The darkest third says nothing over a dark scan, so the map starts at its purple.
  const at = (0.25 + 0.75 * Math.min(1, Math.max(0, t))) * (inferno.length - 1)
  const i = Math.min(inferno.length - 2, Math.floor(at))
  const f = at - i
  const [a, b] = [inferno[i]!, inferno[i + 1]!]
  return [0, 1, 2].map((c) => Math.round(a[c]! + (b[c]! - a[c]!) * f)) as unknown as [number, number, number]
}

const smoothstep = (t: number): number => t * t * (3 - 2 * t)

/** Colour of `share` (of full range): clear up to half of `usual`, faint at `usual`, solid at twice `usual` or at `hot`. */
export function heatColour(share: number, { hot, usual }: HeatmapScale): Rgba {
  const solidAt = Math.min(hot, Math.max(usual * 2, hot * 0.2))
  const clearTo = Math.min(usual / 2, solidAt / 2)
  const alpha = smoothstep(Math.min(1, Math.max(0, (share - clearTo) / (solidAt - clearTo))))
  return [...hue(share / hot), Math.round(alpha * 255)]
}

/** A multiple of the steps of the bar, so that both show the same colours. */
const levels = 1000

/** RGBA, four bytes a pixel, of a plane of shares; `valueOf` undoes a plane's slope and intercept. */
export function heatPixels(shares: ArrayLike<number>, scale: HeatmapScale, slope = 1, intercept = 0): Uint8ClampedArray<ArrayBuffer> {
  const table = Array.from({ length: levels + 1 }, (_, i) => heatColour((i / levels) * scale.hot, scale))
  const out = new Uint8ClampedArray(shares.length * 4)
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i]! * slope + intercept
    const entry = table[Math.min(levels, Math.max(0, Math.round((share / scale.hot) * levels) || 0))]!
    out.set(entry, i * 4)
  }
  return out
}

/** The same colours as a CSS gradient, cold to hot. */
export function heatGradient(scale: HeatmapScale, direction = 'to right'): string {
  const stops = Array.from({ length: 21 }, (_, i) => {
    const [r, g, b, a] = heatColour((i / 20) * scale.hot, scale)
    return `rgb(${r} ${g} ${b} / ${(a / 255).toFixed(3)}) ${i * 5}%`
  })
  return `linear-gradient(${direction}, ${stops.join(', ')})`
}
