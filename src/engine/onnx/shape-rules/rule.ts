/** What a shape rule sees of a node, and how it asks for the node's inputs. */
import { toNumbers, type DType, type Shape } from '../../tensor/tensor'
import type { Attributes } from '../model'

export interface TypedShape {
  dtype: DType
  shape: Shape
}
/** What inference sees of an input; `constant` where its values are known. */
export interface InferenceInput extends TypedShape {
  readonly constant?: { readonly dtype: DType; readonly shape: Shape; readonly data: ArrayLike<number | bigint> } | undefined
}
export interface InferenceNode {
  readonly op: string
  readonly name: string
  readonly inputs: readonly (InferenceInput | undefined)[]
  readonly attributes: Attributes
  readonly outputCount: number
}

/** Types and shapes of a node's outputs. Throws a RangeError that says what does not fit. */
export type Rule = (node: InferenceNode) => TypedShape[]
export type Rules = Record<string, Rule>

export function input(node: InferenceNode, index: number): InferenceInput {
  const found = node.inputs[index]
  if (!found) throw new RangeError(`input ${index} is missing`)
  return found
}

/** Integers of a constant input; undefined when it is left out. @throws when the input is not a constant. */
export function integers(node: InferenceNode, index: number): number[] | undefined {
  const found = node.inputs[index]
  if (!found) return undefined
  if (!found.constant) throw new RangeError(`input ${index} is computed at run time, so that the output's shape is not known beforehand`)
  return toNumbers(found.constant as never)
}

/** As `integers`, where the input must be there. */
export function requiredIntegers(node: InferenceNode, index: number): number[] {
  input(node, index)
  return integers(node, index)!
}

export const same: Rule = (node) => [{ dtype: input(node, 0).dtype, shape: input(node, 0).shape }]

/** The same rule for several operators. */
export const each = (ops: readonly string[], rule: Rule): Rules => Object.fromEntries(ops.map((op) => [op, rule]))
