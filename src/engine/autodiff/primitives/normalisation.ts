/** Normalisations, written out as means, variances and affine maps. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { normaliseAxis } from '../../onnx/shapes'
import { add, div, mul, reduceMean, reshape, sqrt, square, sub } from '../../onnx/ops'
import type { Rule } from '../primitive'

/** (x − mean) / √(variance + ε) over the given axes. */
function standardise(g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = sub(g, x, reduceMean(g, x, axes, true))
  return div(g, centred, sqrt(g, add(g, reduceMean(g, square(g, centred), axes, true), epsilon)))
}

/** A per-channel vector [C] in the shape that broadcasts over [N, C, …]. */
const perChannel = (g: GraphBuilder, v: Value, rank: number): Value => reshape(g, v, [v.shape[0]!, ...Array<number>(rank - 2).fill(1)])

export const normalisation: Rule[] = [
  {
    op: 'BatchNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, with stored mean and variance',
    lower: (g, node) => {
      const [x, scale, bias, mean, variance] = node.inputs as [Value, Value, Value, Value, Value]
      const rank = x.shape.length
      const factor = div(g, scale, sqrt(g, add(g, variance, attribute(node, 'epsilon', 'float') ?? 1e-5)))
      return [add(g, mul(g, sub(g, x, perChannel(g, mean, rank)), perChannel(g, factor, rank)), perChannel(g, bias, rank))]
    },
  },
  {
    op: 'InstanceNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, over the pixels of each channel of each image',
    lower: (g, node) => {
      const [x, scale, bias] = node.inputs as [Value, Value, Value]
      const axes = x.shape.map((_, i) => i).slice(2)
      const standard = standardise(g, x, axes, attribute(node, 'epsilon', 'float') ?? 1e-5)
      return [add(g, mul(g, standard, perChannel(g, scale, x.shape.length)), perChannel(g, bias, x.shape.length))]
    },
  },
  {
    op: 'LayerNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, over the axes from `axis` on',
    lower: (g, node) => {
      const [x, scale, bias] = node.inputs as [Value, Value, Value | undefined]
      const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? -1, x.shape.length)
      const axes = x.shape.map((_, i) => i).slice(axis)
      const scaled = mul(g, standardise(g, x, axes, attribute(node, 'epsilon', 'float') ?? 1e-5), scale)
      return [bias ? add(g, scaled, bias) : scaled]
    },
  },
]
