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
import { add, averagePool, concat, conv, div, matMul, mul, reduceMax, reduceMean, relu, sqrt, square, sub } from '../onnx/ops'
import { float32 } from '../tensor/tensor'
import type { ParameterSource } from './parameters'

export interface ClassifierShape {
  classes: number
  /** Channels after the stem; doubled at each of the three poolings. */
  width: number
  /** Residual blocks at each of the four resolutions. */
  blocks: number
  /** Also sees the image without its local mean, magnified: small structures in images that are lit unevenly. */
  localContrast?: boolean | undefined
  /** What the head sees of each feature: its mean over the image, or its largest value too, for findings that are small. */
  pooling?: 'mean' | 'mean-max' | undefined
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

/** Sees what comes out of each layer with a gain and a bias per channel (axis 1), and says what goes on; for setting these from data. */
export type Watch = (name: string, y: Value) => Value
const unwatched: Watch = (_, y) => y

interface Build {
  g: GraphBuilder
  p: ParameterSource
  watch: Watch
}

function convolution({ g, p, watch }: Build, name: string, x: Value, channels: number, kernel: 1 | 3, gain: number, stride = 1): Value {
  const w = standardised(g, p, name, [channels, x.shape[1]!, kernel, kernel], gain)
  const bias = p(`${name}.bias`, [channels], { kind: 'constant', value: 0 })
  const border = (kernel - 1) / 2
  return watch(name, conv(g, x, w, bias, { strides: [stride, stride], pads: [border, border, border, border] }))
}

function residualBlock(build: Build, name: string, x: Value, channels: number): Value {
  const { g, p } = build
  const active = relu(g, x)
  const inner = convolution(build, `${name}.first`, active, channels, 3, reluGain)
  const branch = convolution(build, `${name}.second`, relu(g, inner), channels, 3, reluGain)
  const skip = x.shape[1] === channels ? x : convolution(build, `${name}.skip`, active, channels, 1, 1)
  return add(g, skip, mul(g, branch, p(`${name}.factor`, [1], { kind: 'constant', value: 0.2 })))
}

/** How much the local contrast is magnified. */
const contrastGain = 10

/** x minus its Gaussian mean, [N, C, H, W]; the spread is a thirtieth of the image's width. Outside the image nothing is counted. */
function withoutLocalMean(g: GraphBuilder, x: Value): Value {
  const [, channels, height, width] = x.shape as [number, number, number, number]
  const deviation = width / 30
  const radius = Math.ceil(2 * deviation)
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / deviation) ** 2))
  const kernel = (rows: number, columns: number): Value => g.constant(float32([channels, 1, rows, columns], Float32Array.from({ length: channels * taps.length }, (_, i) => taps[i % taps.length]!)))
  const along = (size: number): number[] => Array.from({ length: size }, (_, at) => taps.reduce((sum, tap, i) => sum + (at + i - radius >= 0 && at + i - radius < size ? tap : 0), 0))
  const [down, across] = [along(height), along(width)]
  const mass = float32([1, 1, height, width], Float32Array.from({ length: height * width }, (_, i) => down[Math.floor(i / width)]! * across[i % width]!))
  const columns = conv(g, x, kernel(taps.length, 1), undefined, { pads: [radius, 0, radius, 0], group: channels })
  const both = conv(g, columns, kernel(1, taps.length), undefined, { pads: [0, radius, 0, radius], group: channels })
  return sub(g, x, div(g, both, g.constant(mass)))
}

/**
 * Logits [N, classes] of images [N, C, H, W] in [0, 1]. H and W must be divisible by 16.
 */
export function residualClassifier(g: GraphBuilder, p: ParameterSource, x: Value, shape: ClassifierShape, watch: Watch = unwatched): Value {
  const build: Build = { g, p, watch }
  const scaled = div(g, sub(g, x, 0.5), 0.25)
  const seen = shape.localContrast ? concat(g, [scaled, mul(g, withoutLocalMean(g, x), contrastGain)], 1) : scaled
  let h = convolution(build, 'stem', seen, shape.width, 3, 1, 2)
  for (let stage = 0; stage < 4; stage++) {
    if (stage > 0) h = averagePool(g, h, 2)
    for (let block = 0; block < shape.blocks; block++) h = residualBlock(build, `stage${stage}.${block}`, h, shape.width * 2 ** stage)
  }
  const active = relu(g, h)
  const mean = reduceMean(g, active, [2, 3])
  const pooled = shape.pooling === 'mean-max' ? concat(g, [mean, reduceMax(g, active, [2, 3])], 1) : mean
  // Averages over an image differ little from image to image; the gain brings the differences to the size of the weights.
  const count = pooled.shape[1]!
  const features = watch('pooled', add(g, mul(g, pooled, p('pooled.gain', [count], { kind: 'constant', value: 1 })), p('pooled.bias', [count], { kind: 'constant', value: 0 })))
  const w = p('head.weight', [features.shape[1]!, shape.classes], { kind: 'normal', deviation: 0.01 }, true)
  return add(g, matMul(g, features, w), p('head.bias', [shape.classes], { kind: 'constant', value: 0 }))
}
