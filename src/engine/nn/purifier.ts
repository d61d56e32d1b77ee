/**
 * The purifier: a denoising autoencoder with skip connections that predicts what to take away from an image, after
 * the architecture that Shim & Jo (IEEE Access 13, 2025) describe in their abstract; layers and losses are our
 * reconstruction.
 *
 * It works on 2 × 2 blocks of pixels as channels, which quarters the cost of the first layers without losing detail.
 */
import type { GraphBuilder, Value } from '../onnx/builder'
import { clip, concat, conv, depthToSpace, div, enlarge, leakyRelu, spaceToDepth, sub } from '../onnx/ops'
import type { ParameterSource } from './parameters'

export interface PurifierShape {
  /** Channels at half the image's resolution; doubled at a quarter and at an eighth. */
  width: number
  /** Convolutions at the bottleneck. */
  depth: number
}

const slope = 0.1

function convolution(g: GraphBuilder, p: ParameterSource, name: string, x: Value, channels: number, options: { kernel?: 1 | 3; stride?: number; gain?: number } = {}): Value {
  const { kernel = 3, stride = 1, gain = 1 } = options
  const inputs = x.shape[1]!
  const w = p(`${name}.weight`, [channels, inputs, kernel, kernel], { kind: 'normal', deviation: gain * Math.sqrt(2 / (inputs * kernel * kernel)) }, true)
  const bias = p(`${name}.bias`, [channels], { kind: 'constant', value: 0 })
  const border = (kernel - 1) / 2
  return conv(g, x, w, bias, { strides: [stride, stride], pads: [border, border, border, border] })
}

export interface Purified {
  /** [N, C, H, W]; not yet clipped, so that its gradient never dies. */
  image: Value
  /** The bottleneck [N, 4·width, H/8, W/8], where the Siamese twins are compared. */
  embedding: Value
}

/** @param x [N, C, H, W] in [0, 1]; H and W must be divisible by 8. */
export function denoisingAutoencoder(g: GraphBuilder, p: ParameterSource, x: Value, { width, depth }: PurifierShape): Purified {
  const layer = (name: string, input: Value, channels: number, stride = 1) => leakyRelu(g, convolution(g, p, name, input, channels, { stride }), slope)
  const blocks = div(g, sub(g, spaceToDepth(g, x, 2), 0.5), 0.25)

  const fine = layer('encode.fine2', layer('encode.fine1', blocks, width), width)
  const middle = layer('encode.middle2', layer('encode.middle1', fine, 2 * width, 2), 2 * width)
  let embedding = layer('encode.coarse', middle, 4 * width, 2)
  for (let i = 0; i < depth; i++) embedding = layer(`bottleneck.${i}`, embedding, 4 * width)

  const up = (name: string, input: Value, channels: number) => enlarge(g, convolution(g, p, name, input, channels, { kernel: 1 }), 2)
  const decodedMiddle = layer('decode.middle', concat(g, [up('rise.middle', embedding, 2 * width), middle], 1), 2 * width)
  const decodedFine = layer('decode.fine', concat(g, [up('rise.fine', decodedMiddle, width), fine], 1), width)
  // Nearly zero at first: an untrained purifier leaves the image as it is.
  const noise = depthToSpace(g, convolution(g, p, 'noise', decodedFine, blocks.shape[1]!, { gain: 0.01 }), 2)
  return { image: sub(g, x, noise), embedding }
}

/** What the shipped purifier answers: the purified image within [0, 1], and the bottleneck, which the detector may look at. */
export function purifiedWithEmbedding(g: GraphBuilder, p: ParameterSource, x: Value, shape: PurifierShape): Purified {
  const { image, embedding } = denoisingAutoencoder(g, p, x, shape)
  return { image: clip(g, image, 0, 1), embedding }
}

export const purified = (g: GraphBuilder, p: ParameterSource, x: Value, shape: PurifierShape): Value => purifiedWithEmbedding(g, p, x, shape).image
