/**
 * Convolutions and pools as sums over the taps of their window: slices, matrix products and additions, which ONNX
 * Runtime computes in double precision. Written apart from the gradient rules, so that one checks the other.
 */
import { averageCounts } from '../../onnx/average'
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { add, concat, div, floats, matMul, mul, pow, reshape, slice, transpose } from '../../onnx/ops'
import { reachBehind, transposedGeometry, windowGeometry, type WindowGeometry } from '../../onnx/windows'
import { sizeOf } from '../../tensor/tensor'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Every place of a kernel, the last axis fastest. */
const placesOf = (kernel: readonly number[]): number[][] => kernel.reduce<number[][]>((all, k) => all.flatMap((place) => range(k).map((i) => [...place, i])), [[]])

/** x with zeros around its pixels. @param pads begin pads of the spatial axes, then end pads */
function bordered(g: GraphBuilder, x: Value, pads: readonly number[]): Value {
  if (pads.every((p) => p === 0)) return x
  const n = pads.length / 2
  return g.op('Pad', [x, g.integers([0, 0, ...pads.slice(0, n), 0, 0, ...pads.slice(n)])])
}

/** What each tap of the window sees of the padded image, tap by tap: [N, C, …output]. */
function seenByTap(g: GraphBuilder, padded: Value, at: WindowGeometry): Value[] {
  const axes = range(at.kernel.length).map((i) => i + 2)
  return placesOf(at.kernel).map((place) => {
    const starts = place.map((t, i) => t * at.dilations[i]!)
    const ends = starts.map((s, i) => s + (at.output[i]! - 1) * at.strides[i]! + 1)
    return slice(g, padded, starts, ends, axes, at.strides)
  })
}

/** @param w [Co, Ci/group, …kernel] */
function correlate(g: GraphBuilder, x: Value, w: Value, at: WindowGeometry, group: number): Value {
  const padded = bordered(g, x, at.pads)
  const [n, ci] = x.shape as [number, number]
  const co = w.shape[0]!
  const taps = sizeOf(at.kernel)
  const seen = taps === 1 && at.strides.every((s) => s === 1) ? [padded] : seenByTap(g, padded, at)
  if (group === ci && co === ci) {
    const flat = reshape(g, w, [1, co, taps])
    const ones = at.output.map(() => 1)
    return seen.map((v, i) => mul(g, v, reshape(g, slice(g, flat, [i], [i + 1], [2]), [1, co, ...ones]))).reduce((a, b) => add(g, a, b))
  }
  const pixels = sizeOf(at.output)
  const columns = concat(g, seen.map((v) => reshape(g, v, [n, group, ci / group, pixels])), 2)
  const rows = reshape(g, transpose(g, reshape(g, w, [co, ci / group, taps]), [0, 2, 1]), [group, co / group, (taps * ci) / group])
  return reshape(g, matMul(g, rows, columns), [n, co, ...at.output])
}

const withBias = (g: GraphBuilder, y: Value, bias: Value | undefined): Value => (bias ? add(g, y, reshape(g, bias, [bias.shape[0]!, ...y.shape.slice(2).map(() => 1)])) : y)

export function convolution(g: GraphBuilder, node: BuiltNode): Value[] {
  const [x, w] = node.inputs as [Value, Value]
  const at = windowGeometry(node, x.shape.slice(2), w.shape.slice(2))
  return [withBias(g, correlate(g, x, w, at, attribute(node, 'group', 'int') ?? 1), node.inputs[2])]
}

/** A correlation, with the kernel turned round, of x with zeros between its pixels. */
export function transposedConvolution(g: GraphBuilder, node: BuiltNode): Value[] {
  const [x, w] = node.inputs as [Value, Value]
  const group = attribute(node, 'group', 'int') ?? 1
  const spatial = x.shape.slice(2)
  const at = transposedGeometry(node, spatial, w.shape.slice(2))
  const spread = spatial.map((d, i) => (d - 1) * at.strides[i]! + 1)
  const reach = at.kernel.map((k, i) => (k - 1) * at.dilations[i]!)
  const before = reach.map((r, i) => r - at.pads[i]!)
  const pads = [...before, ...before.map((b, i) => at.output[i]! + reach[i]! - spread[i]! - b)]
  const turned = turnedKernel(g, w, group)
  const one = at.kernel.map(() => 1)
  const y = correlate(g, spaced(g, x, at.strides), turned, { kernel: at.kernel, strides: one, dilations: at.dilations, pads, output: at.output }, group)
  return [withBias(g, y, node.inputs[2])]
}

/** [Ci, Co/group, …] → [Co, Ci/group, …], every kernel turned by 180°. */
function turnedKernel(g: GraphBuilder, w: Value, group: number): Value {
  const [ci, co, ...kernel] = w.shape as [number, number, ...number[]]
  const axes = range(kernel.length)
  const swapped = transpose(g, reshape(g, w, [group, ci / group, co, ...kernel]), [0, 2, 1, ...axes.map((i) => i + 3)])
  const flat = reshape(g, swapped, [group * co, ci / group, ...kernel])
  return slice(g, flat, axes.map(() => -1), axes.map(() => -(2 ** 31)), axes.map((i) => i + 2), axes.map(() => -1))
}

/** strides − 1 zeros between neighbouring pixels. */
function spaced(g: GraphBuilder, x: Value, strides: readonly number[]): Value {
  if (strides.every((s) => s === 1)) return x
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]]
  const apart = reshape(g, x, [n, c, ...spatial.flatMap((d) => [d, 1])])
  const filled = g.op('Pad', [apart, g.integers([...apart.shape.map(() => 0), 0, 0, ...strides.flatMap((s) => [0, s - 1])])])
  const whole = reshape(g, filled, [n, c, ...spatial.map((d, i) => d * strides[i]!)])
  return slice(g, whole, spatial.map(() => 0), spatial.map((d, i) => (d - 1) * strides[i]! + 1), spatial.map((_, i) => i + 2))
}

/** Σ under each window, nothing beyond the image; the geometry beside it. */
function summed(g: GraphBuilder, x: Value, node: BuiltNode): { sum: Value; at: WindowGeometry } {
  const spatial = x.shape.slice(2)
  const at = windowGeometry(node, spatial, attribute(node, 'kernel_shape', 'ints')!)
  const padded = bordered(g, x, [...at.pads.slice(0, spatial.length), ...reachBehind(spatial, at)])
  return { sum: seenByTap(g, padded, at).reduce((a, b) => add(g, a, b)), at }
}

export function averagePool(g: GraphBuilder, node: BuiltNode): Value[] {
  const x = node.inputs[0]!
  const { sum, at } = summed(g, x, node)
  const counts = averageCounts(x.shape.slice(2), at, attribute(node, 'count_include_pad', 'int') === 1)
  return [div(g, sum, g.constant(floats('float64', [1, 1, ...at.output], counts)))]
}

export function normPool(g: GraphBuilder, node: BuiltNode): Value[] {
  const p = attribute(node, 'p', 'int') ?? 2
  const { sum } = summed(g, pow(g, g.op('Abs', [node.inputs[0]]), p), node)
  return [pow(g, sum, 1 / p)]
}
