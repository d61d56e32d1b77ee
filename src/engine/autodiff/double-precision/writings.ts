/**
 * Operators that ONNX Runtime 1.30 cannot compute in double precision on the CPU, written with operators that it can.
 * Found by asking it for each operator of the property tests; test/engine/autodiff/double-precision.test.ts asks again.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { add, cast, clip, div, exp, greater, less, log, maximum, mul, neg, reduceMax, reduceMean, reduceSum, reshape, sqrt, square, sub, where } from '../../onnx/ops'
import { normaliseAxis } from '../../onnx/shapes'
import { integer } from '../primitives/helpers'
import { quantisedRange } from '../primitives/quantisation'
import { resized } from '../primitives/resize'
import { ruleFor } from '../registry'
import { errorFunction } from './error-function'
import { averagePool, convolution, normPool, transposedConvolution } from './windows'

/** Builds a node's outputs in double precision. The node's inputs are in double precision already. @param steps see `TwinOptions` */
export type Writing = (g: GraphBuilder, node: BuiltNode, steps: boolean) => Value[]

const one = (write: (g: GraphBuilder, x: Value, node: BuiltNode) => Value): Writing => (g, node) => [write(g, node.inputs[0]!, node)]

/** As the registry writes it for the backward pass. */
const asLowered: Writing = (g, node) => {
  const rule = ruleFor(node.op)
  if (!rule || !('lower' in rule)) throw new Error(`${node.op} is not written with others`)
  return rule.lower(g, node)
}

const pixelAxes = (x: Value): number[] => x.shape.map((_, i) => i).slice(2)

function instanceNormalisation(g: GraphBuilder, node: BuiltNode): Value[] {
  const [x, scale, bias] = node.inputs as [Value, Value, Value]
  const axes = pixelAxes(x)
  const perChannel = (v: Value) => reshape(g, v, [v.shape[0]!, ...axes.map(() => 1)])
  const centred = sub(g, x, reduceMean(g, x, axes, true))
  const deviation = sqrt(g, add(g, reduceMean(g, square(g, centred), axes, true), attribute(node, 'epsilon', 'float') ?? 1e-5))
  return [add(g, mul(g, div(g, centred, deviation), perChannel(scale)), perChannel(bias))]
}

/** A scale or zero point in the shape that broadcasts along its axis. */
function alongAxis(g: GraphBuilder, v: Value, node: BuiltNode): Value {
  const { shape } = node.inputs[0]!
  const real = cast(g, v, 'float64')
  if (!v.shape.length || v.shape[0] === 1) return reshape(g, real, [])
  const axis = normaliseAxis(integer(node, 'axis', 1), shape.length)
  return reshape(g, real, shape.map((_, i) => (i === axis ? v.shape[0]! : 1)))
}

const rounded = (g: GraphBuilder, v: Value): Value => g.op('Round', [v])

/** Without steps cut off half a step beyond the range, where rounding would begin to. */
function quantised(g: GraphBuilder, node: BuiltNode, steps: boolean): Value[] {
  const zero = node.inputs[2]
  const position = div(g, node.inputs[0]!, alongAxis(g, node.inputs[1]!, node))
  const whole = steps ? rounded(g, position) : position
  const shifted = zero ? add(g, whole, alongAxis(g, zero, node)) : whole
  const [low, high] = quantisedRange(node.outputs[0]!.dtype)
  const margin = steps ? 0 : 0.5
  return [clip(g, shifted, low - margin, high + margin)]
}

function dequantised(g: GraphBuilder, node: BuiltNode): Value[] {
  const zero = node.inputs[2]
  const x = cast(g, node.inputs[0]!, 'float64')
  return [mul(g, zero ? sub(g, x, alongAxis(g, zero, node)) : x, alongAxis(g, node.inputs[1]!, node))]
}

function quantisedByOwnRange(g: GraphBuilder, node: BuiltNode, steps: boolean): Value[] {
  const x = node.inputs[0]!
  const low = g.op('Min', [g.op('ReduceMin', [x], { keepdims: { type: 'int', value: 0 } }), g.scalar(0, 'float64')])
  const scale = div(g, sub(g, maximum(g, reduceMax(g, x), 0), low), 255)
  const inSteps = (v: Value) => (steps ? rounded(g, v) : v)
  const zero = inSteps(neg(g, div(g, low, scale)))
  return [add(g, inSteps(div(g, x, scale)), zero), scale, zero]
}

const writings: Readonly<Record<string, Writing>> = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  AveragePool: averagePool,
  LpPool: normPool,
  GlobalAveragePool: one((g, x) => reduceMean(g, x, pixelAxes(x), true)),
  GlobalMaxPool: one((g, x) => reduceMax(g, x, pixelAxes(x), true)),
  GlobalLpPool: one((g, x, node) => {
    const p = integer(node, 'p', 2)
    const sum = reduceSum(g, g.op('Pow', [g.op('Abs', [x]), g.scalar(p, 'float64')]), pixelAxes(x), true)
    return g.op('Pow', [sum, g.scalar(1 / p, 'float64')])
  }),
  Resize: one((g, _, node) => resized(g, node)),
  InstanceNormalization: instanceNormalisation,
  LRN: asLowered,
  MeanVarianceNormalization: asLowered,
  GridSample: asLowered,
  RNN: asLowered,
  LSTM: asLowered,
  GRU: asLowered,
  Mean: (g, node) => [div(g, node.inputs.map((v) => v!).reduce((a, b) => add(g, a, b)), node.inputs.length)],
  Erf: one(errorFunction),
  Celu: one((g, x, node) => {
    const alpha = attribute(node, 'alpha', 'float') ?? 1
    const below = g.op('Min', [x, g.scalar(0, 'float64')])
    return add(g, maximum(g, x, 0), mul(g, sub(g, exp(g, div(g, below, alpha)), 1), alpha))
  }),
  // Takes double precision, and computes in single.
  Shrink: one((g, x, node) => {
    const [lambda, bias] = [attribute(node, 'lambd', 'float') ?? 0.5, attribute(node, 'bias', 'float') ?? 0]
    return where(g, less(g, x, -lambda), add(g, x, bias), where(g, greater(g, x, lambda), sub(g, x, bias), 0))
  }),
  Tan: one((g, x) => div(g, g.op('Sin', [x]), g.op('Cos', [x]))),
  Sinh: one((g, x) => mul(g, sub(g, exp(g, x), exp(g, neg(g, x))), 0.5)),
  Cosh: one((g, x) => mul(g, add(g, exp(g, x), exp(g, neg(g, x))), 0.5)),
  Asinh: one((g, x) => log(g, add(g, x, sqrt(g, add(g, square(g, x), 1))))),
  Acosh: one((g, x) => log(g, add(g, x, sqrt(g, sub(g, square(g, x), 1))))),
  Atanh: one((g, x) => mul(g, log(g, div(g, add(g, x, 1), sub(g, 1, x))), 0.5)),
  QuantizeLinear: quantised,
  DequantizeLinear: dequantised,
  DynamicQuantizeLinear: quantisedByOwnRange,
}

export const writingOf = (op: string): Writing | undefined => (Object.hasOwn(writings, op) ? writings[op] : undefined)

/** Rare ones that are computed in single precision. */
export const singleOnly: ReadonlySet<string> = new Set(['Asin', 'Acos', 'Atan', 'OneHot', 'Col2Im', 'MaxUnpool'])

