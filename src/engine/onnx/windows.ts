/**
 * Geometry of sliding windows: convolutions, their transposes, and pools. Source: the operators Conv, ConvTranspose and
 * MaxPool of the ONNX operator specification.
 */
import type { Shape } from '../tensor/tensor'
import { attribute, type Attributes } from './model'

export interface WindowGeometry {
  kernel: number[]
  strides: number[]
  dilations: number[]
  /** Begin pads of all axes, then end pads. */
  pads: number[]
  output: number[]
}

/**
 * Geometry of a sliding window, with auto_pad resolved into pads. ONNX Runtime pads dilated windows as if they were not
 * dilated, and theirs are the answers of a model; of convolutions it refuses them.
 */
export function windowGeometry(node: { attributes: Attributes }, spatial: Shape, kernel: readonly number[]): WindowGeometry {
  const n = spatial.length
  const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
  const dilations = attribute(node, 'dilations', 'ints') ?? kernel.map(() => 1)
  const extent = kernel.map((k, i) => (k - 1) * dilations[i]! + 1)
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET'
  const pads = attribute(node, 'pads', 'ints')?.slice() ?? Array<number>(2 * n).fill(0)
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER')
    for (let i = 0; i < n; i++) {
      const total = Math.max(0, (Math.ceil(spatial[i]! / strides[i]!) - 1) * strides[i]! + kernel[i]! - spatial[i]!)
      const small = Math.floor(total / 2)
      pads[i] = auto === 'SAME_UPPER' ? small : total - small
      pads[n + i] = total - pads[i]!
    }
  if (auto === 'VALID') pads.fill(0)
  const ceil = attribute(node, 'ceil_mode', 'int') === 1
  const output = spatial.map((d, i) => {
    const span = (d + pads[i]! + pads[n + i]! - extent[i]!) / strides[i]!
    if (!ceil) return Math.floor(span) + 1
    const count = Math.ceil(span) + 1
    // A window must start inside the image or its left padding.
    return (count - 1) * strides[i]! >= d + pads[i]! ? count - 1 : count
  })
  if (output.some((d) => d < 1)) throw new RangeError(`a window of ${kernel} does not fit into ${spatial}`)
  return { kernel: [...kernel], strides, dilations, pads, output }
}

/**
 * Geometry of a transposed convolution, with auto_pad and output_shape resolved into pads; `output` is its output's
 * spatial shape.
 */
export function transposedGeometry(node: { attributes: Attributes }, spatial: Shape, kernel: readonly number[]): WindowGeometry {
  const n = spatial.length
  const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
  const dilations = attribute(node, 'dilations', 'ints') ?? kernel.map(() => 1)
  const outputPadding = attribute(node, 'output_padding', 'ints') ?? kernel.map(() => 0)
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET'
  const pads = attribute(node, 'pads', 'ints')?.slice() ?? Array<number>(2 * n).fill(0)
  const unpadded = spatial.map((d, i) => strides[i]! * (d - 1) + outputPadding[i]! + (kernel[i]! - 1) * dilations[i]! + 1)
  if (auto === 'VALID') pads.fill(0)
  const named = attribute(node, 'output_shape', 'ints')?.slice(-n)
  if (!named && auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') return { kernel: [...kernel], strides, dilations, pads, output: unpadded.map((d, i) => d - pads[i]! - pads[n + i]!) }
  // What lies behind the windows is zero: as much as is named, and nothing where the size is found here.
  const output = named ?? spatial.map((d, i) => Math.min(d * strides[i]!, unpadded[i]!))
  for (let i = 0; i < n; i++) {
    const total = Math.max(0, unpadded[i]! - output[i]!)
    if (output[i]! >= unpadded[i]! + strides[i]!) throw new RangeError(`an output of ${output} is larger than ${unpadded}, which the windows reach, by a stride or more`)
    const small = Math.floor(total / 2)
    pads[i] = auto === 'SAME_UPPER' ? small : total - small
    pads[n + i] = total - pads[i]!
  }
  return { kernel: [...kernel], strides, dilations, pads, output }
}

/** How far the last window of every axis reaches behind the image. */
export const reachBehind = (spatial: Shape, at: WindowGeometry): number[] =>
  at.output.map((d, i) => Math.max(0, (d - 1) * at.strides[i]! + (at.kernel[i]! - 1) * at.dilations[i]! + 1 - spatial[i]! - at.pads[i]!))
