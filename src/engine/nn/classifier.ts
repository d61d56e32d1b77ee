/**
 * The residual classifier: a normaliser-free ResNet.
 *
 * Instead of normalising activations, weights are standardised (Brock, De & Smith, "Characterizing signal propagation
 * to close the performance gap in unnormalized ResNets", ICLR 2021; Qiao et al., "Micro-batch training with
 * batch-channel normalization and weight standardization", 2019), and each residual branch has a learned factor. Batch
 * size plays no part, and an exported network is plain convolutions, Relu, averages and sums: the form that is fastest
 * to attack and to screen with.
 */
import type { GraphBuilder, Value } from '../onnx/builder'
import { add, averagePool, conv, div, matMul, mul, reduceMean, relu, sqrt, square, sub } from '../onnx/ops'
import type { ParameterSource } from './parameters'

export interface ClassifierShape {
  classes: number
  /** Channels after the stem; doubled at each of the three poolings. */
  width: number
  /** Residual blocks at each of the four resolutions. */
  blocks: number
}

/** Keeps a Relu network's variance at 1 when its weights are standardised: √(2 / (1 − 1/π)). */
const reluGain = 1.7139

/** Standardised weights: mean 0 and variance 1/fan-in per output channel, times a learned gain. */
function standardised(g: GraphBuilder, p: ParameterSource, name: string, shape: [number, number, number, number], gain: number): Value {
  const fanIn = shape[1] * shape[2] * shape[3]
  const w = p(`${name}.weight`, shape, { kind: 'normal', deviation: Math.sqrt(1 / fanIn) }, true)
  const learned = p(`${name}.gain`, [shape[0], 1, 1, 1], { kind: 'constant', value: 1 })
  const centred = sub(g, w, reduceMean(g, w, [1, 2, 3], true))
  const variance = reduceMean(g, square(g, centred), [1, 2, 3], true)
  return mul(g, div(g, centred, sqrt(g, add(g, mul(g, variance, fanIn), 1e-4))), mul(g, learned, gain))
}

function convolution(g: GraphBuilder, p: ParameterSource, name: string, x: Value, channels: number, kernel: 1 | 3, gain: number, stride = 1): Value {
  const w = standardised(g, p, name, [channels, x.shape[1]!, kernel, kernel], gain)
  const bias = p(`${name}.bias`, [channels], { kind: 'constant', value: 0 })
  const border = (kernel - 1) / 2
  return conv(g, x, w, bias, { strides: [stride, stride], pads: [border, border, border, border] })
}

function residualBlock(g: GraphBuilder, p: ParameterSource, name: string, x: Value, channels: number): Value {
  const active = relu(g, x)
  const inner = convolution(g, p, `${name}.first`, active, channels, 3, reluGain)
  const branch = convolution(g, p, `${name}.second`, relu(g, inner), channels, 3, reluGain)
  const skip = x.shape[1] === channels ? x : convolution(g, p, `${name}.skip`, active, channels, 1, 1)
  return add(g, skip, mul(g, branch, p(`${name}.factor`, [1], { kind: 'constant', value: 0.2 })))
}

/**
 * Logits [N, classes] of images [N, C, H, W] in [0, 1]. H and W must be divisible by 16.
 */
export function residualClassifier(g: GraphBuilder, p: ParameterSource, x: Value, shape: ClassifierShape): Value {
  let h = convolution(g, p, 'stem', div(g, sub(g, x, 0.5), 0.25), shape.width, 3, 1, 2)
  for (let stage = 0; stage < 4; stage++) {
    if (stage > 0) h = averagePool(g, h, 2)
    for (let block = 0; block < shape.blocks; block++) h = residualBlock(g, p, `stage${stage}.${block}`, h, shape.width * 2 ** stage)
  }
  const features = reduceMean(g, relu(g, h), [2, 3])
  const w = p('head.weight', [features.shape[1]!, shape.classes], { kind: 'normal', deviation: 0.01 }, true)
  return add(g, matMul(g, features, w), p('head.bias', [shape.classes], { kind: 'constant', value: 0 }))
}
