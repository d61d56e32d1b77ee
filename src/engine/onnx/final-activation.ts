/**
 * Attacks on probabilities fail for want of gradients, not because the model is robust: the last Softmax or Sigmoid is
 * taken off, and what it was given comes out.
 */
import { attribute, dataTypeNumbers, type OnnxGraph, type OnnxModel, type OnnxNode } from './model'

export type FinalActivation = 'Softmax' | 'Sigmoid' | 'LogSoftmax'
const activations = new Set<string>(['Softmax', 'Sigmoid', 'LogSoftmax'] satisfies FinalActivation[])
const isActivation = ({ op, domain }: OnnxNode): boolean => domain === '' && activations.has(op)

/** Nodes that put the same numbers into another shape. */
const views = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'])
const floatTypes = [dataTypeNumbers.float16, dataTypeNumbers.float32, dataTypeNumbers.float64]

/** Whether the node's first output holds the numbers of its first input, each in its place. */
function keepsValues(node: OnnxNode, { initializers }: OnnxGraph): boolean {
  if (node.domain !== '') return false
  if (views.has(node.op)) return true
  if (node.op === 'Cast') return floatTypes.includes(attribute(node, 'to', 'int') ?? -1)
  if (node.op !== 'Dropout') return false
  // Without its third input, which says that the model is being trained, nothing is dropped.
  const training = node.inputs[2]
  return !training || Number(initializers.get(training)?.data[0] ?? 1) === 0
}

/** The node that the first output's numbers come from, where it is an activation. */
function activationOf({ graph }: OnnxModel): OnnxNode | undefined {
  let name = graph.outputs[0]?.name
  // In a damaged file nodes may go round in circles.
  for (let seen = 0; seen <= graph.nodes.length; seen++) {
    const node = graph.nodes.find(({ outputs }) => outputs[0] === name)
    if (!node) return undefined
    if (isActivation(node)) return node
    if (!keepsValues(node, graph)) return undefined
    name = node.inputs[0]
  }
  return undefined
}

/** The activation that ends the model; undefined where there is none, or where something else was done to its numbers. */
export const finalActivation = (model: OnnxModel): FinalActivation | undefined => activationOf(model)?.op as FinalActivation | undefined

/**
 * The model with its first output alone, which gives what the final activation was given, in the shape that it had; the
 * same model where there is none.
 */
export function withoutFinalActivation(model: OnnxModel): OnnxModel {
  const activation = activationOf(model)
  if (!activation) return model
  const { graph } = model
  const nodes = graph.nodes.map((node): OnnxNode => (node === activation ? { ...node, op: 'Identity', attributes: {} } : node))
  return { ...model, graph: { ...graph, nodes, outputs: graph.outputs.slice(0, 1) } }
}
