/** What a lowering sees of a node and of the model around it, and how it writes other nodes. */
import { attribute, int, ints, type Attributes, type OnnxNode } from '../../onnx/model'
import { int64, type DType, type Shape, type Tensor } from '../../tensor/tensor'

export interface Emit {
  /** Appends a node and answers the name of its output, the first of several that are named here. */
  (op: string, inputs: string[], attributes?: Attributes, outputs?: string | readonly string[], domain?: string): string
  /** Version of ONNX's own operator set. */
  readonly opset: number
  constant(value: Tensor): string
  /** The tensor behind a name, where it is part of the model. */
  known(name: string | undefined): Tensor | undefined
  /** Type and shape of a value, where they follow from the model: always in graphs of the builder, where no size is open. */
  typeOf(name: string | undefined): { dtype: DType; shape: Shape } | undefined
}

/** Writes the node anew; false when this one is to stay as it is. */
export type Write = (emit: Emit, node: OnnxNode) => boolean

export interface Lowering {
  /** The first operator set in which the node has the form that is read here. */
  since: number
  write: Write
}

export const integers = (emit: Emit, values: readonly number[]): string => emit.constant(int64([values.length], values))
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
export const intAttribute = (node: OnnxNode, name: string, otherwise: number): number => attribute(node, name, 'int') ?? otherwise

/** ONNX's word for the end of an axis, whatever its length. */
export const farEnd = 2 ** 31 - 1

/** x[start:end] along one axis. */
export function cut(emit: Emit, x: string, start: number, end: number, axis: number, output?: string): string {
  if (emit.opset < 10) return emit('Slice', [x], { starts: ints([start]), ends: ints([end]), axes: ints([axis]) }, output)
  return emit('Slice', [x, integers(emit, [start]), integers(emit, [end]), integers(emit, [axis])], {}, output)
}

/** Zeros before and behind all axes. */
export function padded(emit: Emit, x: string, pads: readonly number[]): string {
  if (pads.every((p) => p === 0)) return x
  return emit.opset < 11 ? emit('Pad', [x], { pads: ints(pads) }) : emit('Pad', [x, integers(emit, pads)])
}

export const gathered = (emit: Emit, x: string, indices: readonly number[], axis: number, output?: string): string =>
  emit('Gather', [x, integers(emit, indices)], { axis: int(axis) }, output)
