/**
 * Shapes and types of an operator's outputs, from those of its inputs, as the ONNX operator specification defines them
 * (operator set 18). Every dimension is a number here: graphs are built for one batch size, so that the backward
 * graph's shapes are known while it is built. The rules lie in families under shape-rules/.
 */
import { AssayError } from '../../shared/errors'
import { offer } from './refusal'
import { elementwise } from './shape-rules/elementwise'
import { movement } from './shape-rules/movement'
import { products } from './shape-rules/products'
import type { InferenceNode, Rules, TypedShape } from './shape-rules/rule'
import { windows } from './shape-rules/windows'

const rules: Rules = { ...elementwise, ...movement, ...products, ...windows }

/**
 * @throws AssayError `onnx-operator-unsupported` for an operator without a rule, `onnx-shape-unknown` where the shape
 * depends on values that are only known at run time or where shapes do not fit.
 */
export function inferShapes(node: InferenceNode): TypedShape[] {
  const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined
  if (!rule)
    throw new AssayError('onnx-operator-unsupported', `The model's node ${node.name} uses the operator ${node.op}, which Assay cannot follow yet; ${offer}.`, { node: node.name, operator: node.op })
  try {
    return rule(node)
  } catch (cause) {
    if (cause instanceof AssayError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AssayError('onnx-shape-unknown', `The shape behind the node ${node.name} (${node.op}) cannot be worked out: ${reason}.`, { node: node.name, operator: node.op }, { cause })
  }
}
