/** What the families of operators have in common: records for frequent kinds of operators, zeros, attributes. */
import type { BuiltNode, GraphBuilder, Value } from '../../onnx/builder'
import { attribute } from '../../onnx/model'
import { cast, expand, mul } from '../../onnx/ops'
import { sizeOf, toNumbers, type DType, type Shape } from '../../tensor/tensor'
import type { Composite, Primitive, VjpContext } from '../primitive'

/** A primitive of one input whose gradient is dy times a local slope. */
export const slope = (op: string, forward: string, local: (c: VjpContext) => Value): Primitive => ({
  op,
  forward,
  // Between quantised numbers the slope comes as whole numbers, and the gradient does not.
  vjp: (c) => [mul(c.g, c.dy, cast(c.g, local(c), c.dy.dtype))],
})

/** A primitive that is constant almost everywhere. */
export const flat = (op: string, forward: string): Primitive => ({ op, forward, vjp: () => [undefined] })

/** One input, one output, written with other operators. */
export const composite = (op: string, forward: string, lower: (g: GraphBuilder, x: Value, node: BuiltNode) => Value): Composite => ({
  op,
  forward,
  lower: (g, node) => [lower(g, node.inputs[0]!, node)],
})

export const float = (node: BuiltNode, name: string, otherwise: number): number => attribute(node, name, 'float') ?? otherwise
export const integer = (node: BuiltNode, name: string, otherwise: number): number => attribute(node, name, 'int') ?? otherwise
export const text = (node: BuiltNode, name: string, otherwise: string): string => attribute(node, name, 'string') ?? otherwise

/** Numbers of an input that is known while building. */
export const constants = (node: BuiltNode, index: number): number[] | undefined => node.inputs[index]?.constant && toNumbers(node.inputs[index].constant)

export const zeros = (g: GraphBuilder, shape: Shape, dtype: DType): Value => expand(g, g.scalar(0, dtype), shape)

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Before, along and after an axis. */
export const around = (shape: Shape, axis: number): [number, number, number] => [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))]
