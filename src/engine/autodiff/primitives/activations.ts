/**
 * Activation functions. At kinks the conventions are PyTorch's: Relu and LeakyRelu take the left slope at 0, Clip passes
 * the gradient at its bounds.
 */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { float as floatAttribute } from '../../onnx/model'
import { abs, add, and, cast, clip, div, equal, exp, greater, less, maximum, minimum, mul, or, reduceSum, reshape, sign, softplus, tanh, where } from '../../onnx/ops'
import type { Rule, VjpContext } from '../primitive'
import { affineInBlocks, inBlocks, phaseInBlocks } from './blocked-layout'
import { composite, float } from './helpers'
import { madeOf, phasesOf } from './strided-gradient'

/** Makes every positive number that a network computes larger than 1, and none of them infinite. */
const steep = 2 ** 100

const step = (g: GraphBuilder, v: Value): Value => g.op('HardSigmoid', [v], { alpha: floatAttribute(steep), beta: floatAttribute(0) })

/**
 * 1 where y > 0, else 0; y has no negative elements. ONNX Runtime computes Sign element by element, and clip(2¹⁰⁰·y, 0, 1)
 * many times faster, behind a convolution even in that one's layout.
 */
function isPositive(g: GraphBuilder, y: Value): Value {
  if (y.dtype !== 'float32') return sign(g, y)
  return step(g, inBlocks(g, y) ? affineInBlocks(g, y, 1, 0) : y)
}

/** Whether a Clip behind a convolution is Relu6, of which exporters make Clip. */
const isRelu6 = (g: GraphBuilder, { inputs: [x, low, high] }: BuiltNode): boolean => Number(low?.constant?.data[0]) === 0 && Number(high?.constant?.data[0]) === 6 && inBlocks(g, x!)

/**
 * What the bounds leave as it is has the slope 1, and that are the bounds themselves too. Not so in Relu6, whose slope is
 * 0 at both: this is PyTorch's, and asks for the output alone, so that the convolution before it can fuse with it.
 */
const isInside = (g: GraphBuilder, node: BuiltNode, x: Value, y: Value): Value =>
  isRelu6(g, node) ? mul(g, step(g, affineInBlocks(g, y, 1, 0)), step(g, affineInBlocks(g, y, -1, 6))) : equal(g, x, y)

/** Bounds that were computed, or that are learned, receive the gradient of what they hold back. */
function clipVjp(c: VjpContext): (Value | undefined)[] {
  const { g, node, x, y, dy, inputs } = c
  const [, low, high] = inputs
  const held = (by: Value, bound: Value) => reshape(g, reduceSum(g, where(g, by, dy, 0)), bound.shape)
  const least = low ? maximum(g, x, low) : x
  return [
    c.needs(0) ? mul(g, dy, cast(g, isInside(g, node, x, y), dy.dtype)) : undefined,
    c.needs(1) ? held(and(g, less(g, x, low!), equal(g, y, low!)), low!) : undefined,
    c.needs(2) ? held(greater(g, least, high!), high!) : undefined,
  ]
}

export const activations: Rule[] = [
  {
    op: 'Relu',
    forward: 'max(x, 0)',
    // By the output, so that the convolution before it can fuse with Relu.
    vjp: ({ g, y, dy }) => {
      const dx = mul(g, dy, isPositive(g, y))
      const phases = inBlocks(g, y) ? phasesOf(dy) : undefined
      return [phases ? madeOf(dx, phases.strides, (i, j) => mul(g, phases.phase(i, j), step(g, phaseInBlocks(g, y, phases.strides, i, j)))) : dx]
    },
  },
  {
    op: 'LeakyRelu',
    forward: 'x > 0 ? x : α·x',
    vjp: ({ g, node, x, y, dy }) => {
      const alpha = float(node, 'alpha', 0.01)
      // For a positive slope the output has the input's sign, and the input need not be kept.
      const sign = alpha > 0 ? y : x
      // ONNX Runtime computes Greater and Where element by element.
      if (alpha > 0 && alpha <= 1 && y.dtype === 'float32') return [mul(g, dy, clip(g, mul(g, sign, steep), alpha, 1))]
      return [where(g, greater(g, sign, 0), dy, mul(g, dy, alpha))]
    },
  },
  composite('PRelu', 'x > 0 ? x : slope·x', (g, x, node) => where(g, greater(g, x, 0), x, mul(g, x, node.inputs[1]!))),
  {
    op: 'Elu',
    forward: 'x > 0 ? x : α(eˣ − 1)',
    vjp: ({ g, node, x, y, dy }) => [where(g, greater(g, x, 0), dy, mul(g, dy, add(g, y, float(node, 'alpha', 1))))],
  },
  {
    op: 'Selu',
    forward: 'γ(x > 0 ? x : α(eˣ − 1))',
    vjp: ({ g, node, x, y, dy }) => {
      const [alpha, gamma] = [float(node, 'alpha', 1.6732632), float(node, 'gamma', 1.0507009)]
      return [where(g, greater(g, x, 0), mul(g, dy, gamma), mul(g, dy, add(g, y, alpha * gamma)))]
    },
  },
  {
    op: 'Celu',
    forward: 'max(x, 0) + min(0, α(e^{x/α} − 1))',
    vjp: ({ g, node, x, dy }) => [where(g, greater(g, x, 0), dy, mul(g, dy, exp(g, div(g, minimum(g, x, 0), float(node, 'alpha', 1)))))],
  },
  { op: 'ThresholdedRelu', forward: 'x > α ? x : 0', vjp: ({ g, node, x, dy }) => [where(g, greater(g, x, float(node, 'alpha', 1)), dy, 0)] },
  {
    op: 'HardSigmoid',
    forward: 'clip(αx + β, 0, 1)',
    vjp: ({ g, node, y, dy }) => [where(g, and(g, greater(g, y, 0), less(g, y, 1)), mul(g, dy, float(node, 'alpha', 0.2)), 0)],
  },
  composite('HardSwish', 'x · clip(x/6 + ½, 0, 1)', (g, x) => mul(g, x, clip(g, add(g, mul(g, x, 1 / 6), 0.5), 0, 1))),
  composite('Mish', 'x · tanh(softplus x)', (g, x) => mul(g, x, tanh(g, softplus(g, x)))),
  composite('Softsign', 'x / (1 + |x|)', (g, x) => div(g, x, add(g, abs(g, x), 1))),
  {
    op: 'Shrink',
    forward: 'x < −λ ? x + bias : x > λ ? x − bias : 0',
    vjp: ({ g, node, x, dy }) => {
      const lambda = float(node, 'lambd', 0.5)
      return [where(g, or(g, less(g, x, -lambda), greater(g, x, lambda)), dy, 0)]
    },
  },
  { op: 'Clip', forward: 'min(max(x, low), high)', vjp: clipVjp },
]
