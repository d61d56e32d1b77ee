/**
 * Gains and biases set from data before the first step, so that what comes out of every layer has mean 0 and variance 1
 * over a few training images, as batch normalisation would have it, without its dependence on batches afterwards.
 * Salimans & Kingma, "Weight normalization", NeurIPS 2016, section 3.
 */
import { residualClassifier, type ClassifierShape } from '../nn/classifier'
import type { ParameterLayout } from '../nn/parameters'
import { GraphBuilder } from '../onnx/builder'
import { add, div, reduceMean, sqrt, square, sub } from '../onnx/ops'
import { createSession } from '../runtime/session'
import { float32, type Tensor } from '../tensor/tensor'

/** Channels that vary less are not blown up to what the others are. */
const smallestDeviation = 0.02

/** @param weights as initialised @param images [n, C, H, W] in [0, 1] */
export async function settled(layout: ParameterLayout, shape: ClassifierShape, weights: Float32Array, images: Tensor<'float32'>): Promise<Float32Array> {
  const g = new GraphBuilder()
  const names: string[] = []
  const logits = residualClassifier(g, layout.slices(g, g.input('weights', [layout.size])), g.input('x', images.shape), shape, (name, y) => {
    const axes = y.shape.map((_, axis) => axis).filter((axis) => axis !== 1)
    const mean = reduceMean(g, y, axes, true)
    const centred = sub(g, y, mean)
    const deviation = sqrt(g, add(g, reduceMean(g, square(g, centred), axes, true), smallestDeviation ** 2))
    g.output(`${name} mean`, mean)
    g.output(`${name} deviation`, deviation)
    names.push(name)
    return div(g, centred, deviation)
  })
  g.output('logits', logits)
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const found = await session.run({ weights: float32([weights.length], weights), x: images })
  await session.release()
  const values = layout.tensors(weights)
  for (const name of names) {
    const [mean, deviation] = [found[`${name} mean`]!.data, found[`${name} deviation`]!.data]
    const [gain, bias] = [values.get(`${name}.gain`)!.data, values.get(`${name}.bias`)!.data]
    for (let c = 0; c < gain.length; c++) {
      gain[c] = gain[c]! / Number(deviation[c])
      bias[c] = (bias[c]! - Number(mean[c])) / Number(deviation[c])
    }
  }
  return layout.flat(values)
}
