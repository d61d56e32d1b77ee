/** Pooling windows. The largest element of a window receives its whole gradient; of equal ones the first, as PyTorch. */
import { averageCounts } from '../../onnx/average'
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute, int, ints, text } from '../../onnx/model'
import { reachBehind, windowGeometry, type WindowGeometry } from '../../onnx/windows'
import { abs, div, enlarge, equal, expand, floats, mul, pow, reshape, sign, where } from '../../onnx/ops'
import { sizeOf } from '../../tensor/tensor'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { imageGradient } from './convolution'
import { integer, zeros } from './helpers'

const geometryOf = (node: BuiltNode): WindowGeometry => windowGeometry(node, node.inputs[0]!.shape.slice(2), attribute(node, 'kernel_shape', 'ints')!)

/** Every pixel collects what the windows that saw it have: v [N, C, windows] → [N, C, pixels]. */
function collected(g: GraphBuilder, v: Value, shape: readonly number[], at: WindowGeometry): Value {
  const [n, c, ...spatial] = shape as [number, number, ...number[]]
  const tiles = at.pads.every((p) => p === 0) && at.kernel.every((k, i) => k === at.strides[i] && k * at.output[i]! === spatial[i] && at.dilations[i] === 1)
  const [factor] = at.kernel
  if (tiles && spatial.length === 2 && v.dtype === 'float32' && at.kernel.every((k) => k === factor)) return enlarge(g, v, factor!)
  if (tiles) {
    const single = reshape(g, v, [n, c, ...at.output.flatMap((o) => [o, 1])])
    return reshape(g, expand(g, single, [n, c, ...at.output.flatMap((o, i) => [o, at.kernel[i]!])]), shape)
  }
  // As far as the last window reaches, which in ceil mode is beyond the declared padding.
  const ones = g.constant(floats(v.dtype, [c, 1, ...at.kernel], new Float32Array(c * sizeOf(at.kernel)).fill(1)))
  return imageGradient(g, v, ones, spatial, { ...at, pads: [...at.pads.slice(0, spatial.length), ...reachBehind(spatial, at)] }, c)
}

function averageVjp({ g, node, x, dy }: VjpContext): (Value | undefined)[] {
  const at = geometryOf(node)
  const counts = averageCounts(x.shape.slice(2), at, integer(node, 'count_include_pad', 0) === 1)
  const share = counts.every((n) => n === counts[0]) ? mul(g, dy, 1 / counts[0]!) : div(g, dy, g.constant(floats(dy.dtype, [1, 1, ...at.output], counts)))
  return [collected(g, share, x.shape, at)]
}

/** (Σ|x|ᵖ)^{1/p} has the slope sign(x)·|x/y|ᵖ⁻¹; where everything is 0 it has none, and 0 is taken. */
function normVjp(c: VjpContext, spread: (v: Value) => Value): (Value | undefined)[] {
  const { g, node, x, y, dy } = c
  const p = integer(node, 'p', 2)
  if (p === 1) return [mul(g, spread(dy), sign(g, x))]
  const empty = equal(g, y, 0)
  const share = where(g, empty, 0, div(g, dy, pow(g, where(g, empty, 1, y), p - 1)))
  return [mul(g, spread(share), p === 2 ? x : mul(g, sign(g, x), pow(g, abs(g, x), p - 1)))]
}

/** A pool over all pixels of a channel, its gradient by way of the pool with the largest window. */
const overAllPixels = (x: Value) => ({ kernel_shape: ints(x.shape.slice(2)) })

const norm = (op: string, forward: string, spread: (c: VjpContext, v: Value) => Value): Primitive => ({ op, forward, vjp: (c) => normVjp(c, (v) => spread(c, v)) })

/** v at flat indices into a tensor of the given shape; several at one place add up. */
function scattered(g: GraphBuilder, v: Value, indices: Value, shape: readonly number[]): Value {
  const flat = [sizeOf(v.shape)]
  const added = g.op('ScatterElements', [zeros(g, [sizeOf(shape)], v.dtype), reshape(g, indices, flat), reshape(g, v, flat)], { axis: int(0), reduction: text('add') })
  return reshape(g, added, shape)
}

export const pooling: Rule[] = [
  { op: 'MaxPool', forward: 'largest element under each window', vjp: ({ g, node, x, dy }) => [scattered(g, dy, g.extend(node, 2)[1]!, x.shape)] },
  { op: 'AveragePool', forward: 'mean under each window', vjp: averageVjp },
  norm('LpPool', '(Σ |x|ᵖ)^{1/p} under each window', (c, v) => collected(c.g, v, c.x.shape, geometryOf(c.node))),
  {
    op: 'GlobalAveragePool',
    forward: 'mean over all pixels of a channel',
    vjp: ({ g, x, dy }) => [expand(g, mul(g, dy, 1 / sizeOf(x.shape.slice(2))), x.shape)],
  },
  { op: 'GlobalMaxPool', forward: 'largest pixel of a channel', lower: (g, node) => [g.op('MaxPool', [node.inputs[0]], overAllPixels(node.inputs[0]!))] },
  norm('GlobalLpPool', '(Σ |x|ᵖ)^{1/p} over all pixels of a channel', (c, v) => expand(c.g, v, c.x.shape)),
  {
    op: 'MaxUnpool',
    forward: 'elements back at the places that a MaxPool took them from',
    vjp: ({ g, x, dy, inputs }) => {
      const flat = g.op('GatherElements', [reshape(g, dy, [-1]), reshape(g, inputs[1]!, [-1])], { axis: int(0) })
      return [reshape(g, flat, x.shape), undefined]
    },
  },
]
