/**
 * Activation functions. At kinks the conventions are PyTorch's: Relu and LeakyRelu take the left slope at 0, Clip passes
 * the gradient at its bounds.
 */
import { abs, add, and, clip, div, exp, greater, greaterOrEqual, less, lessOrEqual, minimum, mul, or, sign, softplus, tanh, where } from '../../onnx/ops'
import type { Rule } from '../primitive'
import { composite, float, slope } from './helpers'

export const activations: Rule[] = [
  // y is 0 or positive, so that its sign is the mask: no comparison, and the convolution before it can fuse with Relu.
  slope('Relu', 'max(x, 0)', ({ g, y }) => sign(g, y)),
  {
    op: 'LeakyRelu',
    forward: 'x > 0 ? x : α·x',
    vjp: ({ g, node, x, y, dy }) => {
      const alpha = float(node, 'alpha', 0.01)
      // For a positive slope the output has the input's sign, and the input need not be kept.
      return [where(g, greater(g, alpha > 0 ? y : x, 0), dy, mul(g, dy, alpha))]
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
  {
    op: 'Clip',
    forward: 'min(max(x, low), high)',
    vjp: ({ g, inputs, x, dy }) => {
      const low = inputs[1] && greaterOrEqual(g, x, inputs[1])
      const high = inputs[2] && lessOrEqual(g, x, inputs[2])
      const inside = low && high ? and(g, low, high) : (low ?? high)
      return [inside ? where(g, inside, dy, 0) : dy]
    },
  },
]
