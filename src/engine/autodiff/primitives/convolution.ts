/**
 * Convolution and transposed convolution: gradients by the image and by the weights.
 *
 * By the image, at stride 1: a convolution with flipped, transposed weights, which ONNX Runtime runs faster than
 * ConvTranspose; at larger strides: ConvTranspose. By the weights: matrix products of shifted planes, which are several
 * times faster there than a convolution with the output gradient as its kernel.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { transposedGeometry, windowGeometry, type WindowGeometry } from '../../onnx/windows'
import { concat, conv, convTranspose, expand, matMul, pad, reduceSum, reshape, slice, transpose } from '../../onnx/ops'
import { sizeOf, toNumbers } from '../../tensor/tensor'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { range } from './helpers'
import { gradientInBlocks } from './strided-gradient'

/** Bias gradient: the sum over everything but the channels. */
const biasGradient = (g: GraphBuilder, dy: Value): Value => reduceSum(g, dy, range(dy.shape.length).filter((i) => i !== 1))

/** [Co, Ci/group, …] → [Ci, Co/group, …], every kernel turned by 180°. */
function flippedWeights(g: GraphBuilder, w: Value, group: number): Value {
  const [co, ci, ...kernel] = w.shape as [number, number, ...number[]]
  const rank = kernel.length
  const grouped = reshape(g, w, [group, co / group, ci, ...kernel])
  const swapped = transpose(g, grouped, [0, 2, 1, ...range(rank).map((i) => i + 3)])
  const flat = reshape(g, swapped, [group * ci, co / group, ...kernel])
  const flippedAxes = kernel.flatMap((k, i) => (k > 1 ? [i + 2] : []))
  if (!flippedAxes.length) return flat
  return slice(g, flat, flippedAxes.map(() => -1), flippedAxes.map(() => -(2 ** 31)), flippedAxes, flippedAxes.map(() => -1))
}

/** dx [N, Ci, …spatial] of y = conv(x, w), from dy and w [Co, Ci/group, …]. */
export function imageGradient(g: GraphBuilder, dy: Value, w: Value, spatial: readonly number[], at: WindowGeometry, group: number): Value {
  const n = spatial.length
  const reach = at.kernel.map((k, i) => (k - 1) * at.dilations[i]!)
  const turned = [...reach.map((r, i) => r - at.pads[i]!), ...reach.map((r, i) => r - at.pads[n + i]!)]
  if (at.strides.every((s) => s === 1) && turned.every((p) => p >= 0))
    return conv(g, dy, flippedWeights(g, w, group), undefined, { pads: turned, dilations: at.dilations, group })
  const outputPadding = spatial.map((d, i) => (d + at.pads[i]! + at.pads[n + i]! - reach[i]! - 1) % at.strides[i]!)
  return convTranspose(g, dy, w, { strides: at.strides, dilations: at.dilations, pads: at.pads, group, outputPadding })
}

/** dw [Co, Ci/group, …] of y = conv(x, w). */
export function weightGradient(g: GraphBuilder, x: Value, dy: Value, at: WindowGeometry, group: number): Value {
  const plain = group === 1 && at.kernel.length === 2 && at.strides.every((s) => s === 1) && at.pads.every((p) => p >= 0)
  if (plain && at.kernel.some((k) => k > 1)) return shiftedProduct(g, x, dy, at)
  const padded = pad(g, x, [0, 0, ...at.pads.slice(0, at.kernel.length), 0, 0, ...at.pads.slice(at.kernel.length)])
  return gatheredProduct(g, padded, dy, at, group)
}

/**
 * Stride 1, two dimensions: rows shifted on dy, columns shifted on x, so that all taps are one product
 * [Co·kh, K] × [K, Ci·kw] per image, moving kh + kw planes instead of kh·kw.
 *
 * Both are laid out in rows of the padded image's width, so that a shift by a row or a column is one along the whole
 * plane, and the shifted copies come out of one Concat: copies of M numbers one behind the other, read in rows of
 * M + s numbers, begin s, 2s, … numbers further on, and in rows of M − s numbers that much earlier. Concat is also what
 * adds the borders: ONNX Runtime's Pad and Slice take one thread, its Concat all.
 */
function shiftedProduct(g: GraphBuilder, x: Value, dy: Value, at: WindowGeometry): Value {
  const [n, ci, h, w] = x.shape as [number, number, number, number]
  const [, co, ho] = dy.shape as [number, number, number, number]
  const [kh, kw] = at.kernel as [number, number]
  const [dh, dw] = at.dilations as [number, number]
  const [top, left, bottom, right] = at.pads as [number, number, number, number]
  const [hp, wp] = [h + top + bottom, w + left + right]
  const zeros = (shape: readonly number[]): Value[] => (sizeOf(shape) ? [expand(g, g.scalar(0, x.dtype), shape)] : [])
  /** [N, C, rows·wp]: what is added on the right is on the left of the next row too. */
  const wide = (v: Value): Value => {
    const [, channels, rows, columns] = v.shape as [number, number, number, number]
    return reshape(g, concat(g, [v, ...zeros([n, channels, rows, wp - columns])], 3), [n, channels, rows * wp])
  }
  const [shiftRow, shiftColumn] = [dh * wp, dw]
  const lead = top * wp + left
  // The image ends in what is added on the right of its last row, which without a border below lies behind the plane.
  const plane = Math.max(hp * wp, lead + h * wp)
  const length = plane + shiftColumn

  const image = wide(x)
  const [front, back] = [zeros([n, ci, lead]), zeros([n, ci, plane - lead - h * wp])]
  const columns = concat(g, [...range(kw).flatMap(() => [...front, image, ...back]), ...zeros([n, ci, kw * shiftColumn])], 2)

  // Zero in the columns that it does not have, so that what lies under them does not matter.
  const slopes = wide(dy)
  const rest = length + shiftRow - ho * wp
  const rows = concat(g, range(kh).flatMap((k) => [slopes, ...zeros([n, co, k < kh - 1 ? rest : rest - kh * shiftRow])]), 2)

  const product = matMul(g, reshape(g, rows, [n, co * kh, length]), transpose(g, reshape(g, columns, [n, ci * kw, length]), [0, 2, 1]))
  return transpose(g, reshape(g, reduceSum(g, product, [0]), [co, kh, ci, kw]), [0, 2, 1, 3])
}

/** What each tap of the kernel sees, tap by tap: [N, C, …output] of an image that has its padding. */
function tapsOf(g: GraphBuilder, padded: Value, at: WindowGeometry): Value[] {
  const spatialAxes = range(at.output.length).map((i) => i + 2)
  const taps = at.kernel.reduce<number[][]>((all, k) => all.flatMap((tap) => range(k).map((i) => [...tap, i])), [[]])
  return taps.map((tap) => {
    const starts = tap.map((t, i) => t * at.dilations[i]!)
    const ends = starts.map((s, i) => s + (at.output[i]! - 1) * at.strides[i]! + 1)
    const whole = starts.every((s, i) => s === 0 && ends[i] === padded.shape[i + 2] && at.strides[i] === 1)
    return whole ? padded : slice(g, padded, starts, ends, spatialAxes, at.strides)
  })
}

/** Any stride, dilation, group and rank: the pixels under each tap side by side (im2col), times dy. */
function gatheredProduct(g: GraphBuilder, padded: Value, dy: Value, at: WindowGeometry, group: number): Value {
  const [n, co, ...out] = dy.shape as [number, number, ...number[]]
  const ci = padded.shape[1]!
  const pixels = sizeOf(out)
  const gathered = tapsOf(g, padded, { ...at, output: out }).map((seen) => reshape(g, seen, [n, group, ci / group, pixels]))
  const right = concat(g, gathered, 2)
  const left = reshape(g, dy, [n, group, co / group, pixels])
  const product = reduceSum(g, matMul(g, left, transpose(g, right, [0, 1, 3, 2])), [0])
  const shaped = reshape(g, product, [co, gathered.length, ci / group])
  return reshape(g, transpose(g, shaped, [0, 2, 1]), [co, ci / group, ...at.kernel])
}

const groupOf = (c: VjpContext): number => attribute(c.node, 'group', 'int') ?? 1

const convolution: Primitive = {
  op: 'Conv',
  forward: 'cross-correlation of x [N, Ci, …] with w [Co, Ci/group, …], plus bias',
  vjp: (c) => {
    const [x, w] = c.inputs as [Value, Value]
    const at = windowGeometry(c.node, x.shape.slice(2), w.shape.slice(2))
    const group = groupOf(c)
    return [
      c.needs(0) ? (gradientInBlocks(c.g, x, c.dy, w, at, group) ?? imageGradient(c.g, c.dy, w, x.shape.slice(2), at, group)) : undefined,
      c.needs(1) ? weightGradient(c.g, x, c.dy, at, group) : undefined,
      c.needs(2) ? biasGradient(c.g, c.dy) : undefined,
    ]
  },
}

/** y = convᵀ(x, w) is the image gradient of a convolution, so that its own gradients are that convolution's. */
const transposedConvolution: Primitive = {
  op: 'ConvTranspose',
  forward: 'the transpose of Conv: x [N, Ci, …] with w [Ci, Co/group, …], plus bias',
  vjp: (c) => {
    const [x, w] = c.inputs as [Value, Value]
    const group = groupOf(c)
    const at = transposedGeometry(c.node, x.shape.slice(2), w.shape.slice(2))
    const geometry: WindowGeometry = { ...at, output: [...x.shape.slice(2)] }
    return [
      c.needs(0) ? conv(c.g, c.dy, w, undefined, { strides: at.strides, dilations: at.dilations, pads: at.pads, group }) : undefined,
      c.needs(1) ? weightGradient(c.g, c.dy, x, geometry, group) : undefined,
      c.needs(2) ? biasGradient(c.g, c.dy) : undefined,
    ]
  },
}

/** Patches laid onto an image, overlaps added up: its gradient takes the patches out again. */
const columnsToImage: Primitive = {
  op: 'Col2Im',
  forward: 'patches laid onto an image, overlaps added up',
  vjp: ({ g, node, x, dy, inputs }) => {
    const [spatial, kernel] = [1, 2].map((i) => toNumbers(inputs[i]!.constant!)) as [number[], number[]]
    const at = windowGeometry(node, spatial, kernel)
    const padded = pad(g, dy, [0, 0, ...at.pads.slice(0, kernel.length), 0, 0, ...at.pads.slice(kernel.length)])
    const [n, c] = dy.shape as [number, number]
    const patches = concat(g, tapsOf(g, padded, at).map((v) => reshape(g, v, [n, c, 1, sizeOf(at.output)])), 2)
    return [reshape(g, patches, x.shape)]
  },
}

export const convolutions: Rule[] = [convolution, transposedConvolution, columnsToImage]
