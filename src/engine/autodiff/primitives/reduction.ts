/** Reductions over axes: sums, means, products, extremes and norms; cumulative sums. */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute, int } from '../../onnx/model'
import { normaliseAxis } from '../../onnx/shapes'
import { add, cast, concat, div, equal, exp, expand, log, mul, reduceMax, reduceSum, reshape, sign, slice, square, sub, transpose, where } from '../../onnx/ops'
import { sizeOf } from '../../tensor/tensor'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { constants, range } from './helpers'

/** The reduced axes of a reduction node; all when none are named. */
function axesOf(node: BuiltNode): number[] {
  const x = node.inputs[0]!
  const axes = (constants(node, 1) ?? []).map((a) => normaliseAxis(a, x.shape.length))
  if (axes.length) return axes
  return attribute(node, 'noop_with_empty_axes', 'int') ? [] : x.shape.map((_, i) => i)
}

const keptShape = (node: BuiltNode): number[] => {
  const axes = axesOf(node)
  return node.inputs[0]!.shape.map((d, i) => (axes.includes(i) ? 1 : d))
}

/** A value of the output's shape, repeated over the reduced axes. */
const spread = (c: VjpContext, v: Value): Value => expand(c.g, reshape(c.g, v, keptShape(c.node)), c.x.shape)

/** Elements that attain the extreme share its gradient equally. */
const extreme = (op: string, forward: string): Primitive => ({
  op,
  forward,
  vjp: (c) => {
    const { g, node, x, y, dy } = c
    const kept = keptShape(node)
    const axes = axesOf(node)
    const mask = cast(g, equal(g, x, reshape(g, y, kept)), dy.dtype)
    return [mul(g, mask, div(g, reshape(g, dy, kept), axes.length ? reduceSum(g, mask, axes, true) : mask))]
  },
})

const sumOver = (g: GraphBuilder, v: Value, axes: readonly number[], keep: boolean): Value => (axes.length ? reduceSum(g, v, axes, keep) : v)

const lowered = (op: string, forward: string, lower: (g: GraphBuilder, x: Value, sum: (v: Value) => Value, node: BuiltNode) => Value): Rule => ({
  op,
  forward,
  lower: (g, node) => {
    const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
    return [lower(g, node.inputs[0]!, (v) => sumOver(g, v, axesOf(node), keep), node)]
  },
})

/** As factors of two halves, again and again: no division, so that a factor of zero does no harm. */
function product(g: GraphBuilder, node: BuiltNode): Value {
  const x = node.inputs[0]!
  const axes = axesOf(node)
  const others = range(x.shape.length).filter((i) => !axes.includes(i))
  let count = sizeOf(axes.map((a) => x.shape[a]!))
  let factors = reshape(g, transpose(g, x, [...others, ...axes]), [sizeOf(others.map((i) => x.shape[i]!)), count])
  while (count > 1) {
    const half = count >> 1
    const pairs = mul(g, slice(g, factors, [0], [half], [1]), slice(g, factors, [half], [2 * half], [1]))
    factors = count % 2 ? concat(g, [pairs, slice(g, factors, [count - 1], [count], [1])], 1) : pairs
    count = half + (count % 2)
  }
  return reshape(g, factors, node.outputs[0]!.shape)
}

export const reduction: Rule[] = [
  { op: 'ReduceSum', forward: 'Σ x', vjp: (c) => [spread(c, c.dy)] },
  { op: 'ReduceMean', forward: 'mean x', vjp: (c) => [spread(c, mul(c.g, c.dy, sizeOf(c.y.shape) / sizeOf(c.x.shape)))] },
  { op: 'ReduceProd', forward: 'Π x', lower: (g, node) => [product(g, node)] },
  extreme('ReduceMax', 'max x'),
  extreme('ReduceMin', 'min x'),
  { op: 'ReduceL1', forward: 'Σ |x|', vjp: (c) => [mul(c.g, spread(c, c.dy), sign(c.g, c.x))] },
  {
    op: 'ReduceL2',
    forward: '√Σ x²',
    vjp: (c) => {
      // At 0 the norm has no slope; 0 is PyTorch's.
      const empty = equal(c.g, c.y, 0)
      return [mul(c.g, spread(c, where(c.g, empty, 0, div(c.g, c.dy, where(c.g, empty, 1, c.y)))), c.x)]
    },
  },
  lowered('ReduceSumSquare', 'Σ x²', (g, x, sum) => sum(square(g, x))),
  lowered('ReduceLogSum', 'ln Σ x', (g, x, sum) => log(g, sum(x))),
  lowered('ReduceLogSumExp', 'ln Σ eˣ', (g, x, sum, node) => {
    const axes = axesOf(node)
    if (!axes.length) return log(g, exp(g, x))
    const largest = reduceMax(g, x, axes, true)
    return add(g, log(g, sum(exp(g, sub(g, x, largest)))), reshape(g, largest, node.outputs[0]!.shape))
  }),
  {
    op: 'CumSum',
    forward: 'Σ of x up to each place',
    vjp: ({ g, node, dy, inputs }) => [g.op('CumSum', [dy, inputs[1]], { ...node.attributes, reverse: int(attribute(node, 'reverse', 'int') ? 0 : 1) })],
  },
]
