/** Types and shapes of a model's values, as far as they follow from what is written in it. */
import type { OnnxModel, OnnxNode } from '../../onnx/model'
import { attribute } from '../../onnx/model'
import { inferShapes } from '../../onnx/shape-inference'
import type { InferenceInput } from '../../onnx/shape-rules/rule'

/** The operator set of the rules of inference. */
const rulesOpset = 18
/** What stands between the weights of exported models and the operators that use them, of the same form in every operator set. */
const always = new Set(['Cast', 'DequantizeLinear', 'Identity', 'QuantizeLinear'])

/** Inputs with an open size are left out, and what follows from them. */
export function typesOf({ graph, opsets }: Pick<OnnxModel, 'graph' | 'opsets'>, outer?: ReadonlyMap<string, InferenceInput>): Map<string, InferenceInput> {
  const types = new Map(outer)
  for (const { name, dtype, shape } of graph.inputs) if (shape?.every((d) => typeof d === 'number')) types.set(name, { dtype, shape: shape as number[] })
  for (const [name, t] of graph.initializers) types.set(name, { dtype: t.dtype, shape: t.shape, constant: t })
  const current = (opsets.get('') ?? 0) >= rulesOpset
  for (const node of graph.nodes) {
    const inferred = node.domain === '' && (current || always.has(node.op)) ? outputsOf(node, types) : undefined
    inferred?.forEach((type, i) => node.outputs[i] && types.set(node.outputs[i], type))
  }
  return types
}

function outputsOf(node: OnnxNode, types: ReadonlyMap<string, InferenceInput>): InferenceInput[] | undefined {
  const value = node.op === 'Constant' ? attribute(node, 'value', 'tensor') : undefined
  if (value) return [{ dtype: value.dtype, shape: value.shape, constant: value }]
  const inputs = node.inputs.map((name) => (name ? types.get(name) : undefined))
  if (inputs.some((type, i) => !type && node.inputs[i])) return undefined
  try {
    return inferShapes({ op: node.op, name: node.name, inputs, attributes: node.attributes, outputCount: node.outputs.length })
  } catch {
    // An operator without a rule, or a shape that is computed at run time.
    return undefined
  }
}
