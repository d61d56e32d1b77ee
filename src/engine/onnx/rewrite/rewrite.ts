/**
 * How a node of a foreign model is written with the operators of the builder (ONNX's operator set 18), while the model
 * is spliced in. Two reasons: the operator had another form in the model's operator set, or it does not exist in 18 or
 * not in ONNX at all and is written out with others, in the forward pass already.
 */
import { AssayError } from '../../../shared/errors'
import type { Tensor } from '../../tensor/tensor'
import type { GraphBuilder, Value } from '../builder'
import { attribute, type Attributes, type OnnxNode } from '../model'
import { refusal } from '../refusal'

export interface RewriteContext {
  readonly g: GraphBuilder
  readonly node: OnnxNode
  /** Inputs that are left out are undefined; so are those behind the last. */
  readonly inputs: readonly (Value | undefined)[]
  /** Version of the operator set that the node is written in. */
  readonly opset: number
  readonly attributes: Attributes
  /** First input. */
  readonly x: Value
  /** Appends a node under the foreign node's name; by default with as many outputs as the foreign node has. */
  emit(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes, outputs?: number): Value[]
  /** Input that must be there. @throws AssayError `onnx-invalid` */
  required(index: number): Value
  float(name: string, otherwise: number): number
  int(name: string, otherwise: number): number
  string(name: string, otherwise: string): string
  ints(name: string): number[] | undefined
  floats(name: string): number[] | undefined
  /** An error that names the node; `trouble` continues “uses the operator …,”. */
  refuse(trouble: string): AssayError
}

export interface Rewrite {
  readonly op: string
  /** The meaning as a formula for the documentation; absent where the operator stays itself in a newer form. */
  readonly forward?: string
  /** Values of the node's outputs, in order; undefined for one that nobody can give. */
  readonly write: (c: RewriteContext) => (Value | undefined)[]
}

export function contextOf(g: GraphBuilder, node: OnnxNode, inputs: readonly (Value | undefined)[], opset: number, name: string): RewriteContext {
  const required = (index: number): Value => {
    const found = inputs[index]
    if (!found) throw new AssayError('onnx-invalid', `The model's node ${node.name} (${node.op}) lacks its input ${index}; export the model again.`, { node: node.name, operator: node.op })
    return found
  }
  return {
    g,
    node,
    inputs,
    opset,
    attributes: node.attributes,
    get x() {
      return required(0)
    },
    required,
    emit: (op, from, attributes = {}, outputs = Math.max(1, node.outputs.length)) => g.node(op, from, attributes, outputs, name),
    float: (key, otherwise) => attribute(node, key, 'float') ?? otherwise,
    int: (key, otherwise) => attribute(node, key, 'int') ?? otherwise,
    string: (key, otherwise) => attribute(node, key, 'string') ?? otherwise,
    ints: (key) => attribute(node, key, 'ints'),
    floats: (key) => attribute(node, key, 'floats'),
    refuse: (trouble) => refusal('onnx-operator-unsupported', { node: node.name, operator: node.op, domain: node.domain, opset }, trouble),
  }
}

/** What is written into the model as a constant stays moderate, however large a shape in a file claims to be. */
export function moderate(c: RewriteContext, elements: number): number {
  if (!(elements <= 1 << 24)) throw c.refuse('with a table of more elements than Assay writes into a model')
  return elements
}

export const without = (attributes: Attributes, ...names: string[]): Attributes => Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))

/** The values of an input that has to be known while building. @throws AssayError `onnx-operator-unsupported` */
export function known(c: RewriteContext, index: number): Tensor | undefined {
  const value = c.inputs[index]
  if (value && !value.constant) throw c.refuse(`whose input ${index} is computed at run time, which Assay cannot follow`)
  return value?.constant
}
