/**
 * Models that take colours as BGR, or dark for light. A bundle's manifest knows neither, so the model is given the nodes
 * that turn its input round.
 */
import type { ModelSettings } from '../../shared/models'
import { int } from '../onnx/model'
import type { OnnxModel, OnnxNode } from '../onnx/model'
import { int64 } from '../tensor/tensor'

type Turning = Pick<ModelSettings, 'channelOrder' | 'inverted'>

/**
 * The model behind a reversal of its channels and a change of sign, where the settings ask for them. With the sign goes
 * another mean (`normalisationOf`): −(x − (1 − mean)) / std is ((1 − x) − mean) / std.
 */
export function withAdaptedInput(model: OnnxModel, { channelOrder, inverted }: Turning, layout: ModelSettings['layout']): OnnxModel {
  const [input, ...others] = model.graph.inputs
  if (!input || (channelOrder === 'rgb' && !inverted)) return model
  const taken = new Set([...model.graph.inputs.map(({ name }) => name), ...model.graph.initializers.keys(), ...model.graph.nodes.flatMap(({ outputs }) => outputs)])
  const unique = (wanted: string): string => {
    let name = wanted
    while (taken.has(name)) name = `${name}_`
    taken.add(name)
    return name
  }
  const initializers = new Map(model.graph.initializers)
  const nodes: OnnxNode[] = []
  const image = unique('assay_image')
  let behind = image
  const append = (op: string, more: string[], attributes: OnnxNode['attributes'], last: boolean): void => {
    const output = last ? input.name : unique(`assay_${op}`)
    nodes.push({ op, domain: '', name: unique(`assay/${op}`), inputs: [behind, ...more], outputs: [output], attributes })
    behind = output
  }
  if (channelOrder === 'bgr') {
    const order = unique('assay_channel_order')
    initializers.set(order, int64([3], [2, 1, 0]))
    append('Gather', [order], { axis: int(layout === 'nchw' ? 1 : 3) }, !inverted)
  }
  if (inverted) append('Neg', [], {}, true)
  return { ...model, graph: { ...model.graph, initializers, nodes: [...nodes, ...model.graph.nodes], inputs: [{ ...input, name: image }, ...others] } }
}

/**
 * Mean and standard deviation for the manifest of an adapted model: there they are in the order of the image's channels,
 * here in that of the model's. @param values one per channel
 */
export function normalisationOf({ mean, std }: { mean: readonly number[]; std: readonly number[] }, { channelOrder, inverted }: Turning): { mean: number[]; std: number[] } {
  const ordered = (values: readonly number[]): number[] => (channelOrder === 'bgr' ? [...values].reverse() : [...values])
  return { mean: ordered(mean).map((value) => (inverted ? 1 - value : value)), std: ordered(std) }
}

/** The same turning of images in memory. @param x [channels, height, width] in [0, 1] */
export function adaptedImage(x: Float32Array, { channelOrder, inverted }: Turning): Float32Array {
  const out = new Float32Array(x.length)
  const size = x.length / 3
  for (let i = 0; i < x.length; i++) {
    const value = channelOrder === 'bgr' ? x[(2 - Math.floor(i / size)) * size + (i % size)]! : x[i]!
    out[i] = inverted ? 1 - value : value
  }
  return out
}
