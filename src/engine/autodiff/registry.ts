/** All that can be differentiated, by operator. A new operator is one record in one of these families. */
import { convolutions } from './primitives/convolution'
import { elementwise } from './primitives/elementwise'
import { linear } from './primitives/linear'
import { normalisation } from './primitives/normalisation'
import { pooling } from './primitives/pooling'
import { reduction } from './primitives/reduction'
import { resizing } from './primitives/resize'
import { shapeOps } from './primitives/shape-ops'
import { softmaxes } from './primitives/softmax'
import type { Rule } from './primitive'

export const families = { elementwise, reduction, shapeOps, linear, convolutions, pooling, normalisation, softmaxes, resizing } as const

const rules = new Map<string, Rule>(Object.values(families).flatMap((family: readonly Rule[]) => family.map((rule) => [rule.op, rule] as const)))

export const ruleFor = (op: string): Rule | undefined => rules.get(op)

/** Operators whose outputs are integers or truths: no gradient flows, and none is missed. */
const discrete = new Set(['Shape', 'ArgMax', 'ArgMin', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor', 'Not', 'ConstantOfShape'])

export const isDifferentiable = (op: string): boolean => rules.has(op) || discrete.has(op)
export const isDiscrete = (op: string): boolean => discrete.has(op)
