/**
 * How a picture looks from afar: what is kept of it to find it again among thousands, some 4 KiB each.
 *
 * Two questions are asked of two pictures. The difference hash (D. Ruppert's dHash: is each pixel brighter than its left
 * neighbour, on 17 × 16 pixels) says fast which could be the same. Medical images of one kind are all alike from so far, so
 * that the detail, what a blur of 64 × 64 pixels leaves, then has the last word (`alike.ts`).
 */
import { resize } from '../image/resample'

/** Width and height of what is looked at. */
export const lookSize = 64
const hashWidth = 16
const hashHeight = 16
export const hashWords = (hashWidth * hashHeight) / 32

export interface Look {
  /** 256 bits, row by row. */
  hash: Uint32Array
  /** The same of the picture as a mirror shows it. */
  mirroredHash: Uint32Array
  /** [lookSize, lookSize]: detail, clipped at two standard deviations, which are ±127. */
  detail: Int8Array
}

/** Tone of a picture in [0, 1]. */
export interface Tone {
  brightness: number
  /** Standard deviation of grey. */
  contrast: number
  /** Mean of the outermost twentieth, grey. */
  border: number
  /** Means of red, green and blue, of the whole and of the border; none of grey pictures. */
  colour: number[]
}

/**
 * @param planes [channels, height, width] in [0, 1], one channel or three
 * @returns [channels, lookSize, lookSize]
 */
export function shrink(planes: Float32Array, channels: number, width: number, height: number): Float32Array {
  const size = width * height
  const out = new Float32Array(channels * lookSize ** 2)
  for (let c = 0; c < channels; c++) out.set(resize(planes.subarray(c * size, (c + 1) * size), width, height, lookSize, lookSize), c * lookSize ** 2)
  return out
}

/** Luma of ITU-R BT.601. */
function greyOf(small: Float32Array): Float32Array {
  const size = lookSize ** 2
  if (small.length === size) return small
  return Float32Array.from({ length: size }, (_, i) => 0.299 * small[i]! + 0.587 * small[size + i]! + 0.114 * small[2 * size + i]!)
}

/** @param small from `shrink` */
export function lookOf(small: Float32Array): Look {
  const grey = greyOf(small)
  const tiny = resize(grey, lookSize, lookSize, hashWidth + 1, hashHeight)
  return { hash: hashOf(tiny, false), mirroredHash: hashOf(tiny, true), detail: detailOf(grey) }
}

function hashOf(tiny: Float32Array, mirrored: boolean): Uint32Array {
  const hash = new Uint32Array(hashWords)
  for (let y = 0; y < hashHeight; y++)
    for (let x = 0; x < hashWidth; x++) {
      const row = y * (hashWidth + 1)
      const [left, right] = mirrored ? [row + hashWidth - x, row + hashWidth - x - 1] : [row + x, row + x + 1]
      // Steps below half an 8-bit level are rounding, in a black background above all.
      const bit = y * hashWidth + x
      if (tiny[right]! - tiny[left]! > 0.5 / 255) hash[bit >> 5]! |= 1 << (bit & 31)
    }
  return hash
}

/** Mean of 3 × 3 pixels, edges repeated. */
function blurred(values: Float32Array): Float32Array {
  const along = (from: Float32Array, step: number, place: (i: number) => number): Float32Array =>
    from.map((v, i) => (v + (place(i) > 0 ? from[i - step]! : v) + (place(i) < lookSize - 1 ? from[i + step]! : v)) / 3)
  return along(along(values, 1, (i) => i % lookSize), lookSize, (i) => Math.floor(i / lookSize))
}

function detailOf(grey: Float32Array): Int8Array {
  const soft = blurred(blurred(grey))
  const rest = grey.map((v, i) => v - soft[i]!)
  const deviation = Math.sqrt(rest.reduce((sum, v) => sum + v * v, 0) / rest.length)
  return Int8Array.from(rest, (v) => (deviation > 0 ? Math.round((127 / 2) * Math.max(-2, Math.min(2, v / deviation))) : 0))
}

/** @param small from `shrink` */
export function toneOf(small: Float32Array): Tone {
  const size = lookSize ** 2
  const rim = Math.round(lookSize / 20)
  const atRim = (i: number): boolean => {
    const [x, y] = [i % lookSize, Math.floor(i / lookSize)]
    return Math.min(x, y, lookSize - 1 - x, lookSize - 1 - y) < rim
  }
  const mean = (plane: Float32Array, wanted?: (i: number) => boolean): number => {
    const chosen = wanted ? plane.filter((_, i) => wanted(i)) : plane
    return chosen.reduce((sum, v) => sum + v, 0) / chosen.length
  }
  const grey = greyOf(small)
  const brightness = mean(grey)
  const channels = small.length === size ? [] : [0, 1, 2].map((c) => small.subarray(c * size, (c + 1) * size))
  return {
    brightness,
    contrast: Math.sqrt(grey.reduce((sum, v) => sum + (v - brightness) ** 2, 0) / size),
    border: mean(grey, atRim),
    colour: [...channels.map((plane) => mean(plane)), ...channels.map((plane) => mean(plane, atRim))],
  }
}
