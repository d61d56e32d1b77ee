/**
 * Bands of detail by differences of Gaussians, on arrays and as a graph, and their energy: what most scores are made of.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { text } from '../../onnx/model'
import { abs, add, conv, log, reduceMean, reshape, sub } from '../../onnx/ops'
import { gaussianBlur } from '../../image/filter'
import { float32 } from '../../tensor/tensor'
import type { ImageSize } from './score'

/** Below this mean difference (a hundredth of an 8-bit step) two images count as equally untouched. */
export const energyFloor = 0.01 / 255

/** Width in pixels of what counts as fine detail. */
export const fineDetail = 2

/** Standard deviations in pixels between which a band lies; from 0 for all that is finer, to Infinity for all that is coarser. */
export interface Band {
  from: number
  to: number
}
export const fine: Band = { from: 0, to: fineDetail }

/** @param image [C, H, W] */
export function blurred(image: Float32Array, { width, height, channels }: ImageSize, sigma: number): Float32Array {
  const out = new Float32Array(image.length)
  for (let c = 0, size = width * height; c < channels; c++) out.set(gaussianBlur(image.subarray(c * size, (c + 1) * size), width, height, sigma), c * size)
  return out
}

export const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]!)

/** @param image [C, H, W] */
export function bandOf(image: Float32Array, size: ImageSize, { from, to }: Band): Float32Array {
  return difference(from === 0 ? image : blurred(image, size, from), blurred(image, size, to))
}

export function meanAbsolute(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += Math.abs(value)
  return sum / values.length
}

/**
 * ln of the mean absolute value of a band. The mean and not the mean square, because an attack is spread over the whole
 * image while the errors at a few sharp edges are not.
 */
export const energy = (image: Float32Array, size: ImageSize, band: Band): number => Math.log(energyFloor + meanAbsolute(bandOf(image, size, band)))

/** Gaussian blur as `gaussianBlur` does it: beyond the border the border's value goes on, cut off at four standard deviations. @param x [N, C, H, W] */
export function blurredGraph(g: GraphBuilder, x: Value, sigma: number): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number]
  const radius = Math.floor(4 * sigma + 0.5)
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)))
  const total = weights.reduce((a, b) => a + b, 0)
  const kernel = weights.map((w) => w / total)
  const planes = reshape(g, x, [n * channels, 1, height, width])
  const extended = g.op('Pad', [planes, g.integers([0, 0, radius, radius, 0, 0, radius, radius])], { mode: text('edge') })
  const rows = conv(g, extended, g.constant(float32([1, 1, 1, kernel.length], kernel)))
  return reshape(g, conv(g, rows, g.constant(float32([1, 1, kernel.length, 1], kernel))), x.shape)
}

/** @param x [N, C, H, W] */
export const bandGraph = (g: GraphBuilder, x: Value, { from, to }: Band): Value => sub(g, from === 0 ? x : blurredGraph(g, x, from), blurredGraph(g, x, to))

/** Mean over all values of each image: [N, …] → [N]. */
export const meanOfEach = (g: GraphBuilder, x: Value): Value => reduceMean(g, reshape(g, x, [x.shape[0]!, -1]), [1])

/** @returns [N] */
export const energyGraph = (g: GraphBuilder, x: Value, band: Band): Value => log(g, add(g, meanOfEach(g, abs(g, bandGraph(g, x, band))), energyFloor))
