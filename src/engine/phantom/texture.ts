/**
 * Smooth random texture that belongs to a place in the body, not to a pixel: the same at every resolution.
 */
import type { Random } from '../tensor/random'

/** Value noise in several octaves over [-1.6, 1.6]², about −1 to 1. */
export function makeTexture(random: Random, cells: number, octaves: number): (x: number, y: number) => number {
  const layers = Array.from({ length: octaves }, (_, octave) => {
    const size = cells * 2 ** octave
    return { size, values: Float32Array.from({ length: (size + 2) ** 2 }, () => random.uniform(-1, 1)), weight: 0.55 ** octave }
  })
  const total = layers.reduce((sum, layer) => sum + layer.weight, 0)
  return (x, y) => {
    let sum = 0
    for (const { size, values, weight } of layers) {
      const u = Math.min(size, Math.max(0, ((x + 1.6) / 3.2) * size))
      const v = Math.min(size, Math.max(0, ((y + 1.6) / 3.2) * size))
      const i = Math.floor(u)
      const j = Math.floor(v)
      const fu = fade(u - i)
      const fv = fade(v - j)
      const at = j * (size + 2) + i
      const top = values[at]! + (values[at + 1]! - values[at]!) * fu
      const bottom = values[at + size + 2]! + (values[at + size + 3]! - values[at + size + 2]!) * fu
      sum += weight * (top + (bottom - top) * fv)
    }
    return sum / total
  }
}

const fade = (t: number): number => t * t * (3 - 2 * t)
