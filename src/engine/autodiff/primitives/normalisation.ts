/**
 * Normalisations. Those by statistics of the image itself share one gradient: with x̂ the standardised x and d its
 * gradient, dx = (d − mean d − x̂·mean(d·x̂)) / √(variance + ε).
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { normaliseAxis } from '../../onnx/shapes'
import { abs, add, div, equal, mul, pad, pow, reduceMean, reduceSum, reshape, slice, sqrt, square, sub, where } from '../../onnx/ops'
import type { Rule, VjpContext } from '../primitive'
import { sumTo } from '../sum-to'
import { attribute } from '../../onnx/model'
import { float, integer, range } from './helpers'

interface Standardised {
  mean: Value
  /** 1 / √(variance + ε) */
  inverse: Value
  /** (x − mean) / √(variance + ε) */
  value: Value
}

function standardise(g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Standardised {
  const mean = reduceMean(g, x, axes, true)
  const centred = sub(g, x, mean)
  const inverse = div(g, 1, sqrt(g, add(g, reduceMean(g, square(g, centred), axes, true), epsilon)))
  return { mean, inverse, value: mul(g, centred, inverse) }
}

/** Gradients by x, scale and bias of x̂·scale + bias, where scale broadcasts over x. */
function standardisedVjp(c: VjpContext, axes: readonly number[], scale: Value): (Value | undefined)[] {
  const { g, dy } = c
  const { inverse, value } = standardise(g, c.x, axes, float(c.node, 'epsilon', 1e-5))
  const dx = () => {
    const d = mul(g, dy, scale)
    const centred = sub(g, d, reduceMean(g, d, axes, true))
    return mul(g, sub(g, centred, mul(g, value, reduceMean(g, mul(g, d, value), axes, true))), inverse)
  }
  return [
    c.needs(0) ? dx() : undefined,
    c.needs(1) ? reshape(g, sumTo(g, mul(g, dy, value), scale.shape), c.inputs[1]!.shape) : undefined,
    c.needs(2) ? reshape(g, sumTo(g, dy, scale.shape), c.inputs[2]!.shape) : undefined,
  ]
}

/** A per-channel vector [C] in the shape that broadcasts over [N, C, …]. */
const perChannel = (g: GraphBuilder, v: Value, rank: number): Value => reshape(g, v, [v.shape[0]!, ...Array<number>(rank - 2).fill(1)])

const axesFrom = (x: Value, axis: number): number[] => range(x.shape.length).slice(axis)

function batchNormalisation(g: GraphBuilder, node: BuiltNode): Value[] {
  const [x, scale, bias, mean, variance] = node.inputs as [Value, Value, Value, Value, Value]
  const rank = x.shape.length
  const factor = div(g, scale, sqrt(g, add(g, variance, float(node, 'epsilon', 1e-5))))
  return [add(g, mul(g, sub(g, x, perChannel(g, mean, rank)), perChannel(g, factor, rank)), perChannel(g, bias, rank))]
}

/**
 * dy·factor. Where dy is a convolution's output behind a mask, the factor goes before the mask: ONNX Runtime then takes it
 * into the convolution's weights.
 */
function scaled(g: GraphBuilder, dy: Value, factor: Value): Value {
  const masked = g.producer(dy)
  const [before, mask] = masked?.op === 'Mul' ? masked.inputs : []
  if (!before || !mask || g.producer(before)?.op !== 'Conv' || before.shape.some((d, i) => d !== dy.shape[i])) return mul(g, dy, factor)
  return mul(g, mul(g, before, factor), mask)
}

/** Σ x² over `size` neighbouring channels around each. */
function overNeighbours(g: GraphBuilder, squares: Value, size: number): Value {
  const { shape } = squares
  // What lies further off than there are channels is nothing.
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)].map((n) => Math.min(n, shape[1]!)) as [number, number]
  const padded = pad(g, squares, [0, before, ...shape.slice(2).map(() => 0), 0, after, ...shape.slice(2).map(() => 0)])
  return range(before + after + 1).map((k) => slice(g, padded, [k], [k + shape[1]!], [1])).reduce((a, b) => add(g, a, b))
}

export const normalisation: Rule[] = [
  {
    op: 'BatchNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, with stored mean and variance',
    vjp: (c) => {
      const { g, node, x, dy } = c
      if (range(4).some((i) => c.needs(i + 1))) return c.through(() => batchNormalisation(g, node))
      const [, scale, , , variance] = node.inputs as [Value, Value, Value, Value, Value]
      const factor = div(g, scale, sqrt(g, add(g, variance, float(node, 'epsilon', 1e-5))))
      return [scaled(g, dy, perChannel(g, factor, x.shape.length))]
    },
  },
  {
    op: 'InstanceNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, over the pixels of each channel of each image',
    vjp: (c) => standardisedVjp(c, axesFrom(c.x, 2), perChannel(c.g, c.inputs[1]!, c.x.shape.length)),
  },
  {
    op: 'LayerNormalization',
    forward: 'scale·(x − mean)/√(variance + ε) + bias, over the axes from `axis` on',
    vjp: (c) => {
      const { g, node, x } = c
      const axes = axesFrom(x, normaliseAxis(integer(node, 'axis', -1), x.shape.length))
      if (!c.gradients[1] && !c.gradients[2]) return standardisedVjp(c, axes, c.inputs[1]!)
      return c.through(() => {
        const { mean, inverse, value } = standardise(g, x, axes, float(node, 'epsilon', 1e-5))
        const scaled = mul(g, value, c.inputs[1]!)
        return [c.inputs[2] ? add(g, scaled, c.inputs[2]) : scaled, mean, inverse]
      })
    },
  },
  {
    op: 'LRN',
    forward: 'x / (bias + α/size · Σ x² over neighbouring channels)^β',
    lower: (g, node) => {
      const x = node.inputs[0]!
      const size = integer(node, 'size', 1)
      const sums = overNeighbours(g, square(g, x), size)
      return [div(g, x, pow(g, add(g, mul(g, sums, float(node, 'alpha', 1e-4) / size), float(node, 'bias', 1)), float(node, 'beta', 0.75)))]
    },
  },
  {
    op: 'MeanVarianceNormalization',
    forward: '(x − mean) / (√variance + 10⁻⁹), over the named axes',
    lower: (g, node) => {
      const x = node.inputs[0]!
      const axes = attribute(node, 'axes', 'ints') ?? [0, 2, 3]
      const centred = sub(g, x, reduceMean(g, x, axes, true))
      return [div(g, centred, add(g, sqrt(g, reduceMean(g, square(g, centred), axes, true)), 1e-9))]
    },
  },
  {
    op: 'LpNormalization',
    forward: 'x by its 1- or 2-norm along an axis',
    lower: (g, node) => {
      const x = node.inputs[0]!
      const axis = [integer(node, 'axis', -1)]
      const norm = integer(node, 'p', 2) === 1 ? reduceSum(g, abs(g, x), axis, true) : g.op('ReduceL2', [x, g.integers(axis)])
      const empty = equal(g, norm, 0)
      return [where(g, empty, 0, div(g, x, where(g, empty, 1, norm)))]
    },
  },
]
