/** Operators that keep a shape or broadcast to one. */
import { attribute, dtypeOfNumber } from '../model'
import { broadcastShapes } from '../shapes'
import { each, input, same, type Rule, type Rules } from './rule'

const broadcast: Rule = (node) => [
  { dtype: input(node, 0).dtype, shape: node.inputs.reduce<number[]>((s, i) => broadcastShapes(s, i?.shape ?? []), []) },
]
const comparison: Rule = (node) => [{ dtype: 'bool', shape: broadcastShapes(input(node, 0).shape, input(node, 1).shape) }]
const truth: Rule = (node) => [{ dtype: 'bool', shape: input(node, 0).shape }]

export const elementwise: Rules = {
  ...each(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Max', 'Min', 'Sum', 'Mean', 'PRelu', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor'], broadcast),
  ...each(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor'], comparison),
  ...each(['IsNaN', 'IsInf', 'Not'], truth),
  ...each(
    [
      'Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh',
      'Acosh', 'Atanh', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'ThresholdedRelu', 'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish', 'Mish',
      'Shrink', 'Erf', 'Clip', 'Softmax', 'LogSoftmax', 'Hardmax', 'Identity', 'BitwiseNot', 'CumSum', 'Trilu', 'ReverseSequence',
    ],
    same,
  ),
  Dropout: (node) => [...same(node), ...truth(node)].slice(0, node.outputCount),
  Cast: (node) => {
    const to = dtypeOfNumber(attribute(node, 'to', 'int') ?? 0)
    if (!to) throw new RangeError(`there are no tensors of the type ${attribute(node, 'to', 'int')} here`)
    return [{ dtype: to, shape: input(node, 0).shape }]
  },
  Where: (node) => [{ dtype: input(node, 1).dtype, shape: [1, 2].reduce<number[]>((s, i) => broadcastShapes(s, input(node, i).shape), [...input(node, 0).shape]) }],
}
