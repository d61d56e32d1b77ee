/**
 * What the differentiator knows of an operator of the builder's graphs (ONNX, operator set 18).
 *
 * A primitive says how an output's gradient becomes its inputs' gradients (its vector-Jacobian product). A composite
 * says how the operator is written with others; it is differentiated through that writing, while the forward pass keeps
 * the original node, which ONNX Runtime runs fastest. Both are records, found by operator name in registry.ts.
 */
import type { BuiltNode, GraphBuilder, Value } from '../onnx/builder'

export interface VjpContext {
  readonly g: GraphBuilder
  readonly node: BuiltNode
  /** The node's inputs; optional ones that are left out are undefined. */
  readonly inputs: readonly (Value | undefined)[]
  /** First input. */
  readonly x: Value
  /** First output. */
  readonly y: Value
  /** Gradient of the loss by the first output, with its shape. */
  readonly dy: Value
  /** Gradients by every output; undefined where the loss does not depend on it. */
  readonly gradients: readonly (Value | undefined)[]
  /** Whether anybody asks for the gradient by that input. */
  readonly needs: (inputIndex: number) => boolean
  /** Gradients by way of the node's outputs written with other operators, as a composite's are. */
  readonly through: (write: () => Value[]) => (Value | undefined)[]
}

export interface Primitive {
  readonly op: string
  /** The forward meaning, as a formula for the documentation. */
  readonly forward: string
  /**
   * Gradients by the inputs, each with its input's shape; undefined for those that have none. Quantised numbers have
   * gradients in floating point, by the straight-through estimator.
   */
  readonly vjp: (context: VjpContext) => (Value | undefined)[]
}

export interface Composite {
  readonly op: string
  readonly forward: string
  /** Builds the same outputs from the same inputs out of other operators. */
  readonly lower: (g: GraphBuilder, node: BuiltNode) => Value[]
}

export type Rule = Primitive | Composite
