/**
 * Values to heat colours.
 */
import { heatColormap } from '../../shared/heat-colormap'

export { heatColormap }

/** Values from 0 to `hot` as interleaved RGB; beyond either end the end's colour. */
export function applyColormap(values: Float32Array, hot: number): Uint8Array {
  const rgb = new Uint8Array(values.length * 3)
  for (let i = 0; i < values.length; i++) {
    const index = 3 * Math.round(255 * (Math.min(1, Math.max(0, values[i]! / hot)) || 0))
    rgb[i * 3] = heatColormap[index]!
    rgb[i * 3 + 1] = heatColormap[index + 1]!
    rgb[i * 3 + 2] = heatColormap[index + 2]!
  }
  return rgb
}
