/** Arithmetic, functions and activations of random broadcasting shapes. */
import { float, int } from '../../../../../src/engine/onnx/model'
import { away, between, bools, node, normal, real, type Case, type Cases, type Draw, type Optional } from '../draw'
import type { Drawn, Free } from '../harness'
import { int64, sizeOf, type Shape } from '../../../../../src/engine/tensor/tensor'

type Values = (shape: Shape) => Free

const unary = (op: string, since: number, values: Values = normal, attributes: (d: Draw) => Optional = () => ({}), more: Partial<Drawn> = {}): Case => (d) =>
  node(d, op, d.opset(since), [values(d.shape(0, 4))], attributes(d), more)

const binary = (op: string, since: number, values: Values = normal): Case => (d) => {
  const whole = d.shape(0, 4)
  return node(d, op, d.opset(since), [values(d.broadcast(whole)), values(d.bool() ? whole : d.broadcast(whole))])
}

const several = (op: string, since: number, values: Values): Case => (d) => {
  const whole = d.shape(0, 3)
  return node(d, op, d.opset(since), d.list(d.int(1, 4), (i) => values(i ? d.broadcast(whole) : whole)))
}

/** Operands a step apart whatever element meets which. */
const extreme = (op: string): Case => (d) => {
  const whole = d.shape(0, 3)
  const count = d.int(1, 3)
  const levels = d.order(24 * count)
  let next = 0
  const values: Values = (shape) => ({ shape, values: () => levels[next++ % levels.length]! * 0.15 - 2 })
  return node(d, op, d.opset(8), d.list(count, (i) => values(i ? d.broadcast(whole.map((w) => Math.min(w, 2))) : whole.map((w) => Math.min(w, 2)))))
}

export const arithmetic: Cases = {
  Add: binary('Add', 7),
  Sub: binary('Sub', 7),
  Mul: binary('Mul', 7),
  Div: binary('Div', 7, between(0.5, 2)),
  Sum: several('Sum', 8, normal),
  Mean: several('Mean', 8, normal),
  Max: extreme('Max'),
  Min: extreme('Min'),
  Pow: (d) => {
    const whole = d.shape(0, 3)
    if (d.bool()) return node(d, 'Pow', d.opset(7), [between(0.4, 2)(d.broadcast(whole)), between(-1.5, 2.5)(whole)])
    const exponent = d.pick(-2, -1, -0.5, 0, 0.5, 1, 1.7, 2, 3, 4)
    const base = exponent === Math.round(exponent) && exponent >= 0 ? normal(whole) : between(0.4, 2)(whole)
    const opset = d.opset(7)
    const whole64 = opset >= 12 && Number.isInteger(exponent) && exponent >= 0 && d.bool()
    return node(d, 'Pow', opset, [base, whole64 ? int64([], [exponent]) : real([], [exponent])])
  },
  Mod: (d) => {
    const shape = d.shape(1, 3)
    // Quotients stay between two whole numbers.
    const a: Free = { shape, values: (r) => 2 * (r.integer(6) - 3) + 0.5 + r.uniform(-0.2, 0.2) }
    return node(d, 'Mod', d.opset(10), [a, between(1.92, 2.08)(shape.slice(d.int(0, shape.length)))], { fmod: int(1) })
  },
  Where: (d) => {
    const whole = d.shape(1, 3)
    const where = d.broadcast(whole)
    return node(d, 'Where', d.opset(9), [bools(where, d.list(sizeOf(where), () => d.bool())), normal(d.broadcast(whole)), normal(whole)])
  },
}

const inside = between(-0.8, 0.8)

export const functions: Cases = {
  Identity: unary('Identity', 7),
  Dropout: (d) => {
    const opset = d.opset(7)
    return opset < 12 ? node(d, 'Dropout', opset, [normal(d.shape(1, 3))], { ratio: float(0.4) }) : node(d, 'Dropout', opset, [normal(d.shape(1, 3)), ...(d.bool() ? [real([], [0.4])].map((t) => ({ ...t, dtype: 'float32' as const, data: Float32Array.from(t.data as Float64Array) })) : [])])
  },
  Cast: (d) => {
    const shape = d.shape(1, 3)
    const drawn = node(d, 'Cast', d.opset(9), [normal(shape)], { to: int(1) })
    return { ...drawn, forward: 1e-5, tolerance: 2e-3 }
  },
  Neg: unary('Neg', 7),
  Exp: unary('Exp', 7),
  Log: unary('Log', 7, between(0.4, 3)),
  Sqrt: unary('Sqrt', 7, between(0.4, 3)),
  Reciprocal: unary('Reciprocal', 7, between(0.5, 2)),
  Abs: unary('Abs', 7, away(0)),
  Sin: unary('Sin', 7),
  Cos: unary('Cos', 7),
  Tan: unary('Tan', 7, inside),
  Asin: unary('Asin', 7, inside),
  Acos: unary('Acos', 7, inside),
  Atan: unary('Atan', 7),
  Sinh: unary('Sinh', 9),
  Cosh: unary('Cosh', 9),
  Asinh: unary('Asinh', 9),
  Acosh: unary('Acosh', 9, between(1.5, 3)),
  Atanh: unary('Atanh', 9, between(-0.7, 0.7)),
  Tanh: unary('Tanh', 7),
  Sigmoid: unary('Sigmoid', 7),
  Softplus: unary('Softplus', 7),
  Erf: unary('Erf', 9),
  Sign: unary('Sign', 9, away(0)),
  Floor: unary('Floor', 7, away(-3, -2, -1, 0, 1, 2, 3)),
  Ceil: unary('Ceil', 7, away(-3, -2, -1, 0, 1, 2, 3)),
  Round: unary('Round', 11, away(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)),
}

const alpha = (low: number, high: number) => (d: Draw) => (d.bool() ? { alpha: float(Math.fround(d.real(low, high))) } : {})

export const activations: Cases = {
  Relu: unary('Relu', 7, away(0)),
  LeakyRelu: unary('LeakyRelu', 7, away(0), alpha(-0.3, 0.8)),
  PRelu: (d) => {
    const shape = d.shape(1, 4)
    return node(d, 'PRelu', d.opset(7), [away(0)(shape), between(-0.5, 0.5)(d.broadcast(shape))])
  },
  Elu: unary('Elu', 7, away(0), alpha(0.3, 2)),
  Selu: unary('Selu', 7, away(0), (d) => (d.bool() ? { alpha: float(1.25), gamma: float(0.75) } : {})),
  Celu: unary('Celu', 12, away(0), alpha(0.5, 2)),
  ThresholdedRelu: (d) => {
    const threshold = d.pick(0.5, 1, 0.25)
    return node(d, 'ThresholdedRelu', d.opset(10), [away(threshold)(d.shape(1, 3))], threshold === 1 ? {} : { alpha: float(threshold) })
  },
  HardSigmoid: (d) => {
    const [a, b] = d.bool() ? [0.2, 0.5] : [0.25, 0.625]
    return node(d, 'HardSigmoid', d.opset(7), [away(-b / a, (1 - b) / a)(d.shape(1, 3), 3)], a === 0.2 ? {} : { alpha: float(a), beta: float(b) })
  },
  HardSwish: unary('HardSwish', 14, (shape) => away(-3, 3)(shape, 3)),
  Mish: unary('Mish', 18),
  Softsign: unary('Softsign', 7, away(0)),
  Shrink: unary('Shrink', 9, away(-0.5, 0.5), (d) => ({ lambd: float(0.5), ...(d.bool() ? { bias: float(0.25) } : {}) }), { single: true }),
  Clip: (d) => {
    const opset = d.opset(7)
    const [low, high] = [d.bool() ? -0.5 : undefined, d.bool() ? 0.75 : undefined]
    const x = away(-0.5, 0.75)(d.shape(1, 3))
    if (opset < 11) return node(d, 'Clip', opset, [x], { ...(low === undefined ? {} : { min: float(low) }), ...(high === undefined ? {} : { max: float(high) }) })
    // Bounds are constants, or computed.
    const bound = (v: number) => (d.bool() ? real([], [v]) : { shape: [], values: () => v })
    return node(d, 'Clip', opset, [x, low === undefined ? undefined : bound(low), ...(high === undefined ? [] : [bound(high)])])
  },
}
