/** Reductions over axes: sums, means, extremes and norms. */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { normaliseAxis } from '../../onnx/shapes'
import { abs, cast, div, equal, exp, expand, log, mul, reduceMax, reduceSum, reshape, sqrt, square, sub, add } from '../../onnx/ops'
import { attribute } from '../../onnx/model'
import { sizeOf, toNumbers } from '../../tensor/tensor'
import type { BuiltNode } from '../../onnx/builder'
import type { Primitive, Rule, VjpContext } from '../primitive'

/** The reduced axes of a reduction node; all when none are named. */
function axesOf(node: BuiltNode): number[] {
  const x = node.inputs[0]!
  const given = node.inputs[1]?.constant
  const axes = given ? toNumbers(given).map((a) => normaliseAxis(a, x.shape.length)) : []
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
    const mask = cast(g, equal(g, x, reshape(g, y, kept)), x.dtype)
    return [mul(g, mask, div(g, reshape(g, dy, kept), reduceSum(g, mask, axesOf(node), true)))]
  },
})

const lowered = (op: string, forward: string, lower: (g: GraphBuilder, x: Value, sum: (v: Value) => Value, node: BuiltNode) => Value): Rule => ({
  op,
  forward,
  lower: (g, node) => {
    const keep = (attribute(node, 'keepdims', 'int') ?? 1) === 1
    return [lower(g, node.inputs[0]!, (v) => reduceSum(g, v, axesOf(node), keep), node)]
  },
})

export const reduction: Rule[] = [
  { op: 'ReduceSum', forward: 'Σ x', vjp: (c) => [spread(c, c.dy)] },
  { op: 'ReduceMean', forward: 'mean x', vjp: (c) => [spread(c, mul(c.g, c.dy, sizeOf(c.y.shape) / sizeOf(c.x.shape)))] },
  extreme('ReduceMax', 'max x'),
  extreme('ReduceMin', 'min x'),
  lowered('ReduceSumSquare', 'Σ x²', (g, x, sum) => sum(square(g, x))),
  lowered('ReduceL1', 'Σ |x|', (g, x, sum) => sum(abs(g, x))),
  lowered('ReduceL2', '√Σ x²', (g, x, sum) => sqrt(g, sum(square(g, x)))),
  lowered('ReduceLogSum', 'ln Σ x', (g, x, sum) => log(g, sum(x))),
  lowered('ReduceLogSumExp', 'ln Σ eˣ', (g, x, sum, node) => {
    const largest = reduceMax(g, x, axesOf(node), true)
    return add(g, log(g, sum(exp(g, sub(g, x, largest)))), reshape(g, largest, node.outputs[0]!.shape))
  }),
]
