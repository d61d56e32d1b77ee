/**
 * Another last layer for a foreign classifier whose classes are not those that it is to learn: the same matrix product or
 * convolution with other outputs, freshly initialised. Only the plain case: what lies behind the layer must take any
 * number of classes.
 */
import { AssayError } from '../../shared/errors'
import type { Initial } from '../nn/parameters'
import { attribute, type OnnxGraph, type OnnxModel, type OnnxNode } from '../onnx/model'
import { namesUsed } from '../onnx/needed'
import { zeros, type Tensor } from '../tensor/tensor'
import { initializerOf, producersOf } from './onnx-parameters'

export interface NewHead {
  /** The model with tensors of the new shape (all zero) in place of the layer's. */
  model: OnnxModel
  /** How the layer's parameters begin, by name. */
  initial: ReadonlyMap<string, Initial>
  /** Values whose declared shape no longer holds. */
  undeclared: ReadonlySet<string>
}

/** Operators behind a last layer that do not ask how many classes there are, and pass on their first input's. */
const indifferent = new Set(['Identity', 'Relu', 'GlobalAveragePool', 'AveragePool', 'GlobalMaxPool', 'ReduceMean', 'Flatten', 'Squeeze', 'Softmax', 'LogSoftmax', 'Sigmoid', 'Cast', 'Dropout', 'Reshape'])

/**
 * @param model with its logits as first output @param outputs how many there are to be
 * @throws AssayError `invalid-arguments` naming the node that stands in the way
 */
export function withNewHead(model: OnnxModel, outputs: number): NewHead {
  const { graph } = model
  const producers = producersOf(graph)
  const refuse = (why: string) =>
    new AssayError('invalid-arguments', `The classifier has other classes than the data, and its last layer cannot be replaced (${why}); use data with its classes, or train a classifier from scratch.`)
  const output = graph.outputs[0]!.name

  /** From the output back to the layer, and the bias that is added on the way. */
  let value = output
  let bias: string | undefined
  let node: OnnxNode | undefined
  for (;;) {
    node = producers.get(value)
    if (!node) throw refuse('it ends without a matrix product or a convolution')
    if (['Gemm', 'MatMul', 'Conv'].includes(node.op) && node.domain === '') break
    const constant = node.inputs.findIndex((name) => initializerOf(graph, producers, name) !== undefined)
    if (node.op === 'Add' && constant >= 0 && bias === undefined) {
      bias = node.inputs[constant]
      value = node.inputs[1 - constant]!
    } else if (indifferent.has(node.op) && node.domain === '') value = node.inputs[0]!
    else throw refuse(`its node ${node.name}, operator ${node.op}, stands behind the last layer`)
  }
  if (attribute(node, 'transA', 'int') || (attribute(node, 'group', 'int') ?? 1) !== 1) throw refuse(`its last layer ${node.name} is of an unusual form`)

  const replaced = new Map<string, Tensor>()
  const initial = new Map<string, Initial>()
  const put = (name: string | undefined, axis: (tensor: Tensor, turned: boolean) => number, begin: (fanIn: number) => Initial): void => {
    const source = initializerOf(graph, producers, name)
    if (name === undefined || source === undefined) throw refuse(`the weights of its last layer ${node.name} are computed`)
    const view = source === name ? undefined : producers.get(name)
    if (view && (view.op !== 'Transpose' || view.inputs[0] !== source)) throw refuse(`the weights of its last layer ${node.name} are rearranged`)
    if (graph.nodes.filter((other) => namesUsed(other).includes(source)).length > 1) throw refuse(`the weights of its last layer ${node.name} are used elsewhere too`)
    const old = graph.initializers.get(source)!
    const at = axis(old, view !== undefined)
    const shape = old.shape.map((d, i) => (i === at ? outputs : d))
    replaced.set(source, zeros(old.dtype, shape))
    initial.set(source, begin(old.data.length / old.shape[at]!))
  }
  const classesAxis = (weight: Tensor, turned: boolean): number => {
    if (node.op === 'Conv') return 0
    return weight.shape.length - 1 - Number(turned !== Boolean(attribute(node, 'transB', 'int')))
  }
  // As PyTorch begins: a uniform distribution of this deviation would reach to 1/√fan-in.
  put(node.inputs[1], classesAxis, (fanIn) => ({ kind: 'normal', deviation: 1 / Math.sqrt(3 * fanIn) }))
  for (const name of [node.inputs[2], bias]) if (name) put(name, (vector) => vector.shape.findIndex((d) => d === Math.max(...vector.shape)), () => ({ kind: 'constant', value: 0 }))

  const initializers = new Map([...graph.initializers].map(([name, data]) => [name, replaced.get(name) ?? data]))
  return { model: { ...model, graph: { ...graph, initializers } }, initial, undeclared: behind(graph, node) }
}

/** Everything that is computed from a node. */
function behind(graph: OnnxGraph, node: OnnxNode): Set<string> {
  const found = new Set(node.outputs)
  for (const other of graph.nodes) if (namesUsed(other).some((name) => found.has(name))) for (const name of other.outputs) found.add(name)
  return found
}
