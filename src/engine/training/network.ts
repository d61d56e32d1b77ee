/**
 * A network whose parameters can be learned, as the classifier's training sees it: our own, or one read from a bundle
 * (onnx-network.ts). Training asks for nothing else, so that it need not know where a network came from.
 */
import { residualClassifier, type ClassifierShape } from '../nn/classifier'
import { ParameterLayout, type ParameterSource } from '../nn/parameters'
import type { GraphBuilder, Value } from '../onnx/builder'
import { sizeOf, type Tensor } from '../tensor/tensor'
import { exportNetwork } from './export'
import { settled } from './settle'

/** A layer as a person counts them when some are to keep their weights. */
export interface Layer {
  readonly name: string
  /** Names of its parameters in the layout. */
  readonly parameters: readonly string[]
  /** How many numbers these are. */
  readonly size: number
}

export interface TrainableNetwork {
  /** Names, shapes and decay; the order is that of the flat vector. */
  readonly layout: ParameterLayout
  /** How many numbers it has in all: those of the layout, and those of layers that stay as they are. */
  readonly size: number
  /** Weights to start from; undefined where they are initialised by the seed. */
  readonly initial: Float32Array | undefined
  /** Initialised weights made fit for the data by a few of its images [n, C, H, W]; absent where there is nothing to make fit. */
  settle?(weights: Float32Array, images: Tensor<'float32'>): Promise<Float32Array>
  /** Logits [N, classes] of images [N, C, H, W] in [0, 1]. */
  logits(g: GraphBuilder, p: ParameterSource, x: Value): Value
  /** The finished classifier as an ONNX file, as a bundle declares it. @param weights flat, in the layout's order */
  export(weights: Float32Array): Promise<Uint8Array>
  /** From input to output. */
  readonly layers: readonly Layer[]
}

/** Layers in the order in which `layerOf` first names them. */
export function layersOf(layout: ParameterLayout, layerOf: (parameter: string) => string): Layer[] {
  const layers = new Map<string, { name: string; parameters: string[]; size: number }>()
  for (const { name, shape } of layout.specs) {
    const key = layerOf(name)
    const layer = layers.get(key) ?? { name: key, parameters: [], size: 0 }
    layer.parameters.push(name)
    layer.size += sizeOf(shape)
    layers.set(key, layer)
  }
  return [...layers.values()]
}

/** The residual classifier from scratch. @param input [C, H, W] */
export function ourClassifier(shape: ClassifierShape, input: readonly number[]): TrainableNetwork {
  const logits = (g: GraphBuilder, p: ParameterSource, x: Value): Value => residualClassifier(g, p, x, shape)
  const layout = ParameterLayout.of((g, p) => logits(g, p, g.input('x', [1, ...input])))
  return {
    layout,
    size: layout.size,
    initial: undefined,
    settle: (weights, images) => settled(layout, shape, weights, images),
    logits,
    export: (weights) => exportNetwork({ layout, input, output: 'logits', network: logits }, weights),
    // `stage1.0.first.weight` belongs to the block `stage1.0`.
    layers: layersOf(layout, (name) => /^stage\d+\.\d+/.exec(name)?.[0] ?? name.split('.')[0]!),
  }
}
