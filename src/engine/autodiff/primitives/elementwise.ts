/**
 * Element by element: y_i depends on x_i alone (and operands broadcast).
 * At kinks the conventions are PyTorch's: Relu and LeakyRelu take the left slope at 0, Clip passes the gradient at its
 * bounds, equal operands of Max and Min share it.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { add, and, cast, cos, div, equal, exp, greater, greaterOrEqual, lessOrEqual, log, maximum, minimum, mul, neg, pow, sigmoid, sign, sin, square, sub, tanh, where, softplus, erf, clip } from '../../onnx/ops'
import type { Composite, Primitive, Rule, VjpContext } from '../primitive'
import { sumTo } from '../sum-to'

/** A primitive of one input whose gradient is dy times a local slope. */
const slope = (op: string, forward: string, local: (c: VjpContext) => Value): Primitive => ({ op, forward, vjp: (c) => [mul(c.g, c.dy, local(c))] })

/** A primitive that is constant almost everywhere. */
const flat = (op: string, forward: string): Primitive => ({ op, forward, vjp: () => [undefined] })

const second = (c: VjpContext): Value => c.inputs[1]!

/** Each of n operands that attains the extreme receives an equal share of the gradient. */
const extreme = (op: string, forward: string): Primitive => ({
  op,
  forward,
  vjp: ({ g, y, dy, inputs }) => {
    const masks = inputs.map((x) => cast(g, equal(g, x!, y), y.dtype))
    const share = div(g, dy, masks.reduce((a, b) => add(g, a, b)))
    return inputs.map((x, i) => sumTo(g, mul(g, share, masks[i]!), x!.shape))
  },
})

const number = (node: { attributes: VjpContext['node']['attributes'] }, name: string, otherwise: number): number => attribute(node, name, 'float') ?? otherwise
const composite = (op: string, forward: string, lower: (g: GraphBuilder, x: Value, node: VjpContext['node']) => Value): Composite => ({
  op,
  forward,
  lower: (g, node) => [lower(g, node.inputs[0]!, node)],
})

export const elementwise: Rule[] = [
  { op: 'Add', forward: 'a + b', vjp: ({ g, dy, inputs }) => inputs.map((x) => sumTo(g, dy, x!.shape)) },
  { op: 'Sum', forward: 'a + b + …', vjp: ({ g, dy, inputs }) => inputs.map((x) => sumTo(g, dy, x!.shape)) },
  {
    op: 'Sub',
    forward: 'a − b',
    vjp: (c) => [c.needs(0) ? sumTo(c.g, c.dy, c.x.shape) : undefined, c.needs(1) ? neg(c.g, sumTo(c.g, c.dy, second(c).shape)) : undefined],
  },
  {
    op: 'Mul',
    forward: 'a · b',
    vjp: (c) => {
      const b = second(c)
      if (c.x === b) return [mul(c.g, mul(c.g, c.dy, 2), c.x), undefined]
      return [c.needs(0) ? sumTo(c.g, mul(c.g, c.dy, b), c.x.shape) : undefined, c.needs(1) ? sumTo(c.g, mul(c.g, c.dy, c.x), b.shape) : undefined]
    },
  },
  {
    op: 'Div',
    forward: 'a / b',
    vjp: (c) => {
      const b = second(c)
      const da = div(c.g, c.dy, b)
      return [c.needs(0) ? sumTo(c.g, da, c.x.shape) : undefined, c.needs(1) ? sumTo(c.g, neg(c.g, mul(c.g, da, c.y)), b.shape) : undefined]
    },
  },
  {
    op: 'Pow',
    forward: 'aᵇ',
    vjp: (c) => {
      const { g, x, y, dy } = c
      const b = second(c)
      const da = () => sumTo(g, mul(g, dy, mul(g, b, pow(g, x, sub(g, b, 1)))), x.shape)
      // 0ᵇ and negative bases have no slope in b that a real number could give.
      const logOfBase = () => where(g, greater(g, x, 0), log(g, maximum(g, x, 1e-38)), 0)
      return [c.needs(0) ? da() : undefined, c.needs(1) ? sumTo(g, mul(g, dy, mul(g, y, logOfBase())), b.shape) : undefined]
    },
  },
  extreme('Max', 'max(a, b, …)'),
  extreme('Min', 'min(a, b, …)'),
  {
    op: 'Where',
    forward: 'c ? a : b',
    vjp: (c) => {
      const [condition, a, b] = c.inputs as [Value, Value, Value]
      return [undefined, c.needs(1) ? sumTo(c.g, where(c.g, condition, c.dy, 0), a.shape) : undefined, c.needs(2) ? sumTo(c.g, where(c.g, condition, 0, c.dy), b.shape) : undefined]
    },
  },
  { op: 'Identity', forward: 'x', vjp: ({ dy }) => [dy] },
  { op: 'Dropout', forward: 'x (inference)', vjp: ({ dy }) => [dy] },
  { op: 'Cast', forward: 'x in another type', vjp: ({ g, x, dy }) => [/^float/.test(x.dtype) && /^float/.test(dy.dtype) ? cast(g, dy, x.dtype) : undefined] },
  { op: 'Neg', forward: '−x', vjp: ({ g, dy }) => [neg(g, dy)] },
  slope('Exp', 'eˣ', ({ y }) => y),
  { op: 'Log', forward: 'ln x', vjp: ({ g, x, dy }) => [div(g, dy, x)] },
  { op: 'Sqrt', forward: '√x', vjp: ({ g, y, dy }) => [div(g, mul(g, dy, 0.5), y)] },
  slope('Reciprocal', '1 / x', ({ g, y }) => neg(g, square(g, y))),
  slope('Abs', '|x|', ({ g, x }) => sign(g, x)),
  slope('Sin', 'sin x', ({ g, x }) => cos(g, x)),
  slope('Cos', 'cos x', ({ g, x }) => neg(g, sin(g, x))),
  slope('Tanh', 'tanh x', ({ g, y }) => sub(g, 1, square(g, y))),
  slope('Sigmoid', '1 / (1 + e⁻ˣ)', ({ g, y }) => mul(g, y, sub(g, 1, y))),
  slope('Softplus', 'ln(1 + eˣ)', ({ g, x }) => sigmoid(g, x)),
  slope('Erf', 'erf x', ({ g, x }) => mul(g, exp(g, neg(g, square(g, x))), 2 / Math.sqrt(Math.PI))),
  // y is 0 or positive, so that its sign is the mask: no comparison, and the convolution before it can fuse with Relu.
  slope('Relu', 'max(x, 0)', ({ g, y }) => sign(g, y)),
  {
    op: 'LeakyRelu',
    forward: 'x > 0 ? x : α·x',
    vjp: ({ g, node, y, dy }) => [where(g, greater(g, y, 0), dy, mul(g, dy, number(node, 'alpha', 0.01)))],
  },
  {
    op: 'Elu',
    forward: 'x > 0 ? x : α(eˣ − 1)',
    vjp: ({ g, node, x, y, dy }) => [where(g, greater(g, x, 0), dy, mul(g, dy, add(g, y, number(node, 'alpha', 1))))],
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
  flat('Sign', 'sign x'),
  flat('Floor', '⌊x⌋'),
  flat('Ceil', '⌈x⌉'),
  flat('Round', 'x rounded'),
  composite('Selu', 'γ(x > 0 ? x : α(eˣ − 1))', (g, x, node) => {
    const alpha = number(node, 'alpha', 1.6732632)
    const negative = mul(g, sub(g, exp(g, minimum(g, x, 0)), 1), alpha)
    return mul(g, where(g, greater(g, x, 0), x, negative), number(node, 'gamma', 1.0507009))
  }),
  composite('Celu', 'max(x, 0) + min(0, α(e^{x/α} − 1))', (g, x, node) => {
    const alpha = number(node, 'alpha', 1)
    return where(g, greater(g, x, 0), x, mul(g, sub(g, exp(g, div(g, minimum(g, x, 0), alpha)), 1), alpha))
  }),
  composite('HardSigmoid', 'clip(αx + β, 0, 1)', (g, x, node) => clip(g, add(g, mul(g, x, number(node, 'alpha', 0.2)), number(node, 'beta', 0.5)), 0, 1)),
  composite('HardSwish', 'x · clip(x/6 + ½, 0, 1)', (g, x) => mul(g, x, clip(g, add(g, mul(g, x, 1 / 6), 0.5), 0, 1))),
  composite('Mish', 'x · tanh(softplus x)', (g, x) => mul(g, x, tanh(g, softplus(g, x)))),
  composite('Softsign', 'x / (1 + |x|)', (g, x) => div(g, x, add(g, g.op('Abs', [x]), 1))),
  composite('Gelu', 'x·Φ(x)', (g, x) => mul(g, mul(g, x, 0.5), add(g, erf(g, mul(g, x, Math.SQRT1_2)), 1))),
  composite('Mean', '(a + b + …) / n', (g, _, node) => div(g, g.op('Sum', node.inputs), node.inputs.length)),
  composite('PRelu', 'x > 0 ? x : slope·x', (g, x, node) => where(g, greater(g, x, 0), x, mul(g, x, node.inputs[1]!))),
]
