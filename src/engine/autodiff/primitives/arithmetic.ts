/**
 * Operators of several operands, element by element, broadcast as numpy does.
 * Equal operands of Max and Min share the gradient, as in PyTorch.
 */
import type { Value } from '../../onnx/builder'
import { add, cast, div, equal, greater, log, maximum, mul, neg, pow, square, sub, where } from '../../onnx/ops'
import type { Primitive, Rule, VjpContext } from '../primitive'
import { sumTo } from '../sum-to'
import { affineInBlocks, inBlocks } from './blocked-layout'

const second = (c: VjpContext): Value => c.inputs[1]!

/** Each of n operands that attains the extreme receives an equal share of the gradient. */
const extreme = (op: string, forward: string): Primitive => ({
  op,
  forward,
  vjp: (c) => {
    const { g, y, dy, inputs } = c
    const masks = inputs.map((x) => cast(g, equal(g, x!, y), dy.dtype))
    const share = div(g, dy, masks.reduce((a, b) => add(g, a, b)))
    return inputs.map((x, i) => (c.needs(i) ? sumTo(g, mul(g, share, masks[i]!), x!.shape) : undefined))
  },
})

/** d aᵇ / da, by the exponent where it is known: powers of negative numbers and of zero stay as exact as they are. */
function powerSlope(c: VjpContext): Value {
  const { g, x, y } = c
  const b = second(c)
  const known = b.constant && b.constant.data.length === 1 ? Number(b.constant.data[0]) : undefined
  switch (known) {
    case 0:
      return g.scalar(0, x.dtype)
    case 1:
      return g.scalar(1, x.dtype)
    case 2:
      return mul(g, x, 2)
    case 3:
      return mul(g, square(g, x), 3)
    case 0.5:
      return div(g, 0.5, y)
    case -1:
      return neg(g, square(g, y))
    case undefined:
      return where(g, equal(g, b, 0), 0, mul(g, b, pow(g, x, sub(g, b, 1))))
    default:
      return mul(g, pow(g, x, sub(g, b, 1)), known)
  }
}

/** Whether one operand is the sigmoid of the other, as exporters write Swish: x·σ(x). */
function isGateOf(c: VjpContext, index: number): boolean {
  const node = c.g.producer(c.inputs[index]!)
  return node?.op === 'Sigmoid' && node.inputs[0] === c.inputs[1 - index] && c.needs(0) && c.needs(1)
}

/** With y = x·σ the slope by x, both ways taken together, is σ + y·(1 − σ): half as many steps as one way after the other. */
function swishGradient({ g, y, dy, inputs }: VjpContext, gate: number): (Value | undefined)[] {
  const s = inputs[gate]!
  const rest = inBlocks(g, y) ? affineInBlocks(g, s, -1, 1) : sub(g, 1, s)
  const dx = mul(g, dy, add(g, s, mul(g, y, rest)))
  return gate === 0 ? [undefined, dx] : [dx, undefined]
}

export const arithmetic: Rule[] = [
  { op: 'Add', forward: 'a + b', vjp: (c) => c.inputs.map((x, i) => (c.needs(i) ? sumTo(c.g, c.dy, x!.shape) : undefined)) },
  { op: 'Sum', forward: 'a + b + …', vjp: (c) => c.inputs.map((x, i) => (c.needs(i) ? sumTo(c.g, c.dy, x!.shape) : undefined)) },
  {
    op: 'Mean',
    forward: '(a + b + …) / n',
    vjp: (c) => {
      const share = mul(c.g, c.dy, 1 / c.inputs.length)
      return c.inputs.map((x, i) => (c.needs(i) ? sumTo(c.g, share, x!.shape) : undefined))
    },
  },
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
      const gate = [0, 1].find((i) => isGateOf(c, i))
      if (gate !== undefined) return swishGradient(c, gate)
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
      // 0ᵇ and negative bases have no slope in b that a real number could give.
      const logOfBase = () => where(g, greater(g, x, 0), log(g, maximum(g, x, 1e-38)), 0)
      return [c.needs(0) ? sumTo(g, mul(g, dy, powerSlope(c)), x.shape) : undefined, c.needs(1) ? sumTo(g, mul(g, dy, mul(g, y, logOfBase())), b.shape) : undefined]
    },
  },
  {
    op: 'Mod',
    forward: 'remainder of a / b',
    vjp: (c) => {
      const { g } = c
      const b = second(c)
      // a − b·⌊a/b⌋, or with the quotient cut off towards zero: what is left over by a, divided by b, is the quotient.
      const quotient = () => g.op('Round', [div(g, sub(g, c.x, c.y), b)])
      return [c.needs(0) ? sumTo(g, c.dy, c.x.shape) : undefined, c.needs(1) ? sumTo(g, neg(g, mul(g, c.dy, quotient())), b.shape) : undefined]
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
]
