/**
 * Which initializers of a foreign classifier are weights: what a convolution, a matrix product or a normalisation
 * learns, and the vectors that are added or multiplied behind one. Everything else stays as it is: stored means and
 * variances, the normalisation in front, bounds, masks, tables of positions.
 */
import type { OnnxGraph, OnnxNode } from '../onnx/model'
import { neededNodes } from '../onnx/needed'
import type { Tensor } from '../tensor/tensor'

export interface FoundParameter {
  name: string
  data: Tensor
  /** Weights yes; biases, scales and slopes no. */
  decay: boolean
  /** Index of its layer. */
  layer: number
}

export interface FoundParameters {
  parameters: FoundParameter[]
  /** Names of the layers, from input to output. */
  layers: string[]
}

/** Inputs that are learned: those that weight decay pulls on, and the others. */
interface Learned {
  weights?: readonly number[]
  others?: readonly number[]
}
const convolution: Learned = { weights: [1], others: [2] }
const product: Learned = { weights: [0, 1], others: [2] }
const recurrent: Learned = { weights: [1, 2], others: [3] }
const normalisation: Learned = { others: [1, 2] }
const learned: Record<string, Learned> = {
  Conv: convolution, ConvTranspose: convolution, FusedConv: convolution,
  Gemm: product, FusedGemm: product, MatMul: product, FusedMatMul: product,
  RNN: recurrent, GRU: recurrent, LSTM: recurrent,
  BatchNormalization: normalisation, InstanceNormalization: normalisation, GroupNormalization: normalisation, LayerNormalization: normalisation,
  RMSNormalization: normalisation, SimplifiedLayerNormalization: normalisation,
  PRelu: { others: [1] },
}

/** Between a stored weight and the operator that uses it: the same numbers, arranged otherwise. */
const views = new Set(['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'])

/** More than one number, along one axis. */
const isVector = ({ shape }: Tensor): boolean => shape.filter((d) => d !== 1).length === 1

/** The initializer that a value is, perhaps seen from another side. */
export function initializerOf(graph: OnnxGraph, producers: ReadonlyMap<string, OnnxNode>, value: string | undefined): string | undefined {
  if (!value) return undefined
  if (graph.initializers.has(value)) return value
  const producer = producers.get(value)
  return producer && producer.domain === '' && views.has(producer.op) ? initializerOf(graph, producers, producer.inputs[0]) : undefined
}

export const producersOf = (graph: OnnxGraph): Map<string, OnnxNode> => new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))

/** In the order in which the output's computation meets them. */
export function parametersOf(graph: OnnxGraph, output: string): FoundParameters {
  const producers = producersOf(graph)
  const fromImage = new Set(graph.inputs.map((input) => input.name))
  /** Values that a weight had a part in. */
  const learnedValues = new Set<string>()
  const found = new Map<string, FoundParameter>()
  const layers: { weight?: string; bias?: string; node: string }[] = []

  for (const node of neededNodes(graph, [output])) {
    if (!node.inputs.some((name) => fromImage.has(name))) continue
    const take = (index: number, decay: boolean): string | undefined => {
      const name = initializerOf(graph, producers, node.inputs[index])
      const data = name === undefined ? undefined : graph.initializers.get(name)!
      if (name === undefined || !data || !['float32', 'float16'].includes(data.dtype)) return undefined
      if (decay) layers.push({ weight: name, node: node.name })
      else if (layers.length === 0) layers.push({ node: node.name })
      if (!found.has(name)) found.set(name, { name, data, decay, layer: layers.length - 1 })
      return name
    }
    const { weights = [], others = [] } = learned[node.op] ?? {}
    const taken = weights.flatMap((index) => take(index, true) ?? [])
    for (const index of others) {
      const name = take(index, false)
      const layer = layers.at(-1)
      if (name !== undefined && taken.length > 0 && layer) layer.bias ??= name
    }
    if ((node.op === 'Add' || node.op === 'Mul') && node.inputs.some((name) => learnedValues.has(name)))
      node.inputs.forEach((value, index) => {
        const name = initializerOf(graph, producers, value)
        if (name !== undefined && isVector(graph.initializers.get(name)!)) take(index, false)
      })
    const isLearned = node.inputs.some((name) => learnedValues.has(name) || found.has(initializerOf(graph, producers, name) ?? ''))
    for (const name of node.outputs) {
      fromImage.add(name)
      if (isLearned) learnedValues.add(name)
    }
  }
  // A layer of which every weight was met before has nothing of its own.
  const parameters = [...found.values()]
  const used = [...new Set(parameters.map((p) => p.layer))]
  return {
    parameters: parameters.map((p) => ({ ...p, layer: used.indexOf(p.layer) })),
    layers: used.map((index) => layerName(layers[index]!)),
  }
}

/** `features.0` of `features.0.weight` or `features.0.bias`, else what the file calls the node. */
function layerName({ weight, bias, node }: { weight?: string; bias?: string; node: string }): string {
  for (const [name, suffix] of [[weight, '.weight'], [bias, '.bias']] as const) if (name?.endsWith(suffix)) return name.slice(0, -suffix.length)
  return node || weight || 'first'
}
