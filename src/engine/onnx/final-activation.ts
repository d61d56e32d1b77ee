/**
 * Attacks on probabilities fail for want of gradients, not because the model is robust: the last Softmax or Sigmoid is
 * taken off, and what it was given comes out.
 */
import type { OnnxModel } from './model'

const activations = new Set(['Softmax', 'Sigmoid', 'LogSoftmax'])

/** The model with the input of its first output's final activation as output; the same model where there is none. */
export function withoutFinalActivation(model: OnnxModel): OnnxModel {
  const [output] = model.graph.outputs
  if (!output) return model
  const producer = (name: string) => model.graph.nodes.find((node) => node.outputs.includes(name))
  let last = producer(output.name)
  // Exporters name their output by an Identity behind the activation.
  while (last?.op === 'Identity') last = producer(last.inputs[0]!)
  if (!last || !activations.has(last.op)) return model
  return { ...model, graph: { ...model.graph, outputs: [{ ...output, name: last.inputs[0]! }] } }
}
