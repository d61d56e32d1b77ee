/**
 * Convolutions and pools as sums over the taps of their window: slices, matrix products and additions, which ONNX
 * Runtime computes in double precision. Written apart from the gradient rules, so that one checks the other.
 */
import { averageCounts } from '../../onnx/average'
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { add, concat, div, expand, floats, matMul, mul, pow, reshape, slice, transpose } from '../../onnx/ops'
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

/**
 * What every input pixel lays at every tap, moved to where it lies. Taps that lie a whole number of strides apart fall on
 * the same output pixels: they are added up as small images, which are then dealt out over the strides.
 */
export function transposedConvolution(g: GraphBuilder, node: BuiltNode): Value[] {
  const [x, w] = node.inputs as [Value, Value]
  const group = attribute(node, 'group', 'int') ?? 1
  const [n, ci, ...spatial] = x.shape as [number, number, ...number[]]
  const at = transposedGeometry(node, spatial, w.shape.slice(2))
  const co = w.shape[1]! * group
  const taps = sizeOf(at.kernel)
  const rows = transpose(g, reshape(g, w, [group, ci / group, (co / group) * taps]), [0, 2, 1])
  const laid = reshape(g, matMul(g, rows, reshape(g, x, [n, group, ci / group, sizeOf(spatial)])), [n, co, taps, ...spatial])

  const offsets = placesOf(at.kernel).map((place) => place.map((t, i) => t * at.dilations[i]!))
  const moves = offsets.map((offset) => offset.map((o, i) => Math.floor(o / at.strides[i]!)))
  const furthest = spatial.map((_, i) => Math.max(...moves.map((move) => move[i]!)))
  const extent = spatial.map((d, i) => d + furthest[i]!)
  const dealt = placesOf(at.strides).map((phase) => {
    const fitting = range(taps).filter((t) => offsets[t]!.every((o, i) => o % at.strides[i]! === phase[i]))
    const moved = fitting.map((t) => {
      const pixels = reshape(g, slice(g, laid, [t], [t + 1], [2]), [n, co, ...spatial])
      return bordered(g, pixels, [...moves[t]!, ...moves[t]!.map((m, i) => furthest[i]! - m)])
    })
    const sum = moved.length ? moved.reduce((a, b) => add(g, a, b)) : expand(g, g.scalar(0, 'float64'), [n, co, ...extent])
    return reshape(g, sum, [n, co, 1, ...extent])
  })
  const axes = range(spatial.length)
  const stacked = reshape(g, concat(g, dealt, 2), [n, co, ...at.strides, ...extent])
  const interleaved = transpose(g, stacked, [0, 1, ...axes.flatMap((i) => [2 + spatial.length + i, 2 + i])])
  const whole = reshape(g, interleaved, [n, co, ...extent.map((e, i) => e * at.strides[i]!)])
  const before = axes.map((i) => -at.pads[i]!)
  const y = bordered(g, whole, [...before, ...axes.map((i) => at.output[i]! - whole.shape[i + 2]! - before[i]!)])
  return [withBias(g, y, node.inputs[2])]
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
