/**
 * Random views of training images: mirrored, turned, scaled and shifted a little, with brightness and contrast varied.
 * Every view depends on the seed, the epoch and the image's number alone, so that a resumed run sees the same ones.
 */
import type { Random } from '../tensor/random'

export interface Augmentation {
  mirror: boolean
  /** Largest turn, degrees. */
  rotation: number
  /** Largest change of scale, shift (share of the image's side), contrast and brightness. */
  scale: number
  shift: number
  contrast: number
  brightness: number
}

export const defaultAugmentation: Augmentation = { mirror: true, rotation: 8, scale: 0.1, shift: 0.05, contrast: 0.2, brightness: 0.1 }

export interface ImageSize {
  channels: number
  height: number
  width: number
}

/** Writes a random view of `source` [C, H, W] to `out`. What lies outside the image is 0. */
export function augment(source: Float32Array, out: Float32Array, size: ImageSize, random: Random, a: Augmentation = defaultAugmentation): void {
  const { channels, height, width } = size
  const angle = (random.uniform(-a.rotation, a.rotation) * Math.PI) / 180
  const zoom = 1 + random.uniform(-a.scale, a.scale)
  const mirror = a.mirror && random.next() < 0.5 ? -1 : 1
  const [shiftX, shiftY] = [random.uniform(-a.shift, a.shift) * width, random.uniform(-a.shift, a.shift) * height]
  const contrast = 1 + random.uniform(-a.contrast, a.contrast)
  const brightness = random.uniform(-a.brightness, a.brightness)
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom]
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2]
  const plane = width * height

  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - centerX, y - centerY]
      const fromX = mirror * (cos * dx - sin * dy) + centerX + shiftX
      const fromY = sin * dx + cos * dy + centerY + shiftY
      const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)]
      const [fx, fy] = [fromX - x0, fromY - y0]
      for (let c = 0; c < channels; c++) {
        const at = (px: number, py: number) => (px < 0 || py < 0 || px >= width || py >= height ? 0 : source[c * plane + py * width + px]!)
        out[c * plane + y * width + x] =
          (at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx) * (1 - fy) + (at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx) * fy
      }
    }
  const values = out.subarray(0, channels * plane)
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  for (let i = 0; i < values.length; i++) values[i] = Math.min(1, Math.max(0, (values[i]! - mean) * contrast + mean + brightness))
}
