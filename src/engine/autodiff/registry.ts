/**
 * All that can be differentiated, by operator. A new operator of the builder's graphs is one record in one of these
 * families; what foreign models write otherwise is in the table of rewrites (room onnx).
 */
import { isFolded } from '../onnx/fold'
import { rewriteOf } from '../onnx/rewrite'
import { isSequenceOp } from '../onnx/sequences'
import { activations } from './primitives/activations'
import { arithmetic } from './primitives/arithmetic'
import { convolutions } from './primitives/convolution'
import { functions } from './primitives/functions'
import { indexing } from './primitives/indexing'
import { linear } from './primitives/linear'
import { movement } from './primitives/movement'
import { normalisation } from './primitives/normalisation'
import { pooling } from './primitives/pooling'
import { quantisation } from './primitives/quantisation'
import { recurrent } from './primitives/recurrent'
import { reduction } from './primitives/reduction'
import { resizing } from './primitives/resize'
import { sampling } from './primitives/sampling'
import { softmaxes } from './primitives/softmax'
import type { Rule } from './primitive'

export const families = {
  arithmetic,
  functions,
  activations,
  reduction,
  movement,
  indexing,
  linear,
  convolutions,
  pooling,
  normalisation,
  softmaxes,
  resizing,
  sampling,
  recurrent,
  quantisation,
} as const satisfies Record<string, readonly Rule[]>

const rules = new Map<string, Rule>(Object.values(families).flatMap((family: readonly Rule[]) => family.map((rule) => [rule.op, rule] as const)))

export const ruleFor = (op: string): Rule | undefined => rules.get(op)

/** Operators whose outputs are integers, truths or one-hot vectors: no gradient flows, and none is missed. */
export const discrete: readonly string[] = [
  'Shape', 'Size', 'ArgMax', 'ArgMin', 'Hardmax', 'NonZero', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor', 'Not',
  'IsNaN', 'IsInf', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitwiseNot', 'ConstantOfShape', 'Range',
]
const isDiscreteOp = new Set(discrete)

export const isDiscrete = (op: string): boolean => isDiscreteOp.has(op)

/** Operators that are gone once a model is spliced in: constants, taken branches, unrolled loops. */
export const gone: readonly string[] = ['Constant', 'If', 'Loop']

/** Whether a gradient flows through an operator of a foreign model, or none is missed. */
export const isDifferentiable = (op: string, domain = ''): boolean =>
  rewriteOf(domain, op) !== undefined || (domain === '' && (rules.has(op) || isDiscrete(op) || isFolded(op) || isSequenceOp(op) || gone.includes(op)))
