/** Normalisations that operator set 18 lacks, or has in another form, written as those that it has. */
import { sizeOf } from '../../tensor/tensor'
import type { GraphBuilder, Value } from '../builder'
import { float, int } from '../model'
import { add, div, expand, floats, mul, reduceMean, reshape, sqrt, square, sub } from '../ops'
import { normaliseAxis } from '../shapes'
import { without, type Rewrite, type RewriteContext } from './rewrite'

const ones = (n: number): number[] => Array<number>(n).fill(1)
const axesFrom = (x: Value, axis: number): number[] => x.shape.map((_, i) => i).slice(axis)

/** A vector [C] in the shape that broadcasts over [N, C, …]. */
const perChannel = (g: GraphBuilder, v: Value, rank: number): Value => reshape(g, v, [1, v.shape[0]!, ...ones(rank - 2)])

/** x / √(mean x² + ε), times scale. */
function rootMeanSquare(g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number, scale: Value): Value {
  const inverse = div(g, 1, sqrt(g, add(g, reduceMean(g, square(g, x), axes, true), epsilon)))
  return mul(g, mul(g, x, inverse), scale)
}

/** Before 21 scale and bias had an entry per group, since then per channel. */
function groupNormalisation(c: RewriteContext): Value[] {
  const { g, x } = c
  const [n, channels, ...spatial] = x.shape as [number, number, ...number[]]
  const groups = c.int('num_groups', 1)
  if (channels % groups) throw c.refuse(`whose ${channels} channels do not make ${groups} groups`)
  const grouped = reshape(g, x, [n, groups, (channels / groups) * sizeOf(spatial)])
  const [one, zero] = [1, 0].map((v) => g.constant(floats(x.dtype, [groups], Array<number>(groups).fill(v))))
  const standard = reshape(g, g.op('InstanceNormalization', [grouped, one, zero], { epsilon: float(c.float('epsilon', 1e-5)) }), x.shape)
  const spread = (v: Value) => {
    const all = v.shape[0] === channels ? v : reshape(g, expand(g, reshape(g, v, [groups, 1]), [groups, channels / groups]), [channels])
    return perChannel(g, all, x.shape.length)
  }
  return [add(g, mul(g, standard, spread(c.required(1))), spread(c.required(2)))]
}

/** The statistics stored in the model, or those of the batch where it was exported in training mode. */
function batchNormalisation(c: RewriteContext): Value[] {
  const { g, x } = c
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => c.required(i)) as [Value, Value, Value, Value]
  const epsilon = c.float('epsilon', 1e-5)
  const rank = x.shape.length
  if (c.int('training_mode', 0) === 1) {
    const axes = [0, ...axesFrom(x, 2)]
    const centred = sub(g, x, reduceMean(g, x, axes, true))
    const standard = div(g, centred, sqrt(g, add(g, reduceMean(g, square(g, centred), axes, true), epsilon)))
    return [add(g, mul(g, standard, perChannel(g, scale, rank)), perChannel(g, bias, rank))]
  }
  // Operator sets 7 and 8 could keep statistics for every element.
  if (scale.shape.length > 1) return [add(g, mul(g, div(g, sub(g, x, mean), sqrt(g, add(g, variance, epsilon))), scale), bias)]
  return [c.emit('BatchNormalization', [x, scale, bias, mean, variance], without(c.attributes, 'spatial', 'is_test', 'consumed_inputs', 'momentum', 'training_mode'), 1)[0]!]
}

export const normalisation: Rewrite[] = [
  { op: 'BatchNormalization', write: batchNormalisation },
  { op: 'GroupNormalization', forward: 'scale·(x − mean)/√(variance + ε) + bias, over each group of channels', write: groupNormalisation },
  {
    op: 'RMSNormalization',
    forward: 'scale·x/√(mean x² + ε), over the axes from `axis` on',
    write: (c) => [rootMeanSquare(c.g, c.x, axesFrom(c.x, normaliseAxis(c.int('axis', -1), c.x.shape.length)), c.float('epsilon', 1e-5), c.required(1))],
  },
  {
    op: 'SimplifiedLayerNormalization',
    forward: 'scale·x/√(mean x² + ε), over the axes from `axis` on',
    write: (c) => [rootMeanSquare(c.g, c.x, axesFrom(c.x, normaliseAxis(c.int('axis', -1), c.x.shape.length)), c.float('epsilon', 1e-5), c.required(1))],
  },
  { op: 'LayerNormalization', write: (c) => c.emit('LayerNormalization', c.inputs, without(c.attributes, 'stash_type')) },
]

/** x + skip, and a bias where there is one: what is normalised, and an output of its own. */
function withSkip(c: RewriteContext, bias: number): Value {
  const sum = add(c.g, c.x, c.required(1))
  return c.inputs[bias] ? add(c.g, sum, c.inputs[bias]) : sum
}

export const microsoftNormalisation: Rewrite[] = [
  {
    op: 'SkipLayerNormalization',
    forward: 'LayerNormalization of x + skip + bias',
    write: (c) => {
      const sum = withSkip(c, 4)
      const y = c.emit('LayerNormalization', [sum, c.required(2), c.inputs[3]], { axis: int(-1), epsilon: float(c.float('epsilon', 1e-12)) }, 1)[0]
      return [y, undefined, undefined, sum]
    },
  },
  {
    op: 'SkipSimplifiedLayerNormalization',
    forward: 'RMSNormalization of x + skip + bias',
    write: (c) => {
      const sum = withSkip(c, 3)
      return [rootMeanSquare(c.g, sum, [-1], c.float('epsilon', 1e-5), c.required(2)), undefined, undefined, sum]
    },
  },
]
