/** Functions of one number, element by element. */
import { add, cast, cos, div, exp, mul, neg, sign, sin, sqrt, square, sub, sigmoid } from '../../onnx/ops'
import type { Rule } from '../primitive'
import { flat, slope } from './helpers'

const isReal = (dtype: string): boolean => dtype.startsWith('float')

export const functions: Rule[] = [
  { op: 'Identity', forward: 'x', vjp: ({ dy }) => [dy] },
  { op: 'Dropout', forward: 'x (inference)', vjp: ({ dy }) => [dy] },
  { op: 'Cast', forward: 'x in another type', vjp: ({ g, x, y, dy }) => [isReal(x.dtype) && isReal(y.dtype) ? cast(g, dy, x.dtype) : undefined] },
  { op: 'Neg', forward: '−x', vjp: ({ g, dy }) => [neg(g, dy)] },
  slope('Exp', 'eˣ', ({ y }) => y),
  { op: 'Log', forward: 'ln x', vjp: ({ g, x, dy }) => [div(g, dy, x)] },
  { op: 'Sqrt', forward: '√x', vjp: ({ g, y, dy }) => [div(g, mul(g, dy, 0.5), y)] },
  slope('Reciprocal', '1 / x', ({ g, y }) => neg(g, square(g, y))),
  slope('Abs', '|x|', ({ g, x }) => sign(g, x)),
  slope('Sin', 'sin x', ({ g, x }) => cos(g, x)),
  slope('Cos', 'cos x', ({ g, x }) => neg(g, sin(g, x))),
  slope('Tan', 'tan x', ({ g, y }) => add(g, square(g, y), 1)),
  { op: 'Asin', forward: 'arcsin x', vjp: ({ g, x, dy }) => [div(g, dy, sqrt(g, sub(g, 1, square(g, x))))] },
  { op: 'Acos', forward: 'arccos x', vjp: ({ g, x, dy }) => [neg(g, div(g, dy, sqrt(g, sub(g, 1, square(g, x)))))] },
  { op: 'Atan', forward: 'arctan x', vjp: ({ g, x, dy }) => [div(g, dy, add(g, square(g, x), 1))] },
  slope('Sinh', 'sinh x', ({ g, x }) => g.op('Cosh', [x])),
  slope('Cosh', 'cosh x', ({ g, x }) => g.op('Sinh', [x])),
  { op: 'Asinh', forward: 'arsinh x', vjp: ({ g, x, dy }) => [div(g, dy, sqrt(g, add(g, square(g, x), 1)))] },
  { op: 'Acosh', forward: 'arcosh x', vjp: ({ g, x, dy }) => [div(g, dy, sqrt(g, sub(g, square(g, x), 1)))] },
  { op: 'Atanh', forward: 'artanh x', vjp: ({ g, x, dy }) => [div(g, dy, sub(g, 1, square(g, x)))] },
  slope('Tanh', 'tanh x', ({ g, y }) => sub(g, 1, square(g, y))),
  slope('Sigmoid', '1 / (1 + e⁻ˣ)', ({ g, y }) => mul(g, y, sub(g, 1, y))),
  slope('Softplus', 'ln(1 + eˣ)', ({ g, x }) => sigmoid(g, x)),
  slope('Erf', 'erf x', ({ g, x }) => mul(g, exp(g, neg(g, square(g, x))), 2 / Math.sqrt(Math.PI))),
  flat('Sign', 'sign x'),
  flat('Floor', '⌊x⌋'),
  flat('Ceil', '⌈x⌉'),
  flat('Round', 'x rounded, halves to even'),
]
