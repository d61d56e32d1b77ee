/** Convolutions, pools and resizing. */
import { attribute, dataTypeNumbers, int, ints, type OnnxNode } from '../../onnx/model'
import { resizeScales, resizeSettings, resizeWeights } from '../../onnx/resize'
import { transposedGeometry, windowGeometry } from '../../onnx/windows'
import { float32, int64, sizeOf, zeros, type DType, type Shape, type Tensor } from '../../tensor/tensor'
import { cut, farEnd, gathered, intAttribute, integers, padded, range, type Emit, type Write } from './emit'

/**
 * A gradient asks for the places of the maxima, which the WebGPU kernel does not tell: it fails at run time. No kernel
 * of WebGPU takes float64, so that the places are found on the CPU, in the same values; the maxima stay on the device.
 */
export const maxPool: Write = (emit, node) => {
  const [maxima, places] = node.outputs
  if (!places) return false
  const [x] = node.inputs as [string]
  if (maxima) emit('MaxPool', [x], node.attributes, maxima)
  emit('MaxPool', [emit('Cast', [x], { to: int(dataTypeNumbers.float64) })], node.attributes, [`${places}/maxima`, places])
  return true
}

const upTo = (n: number, step: number): number => Math.ceil(n / step) * step
const without = (node: OnnxNode, ...names: string[]) => Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)))

export const conv: Write = (emit, node) => {
  const weights = emit.typeOf(node.inputs[1])?.shape
  if (!weights || weights.length < 3) return false
  if (intAttribute(node, 'group', 1) === 1) return weights.length < 5 && ungrouped(emit, node, weights)
  return weights.length < 5 ? grouped(emit, node, weights) : groupByGroup(emit, node, weights)
}

/**
 * Two errors of the WebGPU kernel, both without a word. It reads channels in threes where their number divides by three
 * and not by four and the outputs come in fours, and of more than three channels it reads the wrong ones: with zeros for
 * channels there are fours of them. And where it computes a matrix product instead, by kernels of one pixel or as large
 * as the image, it looks at the pads before the image alone. A stride more of those leads to the other way, and to one
 * row of outputs more. (A Pad of its own would be taken back into the convolution.)
 */
function ungrouped(emit: Emit, node: OnnxNode, weights: Shape): boolean {
  const [co, ci, ...kernel] = weights as [number, number, ...number[]]
  const [x, w, ...bias] = node.inputs as [string, string, ...string[]]
  const n = kernel.length
  const spatial = emit.typeOf(x)?.shape.slice(2)
  const automatic = (attribute(node, 'auto_pad', 'string') ?? 'NOTSET').startsWith('SAME')
  const pads = automatic ? spatial && windowGeometry(node, spatial, kernel).pads : (attribute(node, 'pads', 'ints') ?? Array<number>(2 * n).fill(0))
  const strides = attribute(node, 'strides', 'ints') ?? kernel.map(() => 1)
  const noneBefore = pads?.slice(0, n).every((p) => p === 0) ?? false
  const onePixel = kernel.every((k) => k === 1) && strides.every((s) => s === 1)
  const padsForgotten = noneBefore && pads!.some((p) => p > 0) && (onePixel || !spatial || kernel.every((k, i) => k === spatial[i]))
  const byMatrix = onePixel && noneBefore && !padsForgotten
  const channels = ci > 3 && ci % 3 === 0 && ci % 4 !== 0 && co % 4 === 0 && !byMatrix ? upTo(ci, 4) - ci : 0
  if (!channels && !padsForgotten) return false
  const enlarged = padded(emit, x, [...Array<number>(n + 2).fill(0), 0, channels, ...Array<number>(n).fill(0)])
  const inputs = [enlarged, withChannels(emit, w, weights, channels), ...bias]
  if (!padsForgotten) emit('Conv', inputs, node.attributes, node.outputs[0])
  else cut(emit, emit('Conv', inputs, { ...without(node, 'auto_pad'), pads: ints([strides[0]!, ...pads!.slice(1)]) }), 1, farEnd, 2, node.outputs[0])
  return true
}

/** [Co, Ci + more, …]: a tensor of the model is enlarged here, what is computed where it is computed. */
function withChannels(emit: Emit, w: string, shape: Shape, more: number): string {
  const known = emit.known(w)
  if (!known || !more) return padded(emit, w, shape.concat(shape).map((_, i) => (i === shape.length + 1 ? more : 0)))
  const [co, ci, ...kernel] = shape as [number, number, ...number[]]
  const row = ci * sizeOf(kernel)
  const larger: Tensor<DType> = zeros(known.dtype, [co, ci + more, ...kernel])
  for (let o = 0; o < co; o++) larger.data.set(known.data.subarray(o * row, (o + 1) * row) as never, o * (ci + more) * sizeOf(kernel))
  return emit.constant(larger)
}

/**
 * From four outputs per group on, the WebGPU kernel computes two or four at once, as many as divide all outputs, and
 * takes them to be of one group. Where groups end in between, every group is filled up to fours with outputs that are
 * thrown away.
 */
function grouped(emit: Emit, node: OnnxNode, [co]: Shape): boolean {
  const group = intAttribute(node, 'group', 1)
  const each = co! / group
  const atOnce = [4, 2, 1].find((n) => co! % n === 0)!
  if (each < 4 || each % atOnce === 0) return false
  const filled = upTo(each, 4)
  const [x, ...others] = node.inputs as [string, ...string[]]
  const chosen = range(group * filled).map((i) => Math.floor(i / filled) * each + Math.min(i % filled, each - 1))
  const more = emit('Conv', [x, ...others.map((v) => (v ? gathered(emit, v, chosen, 0) : ''))], node.attributes)
  gathered(emit, more, range(co!).map((i) => Math.floor(i / each) * filled + (i % each)), 1, node.outputs[0])
  return true
}

/** In three dimensions the WebGPU kernel takes one group and fails at run time on others: each is a convolution then. */
function groupByGroup(emit: Emit, node: OnnxNode, [co, ci]: Shape): boolean {
  const group = intAttribute(node, 'group', 1)
  const each = co! / group
  const [x, ...others] = node.inputs as [string, ...string[]]
  const parts = range(group).map((i) =>
    emit('Conv', [cut(emit, x, i * ci!, (i + 1) * ci!, 1), ...others.map((v) => (v ? cut(emit, v, i * each, (i + 1) * each, 0) : ''))], without(node, 'group')),
  )
  emit('Concat', parts, { axis: int(1) }, node.outputs[0])
  return true
}

/**
 * An output_shape is written as the pads that it comes to: with it, some models of ours are refused on WebGPU, for a
 * shape that ONNX Runtime infers wrongly.
 */
export const convTranspose: Write = (emit, node) => {
  const weights = emit.typeOf(node.inputs[1])?.shape
  if (!weights || weights.length < 3) return false
  const spatial = emit.typeOf(node.inputs[0])?.shape.slice(2)
  const plain = !spatial || !node.attributes.output_shape ? node : { ...node, attributes: withPads(node, spatial, weights.slice(2)) }
  if (weights.length === 5) return transposedOnCpu(emit, plain, spatial, weights)
  if (singleOutputs(emit, plain, weights)) return true
  if (plain === node) return false
  emit('ConvTranspose', node.inputs, plain.attributes, node.outputs[0])
  return true
}

/** Attributes of a transposed convolution with pads alone, whatever else said how large its output is. */
function withPads(node: OnnxNode, spatial: Shape, kernel: readonly number[]) {
  const { strides, dilations, pads, output } = transposedGeometry(node, spatial, kernel)
  const n = kernel.length
  const padding = kernel.map((k, i) => output[i]! + pads[i]! + pads[n + i]! - strides[i]! * (spatial[i]! - 1) - (k - 1) * dilations[i]! - 1)
  return { ...without(node, 'auto_pad', 'output_shape'), pads: ints(pads), output_padding: ints(padding) }
}

/**
 * Of groups with one output each, the WebGPU kernel multiplies inputs in twos or fours where their number allows it, and
 * takes those of the first group's weights that are as many times too far behind. A second output of zeros per group
 * leads to the kernel for several outputs.
 */
function singleOutputs(emit: Emit, node: OnnxNode, weights: Shape): boolean {
  const [ci, each] = weights as [number, number]
  const group = intAttribute(node, 'group', 1)
  if (group === 1 || each !== 1 || (ci / group) % 2) return false
  const [x, w, bias] = node.inputs as [string, string, string?]
  const doubled = padded(emit, w, weights.concat(weights).map((_, i) => (i === weights.length + 1 ? 1 : 0)))
  const both = emit('ConvTranspose', [x, doubled], node.attributes)
  const ours = gathered(emit, both, range(group).map((i) => 2 * i), 1, bias ? undefined : node.outputs[0])
  if (bias) emit('Add', [ours, emit('Reshape', [bias, integers(emit, [group, ...weights.slice(2).map(() => 1)])])], {}, node.outputs[0])
  return true
}

/**
 * In three dimensions the WebGPU kernel fails at run time. The same operator under this name of ONNX Runtime's own has a
 * kernel of the CPU alone.
 */
function transposedOnCpu(emit: Emit, node: OnnxNode, spatial: Shape | undefined, [, , ...kernel]: Shape): boolean {
  const automatic = (attribute(node, 'auto_pad', 'string') ?? 'NOTSET') !== 'NOTSET'
  if (!spatial && (automatic || node.attributes.output_shape)) return false
  const { pads, ...attributes } = spatial ? withPads(node, spatial, kernel) : node.attributes
  const numbers = pads?.type === 'ints' ? pads.value : Array<number>(2 * kernel.length).fill(0)
  const [x, w, ...bias] = node.inputs as [string, string, ...string[]]
  emit('ConvTransposeWithDynamicPads', [x, w, emit.constant(int64([numbers.length], numbers)), ...bias], attributes, node.outputs[0], 'com.microsoft')
  return true
}

/** The WebGPU kernel does not know how to resize against aliasing, and fails at run time. Axis by axis it is a product with weights. */
export const resize: Write = (emit, node) => {
  const s = resizeSettings(node)
  const [x, y] = [emit.typeOf(node.inputs[0]), emit.typeOf(node.outputs[0])]
  const [given, wanted] = [emit.known(node.inputs[2]), emit.known(node.inputs[3])]
  if (!s.antialias || x?.dtype !== 'float32' || !y || s.coordinates === 'tf_crop_and_resize') return false
  const scales = resizeScales(node, x.shape, y.shape, given?.data.length ? given : undefined, wanted?.data.length ? wanted : undefined)
  const last = x.shape.length - 1
  let value = node.inputs[0]!
  for (const axis of range(last + 1)) {
    const [from, to] = [x.shape[axis]!, y.shape[axis]!]
    if (from === to && scales[axis] === 1) continue
    const weights = resizeWeights(from, to, scales[axis]!, s)
    const turned = emit.constant(float32([from, to], Float32Array.from(weights, (_, i) => weights[(i % to) * from + Math.floor(i / to)]!)))
    const swapped = { perm: ints(range(last + 1).map((i) => (i === axis ? last : i === last ? axis : i))) }
    value = axis === last ? emit('MatMul', [value, turned]) : emit('Transpose', [emit('MatMul', [emit('Transpose', [value], swapped), turned])], swapped)
  }
  emit('Identity', [value], {}, node.outputs[0])
  return true
}
