/**
 * Random views of training images: mirrored, turned, scaled and shifted, with brightness, contrast and, in colour, the
 * balance of the channels varied.
 * Every view depends on the seed, the epoch and the image's number alone, so that a resumed run sees the same ones.
 */
import type { Random } from '../tensor/random'

export interface Augmentation {
  mirror: boolean
  /** Also upside down, and turned by any angle: for images that have no upright. */
  anyOrientation: boolean
  /** Largest turn, degrees; without meaning where the orientation is any. */
  rotation: number
  /** Largest change of scale, shift (share of the image's side), contrast and brightness. */
  scale: number
  shift: number
  contrast: number
  brightness: number
  /** Largest change of one channel against the others, as a factor; colour images only. */
  tint: number
}

export type AugmentationName = 'none' | 'light' | 'standard' | 'strong'

const still: Augmentation = { mirror: false, anyOrientation: false, rotation: 0, scale: 0, shift: 0, contrast: 0, brightness: 0, tint: 0 }

export const augmentations: Readonly<Record<AugmentationName, Augmentation>> = {
  none: still,
  light: { ...still, mirror: true, rotation: 4, scale: 0.05, shift: 0.03, contrast: 0.1, brightness: 0.05, tint: 0.03 },
  standard: { ...still, mirror: true, rotation: 8, scale: 0.1, shift: 0.05, contrast: 0.2, brightness: 0.1, tint: 0.06 },
  strong: { ...still, mirror: true, rotation: 15, scale: 0.25, shift: 0.1, contrast: 0.25, brightness: 0.1, tint: 0.06 },
}

export interface ImageSize {
  channels: number
  height: number
  width: number
}

/** Writes a random view of `source` [C, H, W] to `out`. What lies outside the image is 0. */
export function augment(source: Float32Array, out: Float32Array, size: ImageSize, random: Random, a: Augmentation = augmentations.standard): void {
  const { channels, height, width } = size
  const turn = a.anyOrientation ? 180 : a.rotation
  const angle = (random.uniform(-turn, turn) * Math.PI) / 180
  const zoom = 1 + random.uniform(-a.scale, a.scale)
  const mirror = a.mirror && random.next() < 0.5 ? -1 : 1
  const [shiftX, shiftY] = [random.uniform(-a.shift, a.shift) * width, random.uniform(-a.shift, a.shift) * height]
  const contrast = 1 + random.uniform(-a.contrast, a.contrast)
  const brightness = random.uniform(-a.brightness, a.brightness)
  const tints = Array.from({ length: channels }, () => (channels === 1 ? 1 : 1 + random.uniform(-a.tint, a.tint)))
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom]
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2]
  const plane = width * height
  /** One pixel of one channel, 0 outside. */
  const at = (base: number, px: number, py: number): number => (px < 0 || py < 0 || px >= width || py >= height ? 0 : source[base + py * width + px]!)

  // While a step's images are made the network waits: no arrays for pairs, and edges are asked for only near them.
  for (let y = 0; y < height; y++) {
    const dy = y - centerY
    for (let x = 0; x < width; x++) {
      const dx = x - centerX
      const fromX = mirror * (cos * dx - sin * dy) + centerX + shiftX
      const fromY = sin * dx + cos * dy + centerY + shiftY
      const x0 = Math.floor(fromX)
      const y0 = Math.floor(fromY)
      const fx = fromX - x0
      const fy = fromY - y0
      const inside = x0 >= 0 && y0 >= 0 && x0 + 1 < width && y0 + 1 < height
      for (let c = 0; c < channels; c++) {
        const base = c * plane
        const i = base + y0 * width + x0
        const topLeft = inside ? source[i]! : at(base, x0, y0)
        const topRight = inside ? source[i + 1]! : at(base, x0 + 1, y0)
        const bottomLeft = inside ? source[i + width]! : at(base, x0, y0 + 1)
        const bottomRight = inside ? source[i + width + 1]! : at(base, x0 + 1, y0 + 1)
        out[base + y * width + x] = (topLeft * (1 - fx) + topRight * fx) * (1 - fy) + (bottomLeft * (1 - fx) + bottomRight * fx) * fy
      }
    }
  }
  for (let c = 0; c < channels; c++) if (tints[c] !== 1) for (let i = c * plane; i < (c + 1) * plane; i++) out[i]! *= tints[c]!
  const count = channels * plane
  let sum = 0
  for (let i = 0; i < count; i++) sum += out[i]!
  const mean = sum / count
  for (let i = 0; i < count; i++) out[i] = Math.min(1, Math.max(0, (out[i]! - mean) * contrast + mean + brightness))
}
