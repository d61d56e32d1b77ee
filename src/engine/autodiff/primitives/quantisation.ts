/**
 * Quantisation by the straight-through estimator (Bengio, Léonard & Courville, arXiv:1308.3432): rounding counts as
 * the identity, and what is cut off at the ends of the range has no gradient, as in PyTorch's fake quantisation. The
 * true gradient is zero almost everywhere, which would make every attack look harmless; whoever asks is warned.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { add, and, cast, div, greaterOrEqual, lessOrEqual, mul, reshape, where } from '../../onnx/ops'
import { normaliseAxis } from '../../onnx/shapes'
import type { BuiltNode } from '../../onnx/builder'
import type { Rule } from '../primitive'
import { integer } from './helpers'

const ranges: Partial<Record<Value['dtype'], [number, number]>> = { uint8: [0, 255], int8: [-128, 127] }
/** Smallest and largest number of a quantised type. */
export const quantisedRange = (dtype: Value['dtype']): [number, number] => ranges[dtype] ?? [-Infinity, Infinity]

function warn(g: GraphBuilder): void {
  g.warn({ code: 'straight-through', message: 'The model computes with quantised numbers; its gradient is estimated by leaving the rounding out (straight-through).' })
}

/** A scale or zero point in the shape that broadcasts along its axis. */
function alongAxis(g: GraphBuilder, v: Value, node: BuiltNode): Value {
  const { shape } = node.inputs[0]!
  if (!v.shape.length || v.shape[0] === 1) return reshape(g, v, [])
  const axis = normaliseAxis(integer(node, 'axis', 1), shape.length)
  return reshape(g, v, shape.map((_, i) => (i === axis ? v.shape[0]! : 1)))
}

export const quantisation: Rule[] = [
  {
    op: 'QuantizeLinear',
    forward: 'x / scale + zero, rounded and cut to the range',
    vjp: ({ g, node, inputs, x, y, dy }) => {
      warn(g)
      const scale = alongAxis(g, inputs[1]!, node)
      const [low, high] = quantisedRange(y.dtype)
      const position = div(g, x, scale)
      const shifted = inputs[2] ? add(g, position, cast(g, alongAxis(g, inputs[2], node), x.dtype)) : position
      const inside = and(g, greaterOrEqual(g, shifted, low - 0.5), lessOrEqual(g, shifted, high + 0.5))
      return [where(g, inside, div(g, dy, scale), 0)]
    },
  },
  {
    op: 'DequantizeLinear',
    forward: '(x − zero) · scale',
    vjp: ({ g, node, inputs, dy }) => [mul(g, dy, alongAxis(g, inputs[1]!, node))],
  },
  {
    op: 'DynamicQuantizeLinear',
    forward: 'x quantised by its own range',
    vjp: ({ g, node, gradients }) => {
      warn(g)
      // Scale and zero point count as given.
      return [gradients[0] && div(g, gradients[0], node.outputs[1]!)]
    },
  },
]
